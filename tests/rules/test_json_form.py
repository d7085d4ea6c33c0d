"""Facts and decisions are kept as JSON and read back: nothing may be lost on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import link_via_primary_quote, push_outbound
from syncrules.decisions import Decision
from syncrules.facts import LinkFacts, OpportunityStatus, PushFacts
from syncrules.json_form import from_json, to_json
from tests.facts import link_facts, push_facts
from tests.rules.strategies import LINK_FACTS, PUSH_FACTS


def there_and_back(value: Any, *, ordered: bool = False) -> Any:
    """Through the text that a database column would hold; jsonb sorts the keys of objects."""
    text = json.dumps(to_json(value, ordered=ordered), sort_keys=True)
    return from_json(type(value), json.loads(text))


@given(LINK_FACTS)
def test_facts_of_a_link_come_back_and_decide_the_same(facts: LinkFacts) -> None:
    kept = there_and_back(facts)

    assert kept == facts
    assert link_via_primary_quote.decide(kept) == link_via_primary_quote.decide(facts)


@given(PUSH_FACTS)
def test_facts_of_a_push_come_back_and_decide_the_same(facts: PushFacts) -> None:
    kept = there_and_back(facts)

    assert kept == facts
    assert push_outbound.decide(kept) == push_outbound.decide(facts)


@given(LINK_FACTS.map(link_via_primary_quote.decide) | PUSH_FACTS.map(push_outbound.decide))
def test_decisions_come_back(decision: Decision) -> None:
    assert there_and_back(decision) == decision


@given(LINK_FACTS.map(link_via_primary_quote.decide) | PUSH_FACTS.map(push_outbound.decide))
def test_evidence_keeps_its_order_where_that_is_asked_for(decision: Decision) -> None:
    kept = there_and_back(decision, ordered=True)

    assert kept == decision
    assert [list(step.evidence) for step in kept.steps] == [
        list(step.evidence) for step in decision.steps
    ]


@dataclass(frozen=True)
class Amounts:
    """The kinds of value that a rule may carry."""

    amount: Decimal
    day: date
    at: datetime
    lines: tuple[Decimal, ...]
    pair: tuple[str, int] = ("", 0)
    by_name: Mapping[str, Decimal] = field(default_factory=dict)
    status: OpportunityStatus | None = None


FINITE = st.decimals(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Amounts,
        amount=FINITE,
        day=st.dates(),
        at=st.datetimes(timezones=st.just(UTC)),
        lines=st.lists(FINITE).map(tuple),
        pair=st.tuples(st.text(), st.integers()),
        by_name=st.dictionaries(st.text(), FINITE),
        status=st.none() | st.sampled_from(OpportunityStatus),
    )
)
def test_money_keeps_its_every_digit(amounts: Amounts) -> None:
    kept = there_and_back(amounts)

    assert kept == amounts
    assert str(kept.amount) == str(amounts.amount)  # 1.0 and 1.00 are equal, and not the same


def test_what_is_stored_is_plain_json() -> None:
    amounts = Amounts(
        amount=Decimal("12000.00"),
        day=date(2026, 4, 1),
        at=datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
        lines=(Decimal(1),),
        status=OpportunityStatus.WON,
    )

    assert to_json(amounts) == {
        "amount": "12000.00",
        "day": "2026-04-01",
        "at": "2026-04-01T09:30:00+00:00",
        "lines": ["1"],
        "pair": ["", 0],
        "by_name": {},
        "status": "WON",
    }


def test_a_field_that_was_added_since_takes_its_default() -> None:
    facts = push_facts()
    stored = to_json(facts)
    del stored["write"]
    del stored["remote"]["stage_name"]

    kept = from_json(PushFacts, stored)

    assert kept.write is None
    assert kept.remote is not None
    assert kept.remote.stage_name is None


def test_a_field_that_was_removed_since_is_dropped() -> None:
    facts = link_facts()

    assert from_json(LinkFacts, to_json(facts) | {"mood": "hopeful"}) == facts


REFUSED = [
    pytest.param(
        {"opportunity": {"status": "ASLEEP"}},
        r"PushFacts\.opportunity\.status: 'ASLEEP' is not a OpportunityStatus",
        id="a state that is none",
    ),
    pytest.param({"connection": "live"}, "expected an object, found 'live'", id="not an object"),
    pytest.param({"pairing": {}}, r"PushFacts\.pairing: .*missing", id="a field without default"),
    pytest.param(
        {"remote": {"modified_at": "yesterday"}},
        r"PushFacts\.remote\.modified_at: 'yesterday' is not a datetime",
        id="a time that is none",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_what_does_not_fit_is_named(changes: dict[str, Any], sentence: str) -> None:
    stored = to_json(push_facts())
    for name, change in changes.items():
        is_whole = not (isinstance(change, dict) and change)
        stored[name] = change if is_whole else stored[name] | change

    with pytest.raises(ValueError, match=sentence):
        from_json(PushFacts, stored)


def test_a_tuple_of_the_wrong_length_is_refused() -> None:
    stored = to_json(
        Amounts(Decimal(1), date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), lines=())
    )

    with pytest.raises(ValueError, match="shorter"):
        from_json(Amounts, stored | {"pair": ["a"]})
