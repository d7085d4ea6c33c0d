"""What thousands are kept as is what one is kept as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import json_text
from syncrules import push_outbound
from syncrules.facts import OpportunityStatus, PushFacts
from syncrules.json_form import to_json
from tests.rules.strategies import PUSH_FACTS


@dataclass(frozen=True, slots=True)
class Amounts:
    """The kinds of value that facts may carry."""

    amount: Decimal
    day: date
    at: datetime
    lines: tuple[Decimal, ...]
    by_name: Mapping[str, Decimal] = field(default_factory=dict)
    status: OpportunityStatus | None = None


FINITE = st.decimals(allow_nan=False, allow_infinity=False)


@given(PUSH_FACTS)
def test_facts_and_decision_are_kept_alike(facts: PushFacts) -> None:
    decision = push_outbound.decide(facts)

    assert json.loads(json_text.of_facts(facts)) == to_json(facts)
    assert json.loads(json_text.of_decision(decision)) == to_json(decision, ordered=True)


@given(
    st.builds(
        Amounts,
        amount=FINITE,
        day=st.dates(),
        at=st.datetimes(timezones=st.just(UTC)),
        lines=st.lists(FINITE).map(tuple),
        by_name=st.dictionaries(st.text(), FINITE).map(MappingProxyType),
        status=st.none() | st.sampled_from(OpportunityStatus),
    )
)
def test_every_kind_of_value_is_kept_alike(amounts: Amounts) -> None:
    assert json.loads(json_text.of_facts(amounts)) == to_json(amounts)


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError):
        json_text.of_facts({1, 2})
