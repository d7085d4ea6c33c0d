"""One slice of a run: what is read of Salesforce in one call, and what it shows beside our rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from console import custom_fields, drift_facts, product_settings
from console.custom_reading import read_custom_values
from console.drift_facts import Known, Pair
from console.drift_ledger import Row
from console.drift_reading import Answer, ask
from console.drift_runs import Slice
from console.line_facts import quote_facts
from console.models import OutboundPush
from console.product_settings import InForce
from console.salesforce.audit_gateway import StateWithProducts
from console.salesforce.gateway import Gateway
from syncrules import reconcile as rule
from syncrules.api_budget import Urgency
from syncrules.drift import Finding
from syncrules.drift_facts import Claimed, PairFacts, ProductFacts
from syncrules.line_reasons import LineReason

Lane = OutboundPush.Lane
PAIRS_A_SLICE: Final = 1000
PRODUCTS_A_SLICE: Final = 200

Facts = TypeVar("Facts", PairFacts, ProductFacts)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a slice has shown. `is_last`: nothing is left of its phase.

    `passed_over` are records of which a push has ended while Salesforce was read.
    """

    behind: str = ""
    is_last: bool = True
    pairs: int = 0
    rows: Sequence[Row] = ()
    passed_over: Collection[str] = field(default_factory=set)
    calls: int = 0


def urgency(held: Slice) -> Urgency:
    """Who waits for it, as far as the budget of API calls is concerned."""
    return Urgency.CLICK if held.is_asked_for else Urgency.BULK


# --- Links and primary quotes --------------------------------------------------------------------


def compare_pairs(held: Slice) -> Compared:
    """The next thousand pairs.

    Errors: NotNow, SalesforceError.
    """
    page = drift_facts.pairs(behind=held.behind, limit=PAIRS_A_SLICE, only=held.only)
    if not page:
        return Compared()
    wanted = [pair.salesforce_id for pair in page]
    answer = ask(lambda client: client.audit.read_states(wanted), urgency=urgency(held))
    facts = {
        pair.pk: PairFacts(pair.subject.fact, pair.pairing, answer.found.get(pair.salesforce_id))
        for pair in page
    }
    found = _judged(held, page, facts, judge=rule.judge_pair, informed=_with_past_of_link)
    return replace(found, is_last=len(page) < PAIRS_A_SLICE, pairs=len(page), calls=answer.calls)


def _with_past_of_link(
    pairs: Sequence[Pair], facts: Mapping[int, PairFacts]
) -> dict[int, PairFacts]:
    ids = [pair.pk for pair in pairs]
    pushes = drift_facts.open_pushes(ids, [Lane.LINK])
    written = drift_facts.links_written(pairs)
    chosen = drift_facts.primaries_set_at(ids)
    carried = {pk: state.opportunity.mn_id or "" for pk in ids if (state := facts[pk].state)}
    others = drift_facts.known(set(carried.values()))
    return {
        pk: replace(
            facts[pk],
            primary_set_at=chosen.get(pk),
            push=pushes.get(pk),
            written=written.get(pk),
            claimed=_claimed(carried.get(pk, ""), others),
        )
        for pk in ids
    }


def _claimed(mn_id: str, others: Mapping[str, Known]) -> Claimed | None:
    if not mn_id:
        return None
    return others[mn_id].claimed if mn_id in others else Claimed(mn_id, is_known=False)


# --- Products and totals -------------------------------------------------------------------------


def compare_products(held: Slice) -> Compared:
    """The products of the next two hundred pairs; none while product sync is disabled.

    Errors: NotNow, SalesforceError.
    """
    chosen = product_settings.in_force()
    page = [] if chosen.settings.is_disabled else _with_products(held)
    if not page:
        return Compared()
    answer, facts = _products_of(page, chosen, urgency=urgency(held))
    found = _judged(held, page, facts, judge=rule.judge_products, informed=_with_past_of_products)
    return replace(found, is_last=len(page) < PRODUCTS_A_SLICE, calls=answer.calls)


def _with_products(held: Slice) -> list[Pair]:
    return drift_facts.pairs(
        behind=held.behind, limit=PRODUCTS_A_SLICE, only=held.only, with_products=True
    )


def _products_of(
    page: Sequence[Pair], chosen: InForce, *, urgency: Urgency
) -> tuple[Answer[dict[str, StateWithProducts]], dict[int, ProductFacts]]:
    """What Salesforce has, and the facts of those that it returned."""
    custom = custom_fields.in_force()
    quote_ids = {pair.pk: pair.subject.primary_quote_id or 0 for pair in page}

    def question(client: Gateway) -> dict[str, StateWithProducts]:
        to_be_read = custom.to_be_read(chosen.settings.amount_field)
        read_custom_values(client.products, quote_ids.values(), fields=to_be_read)
        return client.audit.read_products([pair.salesforce_id for pair in page])

    answer = ask(question, urgency=urgency)
    quotes = quote_facts(set(quote_ids.values()), custom=custom)
    facts = {
        pair.pk: ProductFacts(
            pair.subject.fact,
            there.state,
            quotes[quote_ids[pair.pk]],
            chosen.settings,
            there.products,
        )
        for pair in page
        if (there := answer.found.get(pair.salesforce_id)) and quote_ids[pair.pk] in quotes
    }
    return answer, facts


def _with_past_of_products(
    pairs: Sequence[Pair], facts: Mapping[int, ProductFacts]
) -> dict[int, ProductFacts]:
    ids = [pair.pk for pair in pairs]
    # Products follow the link: while that waits, they are on their way as well.
    pushes = drift_facts.open_pushes(ids, [Lane.PRODUCTS, Lane.LINK])
    written = drift_facts.products_written(pairs)
    set_at = drift_facts.products_set_at(ids)
    return {
        pk: replace(facts[pk], set_at=set_at.get(pk), push=pushes.get(pk), written=written.get(pk))
        for pk in ids
    }


# --- Both ----------------------------------------------------------------------------------------


def _judged(
    held: Slice,
    page: Sequence[Pair],
    facts: Mapping[int, Facts],
    *,
    judge: Callable[[Facts], tuple[Finding, ...]],
    informed: Callable[[Sequence[Pair], Mapping[int, Facts]], Mapping[int, Facts]],
) -> Compared:
    """Judged twice: first to learn what differs at all, then with the past of that alone."""
    differing = [pair for pair in page if pair.pk in facts and judge(facts[pair.pk])]
    moving = drift_facts.in_motion([pair.pk for pair in differing], since=held.began)
    still = [pair for pair in differing if pair.pk not in moving]
    known = informed(still, facts)
    return Compared(
        behind=str(page[-1].pk),
        rows=[
            _row(pair, finding, known[pair.pk])
            for pair in still
            for finding in judge(known[pair.pk])
        ],
        passed_over={pair.salesforce_id for pair in differing if pair.pk in moving},
    )


def _row(pair: Pair, finding: Finding, known: PairFacts | ProductFacts) -> Row:
    return Row(
        finding,
        pair.salesforce_id,
        pair.subject.mn_id,
        pair.subject.name,
        opportunity_id=pair.pk,
        state=known.state,
        push=known.push,
        currency=_currency(pair, finding, known),
    )


def _currency(pair: Pair, finding: Finding, known: PairFacts | ProductFacts) -> str:
    """That of the record; of a line that cannot go for its currency, its own."""
    if finding.obstacle is LineReason.CURRENCY_MISMATCH and isinstance(known, ProductFacts):
        return known.quote.terms.currency
    return (known.state.opportunity.currency if known.state else None) or pair.currency
