"""The lines of primary quotes become opportunity products, for many opportunities at once.

Claim, resolve, read, compare, send, read back, record; no transaction is open while Salesforce is
asked. What differs is found out anew each time, so that every attempt may be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from console import connections, gateways, product_preview
from console.claims import Claim
from console.custom_reading import read_custom_values
from console.line_facts import quote_facts
from console.models import Quote, SalesforceConnection
from console.product_attempts import record
from console.product_batch import Batch, Rules, Target, facts_of, quote_ids, resolve
from console.product_preview import ProductPreview
from console.product_sending import send
from console.product_troubles import of_products
from console.salesforce.gateway import Gateway, SalesforceError
from console.salesforce.product_gateway import RecordWithProducts
from console.subjects import subjects
from syncrules import retry
from syncrules.facts import TroubleFact


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Salesforce has now, or why it does not say."""

    client: Gateway | None = None
    records: Mapping[str, RecordWithProducts] = field(default_factory=dict)
    trouble: SalesforceError | None = None


def run(claims: Sequence[Claim]) -> int:
    """How many of the claimed pushes were brought to an end that could be recorded.

    What is too much for one batch is given back, and is claimed again at once.
    """
    batch = Batch(claims)
    row, going = batch.row, batch.going
    concerned = {} if batch.is_disabled else _reachable(batch.targets_of(going))
    is_live = batch.connection.is_live
    answer = _ask(row, concerned, batch.rules, is_patient=True) if is_live else _Answer()
    batch.was_read(answer.records)
    if row is not None and answer.trouble is not None:
        connections.note_trouble(row, of_products(answer.trouble))
        for attempt in going:
            if attempt.subject.pk in concerned:
                attempt.could_not_read(answer.trouble, together=len(concerned))
    elif row is not None and answer.client is not None:
        connections.note_success(row)
        send(row, answer.client, batch.to_send(write_ms=row.write_ms))
    elif row is not None:
        connections.nothing_to_try(row)
    return record([*batch.quarantined, *batch.going], watch=batch.watch)


def preview(opportunity_id: int) -> ProductPreview | None:
    """What a push of the products would do now; None without a primary quote.

    Changes nothing but the custom values that it reads, if the amount comes from such a field.
    """
    quote_id = subjects([opportunity_id])[opportunity_id].primary_quote_id
    return preview_quote(quote_id) if quote_id else None


def preview_quote(quote_id: int) -> ProductPreview:
    """What a push would do if this quote were the primary one of its opportunity, as it may be.

    Where Salesforce cannot be read, the verdicts are there and the difference is not.
    """
    rules = Rules()
    owner = Quote.objects.values_list("opportunity_id", flat=True).get(pk=quote_id)
    targets = resolve([owner] if owner else [], quote_id=quote_id)
    row = connections.in_force()
    connection = connections.fact(row)
    answer = _ask(row, _reachable(targets), rules) if connection.is_live else _Answer()
    quotes = quote_facts([quote_id], custom=rules.custom)
    target = targets.get(owner) if owner else None
    if target is None:
        return product_preview.of_quote(quotes[quote_id], rules.chosen)
    facts = facts_of(target, rules, connection, quotes=quotes, records=answer.records)
    if answer.trouble is not None:
        facts = replace(facts, trouble=_told(answer.trouble))
    return product_preview.of_facts(facts, quotes[quote_id], rules.chosen, target.subject)


def _told(error: SalesforceError) -> TroubleFact:
    """What the same trouble would mean for a push that has burnt no attempt yet."""
    own = of_products(error)
    meaning = retry.after_trouble(own.trouble, attempts=0, jitter=0)
    return TroubleFact(meaning.reason, own.code, own.words)


def _reachable(targets: Mapping[int, Target]) -> dict[int, Target]:
    """Those that Salesforce has anything to say about."""
    return {pk: each for pk, each in targets.items() if each.pairing and each.quote_id}


def _ask(
    row: SalesforceConnection | None,
    targets: Mapping[int, Target],
    rules: Rules,
    *,
    is_patient: bool = False,
) -> _Answer:
    """What Salesforce has now; no call where it has nothing to say."""
    if row is None or not targets:
        return _Answer()
    wanted = {target.pairing.salesforce_id for target in targets.values() if target.pairing}
    try:
        client = gateways.to(row, is_patient=is_patient)
        read_custom_values(client.products, quote_ids(targets), fields=rules.to_be_read)
        return _Answer(client, client.products.read_products(wanted))
    except SalesforceError as error:
        return _Answer(trouble=error)
