"""The lines of primary quotes become opportunity products, for many opportunities at once.

Claim, resolve, read, compare, send, read back, record; no transaction is open while Salesforce is
asked. What differs is found out anew each time, so that every attempt may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from console import connections, custom_fields, product_preview, product_settings
from console.claims import Claim
from console.custom_fields import CustomFields
from console.custom_reading import read_custom_values
from console.facts import pairings_of_opportunities
from console.line_facts import quote_facts
from console.models import Quote, SalesforceConnection
from console.product_attempts import ProductAttempt, of_products, record
from console.product_preview import ProductPreview
from console.product_sending import send
from console.product_settings import InForce
from console.salesforce.gateway import Gateway, SalesforceError
from console.salesforce.product_gateway import RecordWithProducts
from console.subjects import Subject, subjects
from console.sync_log import Stopwatch
from syncrules import retry
from syncrules.facts import Connection, Pairing, TroubleFact
from syncrules.line_facts import QuoteFacts
from syncrules.product_push_facts import ProductPushFacts


@dataclass(frozen=True, slots=True)
class _Target:
    """An opportunity with its pair, and the quote whose lines go to it."""

    subject: Subject
    pairing: Pairing | None
    quote_id: int | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Salesforce has now, or why it does not say."""

    client: Gateway | None = None
    records: Mapping[str, RecordWithProducts] = field(default_factory=dict)
    trouble: SalesforceError | None = None


@dataclass(frozen=True, slots=True)
class _Rules:
    """What was chosen, and the custom fields that the choice may mean."""

    chosen: InForce = field(default_factory=product_settings.in_force)
    custom: CustomFields = field(default_factory=custom_fields.in_force)

    @property
    def to_be_read(self) -> frozenset[str]:
        return self.custom.to_be_read(self.chosen.settings.amount_field)


def run(claims: Sequence[Claim]) -> int:
    """How many of the claimed pushes were brought to an end that could be recorded."""
    watch, rules = Stopwatch(), _Rules()
    targets = _resolve(claim.opportunity_id for claim in claims)
    row = connections.in_force()
    connection = connections.fact(row)
    concerned = {} if rules.chosen.settings.is_disabled else _reachable(targets)
    answer = _ask(row, concerned, rules, is_patient=True) if connection.is_live else _Answer()
    quotes = quote_facts(_quote_ids(targets), custom=rules.custom)
    attempts = []
    for claim in claims:
        target = targets[claim.opportunity_id]
        facts = _facts(target, rules, connection, quotes=quotes, records=answer.records)
        if claim.strikes is not None and row is not None:
            facts = replace(facts, strikes=replace(claim.strikes, last_success=row.succeeded_at))
        attempts.append(ProductAttempt(claim, target.subject, facts, rules.chosen.revision))
    if row is not None and answer.trouble is not None:
        connections.note_trouble(row, of_products(answer.trouble))
        for attempt in attempts:
            if attempt.subject.pk in concerned:
                attempt.could_not_read(answer.trouble, together=len(concerned))
    elif row is not None and answer.client is not None:
        connections.note_success(row)
        send(row, answer.client, [attempt for attempt in attempts if attempt.must_write])
    elif row is not None:
        connections.nothing_to_try(row)
    return record(attempts, watch=watch)


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
    rules = _Rules()
    owner = Quote.objects.values_list("opportunity_id", flat=True).get(pk=quote_id)
    targets = _resolve([owner] if owner else [], quote_id=quote_id)
    row = connections.in_force()
    connection = connections.fact(row)
    answer = _ask(row, _reachable(targets), rules) if connection.is_live else _Answer()
    quotes = quote_facts([quote_id], custom=rules.custom)
    target = targets.get(owner) if owner else None
    if target is None:
        return product_preview.of_quote(quotes[quote_id], rules.chosen)
    facts = _facts(target, rules, connection, quotes=quotes, records=answer.records)
    if answer.trouble is not None:
        facts = replace(facts, trouble=_told(answer.trouble))
    return product_preview.of_facts(facts, quotes[quote_id], rules.chosen, target.subject)


def _told(error: SalesforceError) -> TroubleFact:
    """What the same trouble would mean for a push that has burnt no attempt yet."""
    own = of_products(error)
    meaning = retry.after_trouble(own.trouble, attempts=0, jitter=0)
    return TroubleFact(meaning.reason, own.code, own.words)


def _resolve(opportunity_ids: Iterable[int], *, quote_id: int | None = None) -> dict[int, _Target]:
    """`quote_id`: the quote to go instead of the primary one."""
    found = subjects(opportunity_ids)
    pairings = pairings_of_opportunities(found)
    return {
        pk: _Target(each, pairings.get(pk), quote_id or each.primary_quote_id)
        for pk, each in found.items()
    }


def _reachable(targets: Mapping[int, _Target]) -> dict[int, _Target]:
    """Those that Salesforce has anything to say about."""
    return {pk: each for pk, each in targets.items() if each.pairing and each.quote_id}


def _quote_ids(targets: Mapping[int, _Target]) -> set[int]:
    return {target.quote_id for target in targets.values() if target.quote_id is not None}


def _ask(
    row: SalesforceConnection | None,
    targets: Mapping[int, _Target],
    rules: _Rules,
    *,
    is_patient: bool = False,
) -> _Answer:
    """What Salesforce has now; no call where it has nothing to say."""
    if row is None or not targets:
        return _Answer()
    wanted = {target.pairing.salesforce_id for target in targets.values() if target.pairing}
    try:
        client = connections.gateway(row, is_patient=is_patient)
        read_custom_values(client.products, _quote_ids(targets), fields=rules.to_be_read)
        return _Answer(client, client.products.read_products(wanted))
    except SalesforceError as error:
        return _Answer(trouble=error)


def _facts(
    target: _Target,
    rules: _Rules,
    connection: Connection,
    *,
    quotes: Mapping[int, QuoteFacts],
    records: Mapping[str, RecordWithProducts],
) -> ProductPushFacts:
    found = records.get(target.pairing.salesforce_id) if target.pairing else None
    return ProductPushFacts(
        connection=connection,
        opportunity=target.subject.fact,
        settings=rules.chosen.settings,
        pairing=target.pairing,
        primary=target.subject.primary,
        quote=quotes.get(target.quote_id) if target.quote_id else None,
        remote=found.opportunity if found else None,
        products=found.products if found else None,
    )
