"""The rungs of "sync products" that look at the difference and at what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from syncrules import product_write
from syncrules.decisions import Check, Evidence, Passed, Stop
from syncrules.facts import TroubleFact
from syncrules.line_reasons import LineReason
from syncrules.line_reasons import describe as describe_line
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import NotKept, ProductDifference, difference
from syncrules.product_push_facts import ProductPushFacts, ProductWrite, RefusedChange
from syncrules.product_write import failing_lines, key
from syncrules.reasons import Reason

_NAMED: Final = 20
"""How many lines a rung names; the others are counted. Every line stands in the difference."""


@dataclass(frozen=True, slots=True)
class Case:
    """The facts with what follows from them, found out once."""

    facts: ProductPushFacts
    difference: ProductDifference | None
    standing: tuple[RefusedChange, ...] = ()
    lost: tuple[NotKept, ...] = ()


def case_of(facts: ProductPushFacts) -> Case:
    """The case that the rungs look at; without a difference where nothing was read."""
    if facts.quote is None or facts.products is None:
        return Case(facts, None)
    found = difference(facts.quote, facts.settings, facts.products)
    if facts.write is None:
        return Case(facts, found)
    standing = product_write.standing(facts.write, found)
    lost = product_write.lost(facts.write, found, standing)
    return Case(facts, found, standing, lost)


def _changes_are_accepted(case: Case) -> Passed | Stop:
    write, planned = _write(case), _difference(case)
    whole = write.pricebook_refusal
    if whole is not None:
        return Stop(whole.reason, {"price book": planned.pricebook_to_set, **told(whole)})
    sent = sum(change.action is not Action.LEAVE for change in planned.changes)
    evidence: dict[str, str | None] = {"changes": str(sent)}
    if not case.standing:
        return Passed(evidence)
    names = {key(change): change.name for change in planned.changes}
    refused = [
        (f"{each.action} {names.get(key(each)) or each.line_mn_id}", _in_words(each.trouble))
        for each in case.standing
    ]
    is_whole = len(case.standing) == sent
    return Stop(
        product_write.reason_of(case.standing, is_whole=is_whole), {**evidence, **_some(refused)}
    )


def _values_are_kept(case: Case) -> Passed | Stop:
    write = _write(case)
    if write.unread is not None:
        return Stop(write.unread.reason, told(write.unread))
    if not case.lost:
        return Passed()
    differing = []
    for each in case.lost:
        name = each.change.name or each.change.line_mn_id
        what = "; ".join(f"{f.field} sent {f.before}, found {f.after}" for f in each.fields)
        differing.append((f"{each.change.action} {name}", what or "it is still there"))
    return Stop(Reason.ACCEPTED_NOT_APPLIED, _some(differing))


def _second_writer(case: Case) -> Passed | Stop:
    """Never blocks: the org's own quote sync is the org's business, but somebody should know."""
    write, field = case.facts.write, "SyncedQuoteId"
    before = _difference(case).synced_quote_salesforce_id
    evidence: dict[str, str | None] = {field: before}
    after = write.found.synced_quote_salesforce_id if write and write.found else None
    if write is not None and write.found is not None:
        evidence[f"{field} after the push"] = after
    if before or after:
        evidence["so"] = "Salesforce's own quote sync writes products of this opportunity too"
    return Passed(evidence)


def _is_in_the_price_book(case: Case) -> Passed | Stop:
    planned = _difference(case)
    products = case.facts.products
    evidence: dict[str, str | None] = {
        "the opportunity's price book": products.pricebook_salesforce_id if products else None
    }
    if planned.pricebook_to_set is not None:
        evidence["it is given"] = planned.pricebook_to_set
    failing = [
        each for each in failing_lines(planned) if each.reason is LineReason.PRICEBOOK_MISMATCH
    ]
    if failing:
        return Stop(Reason.PRICEBOOK_MISMATCH, {**evidence, **_some(map(_line, failing))})
    return Passed(evidence)


def _every_line_can_go(case: Case) -> Passed | Stop:
    failing = failing_lines(_difference(case))
    if failing:
        return Stop(Reason.PRODUCTS_PARTLY_PUSHED, _some(map(_line, failing)))
    return Passed({"lines that cannot go": "none"})


def _some(entries: Iterable[tuple[str, str]]) -> Evidence:
    """The first of many, with the rest counted. Two lines of one product keep both their words."""
    evidence: dict[str, str | None] = {}
    for number, (name, words) in enumerate(entries, start=1):
        if number <= _NAMED:
            evidence[name if name not in evidence else f"{name} ({number})"] = words
        else:
            evidence["and others"] = str(number - _NAMED)
    return evidence


def _line(change: ProductChange) -> tuple[str, str]:
    return f"{change.name or 'a line'} {change.line_mn_id}", describe_line(change.reason).title


def _in_words(trouble: TroubleFact) -> str:
    return f"{trouble.code}: {trouble.words}"


def told(trouble: TroubleFact) -> Evidence:
    """Salesforce's own words as evidence."""
    return {"Salesforce's code": trouble.code, "Salesforce's words": trouble.words}


def _write(case: Case) -> ProductWrite:
    assert case.facts.write is not None, "asked only after something was sent"
    return case.facts.write


def _difference(case: Case) -> ProductDifference:
    assert case.difference is not None, "what exists was read with its products"
    return case.difference


WRITE: Final[tuple[Check[Case], ...]] = (
    Check("changes_are_accepted", "Did Salesforce accept every change?", _changes_are_accepted),
    Check("values_are_kept", "Does reading back show the values sent?", _values_are_kept),
)
# Last, since the other lines go even when one cannot.
LINES: Final[tuple[Check[Case], ...]] = (
    Check("second_writer", "Does Salesforce itself write products, too?", _second_writer),
    Check(
        "is_in_the_price_book",
        "Are the lines that go in the opportunity's price book?",
        _is_in_the_price_book,
    ),
    Check("every_line_can_go", "Can every line go that ought to?", _every_line_can_go),
)
