"""What befell a push before, and what follows from it before anything else is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation

import pytest

from syncrules import misfortunes, push_products
from syncrules.attempt_facts import LostFact, StrikesFact
from syncrules.product_push_facts import ProductPushFacts
from syncrules.reasons import Reason
from syncrules.retry import MAX_STRIKES
from syncrules.sync_products import ProductSyncSettings
from tests.facts import (
    LIVE,
    NOON,
    local_opportunity,
    local_quote,
    pairing_facts,
    remote_opportunity,
)
from tests.rules.lines import line, quote, remote

LATER = NOON + timedelta(minutes=1)
POISON = ProductPushFacts(
    connection=LIVE,
    opportunity=local_opportunity(),
    settings=ProductSyncSettings(),
    pairing=pairing_facts(),
    primary=local_quote(),
    quote=quote(line(quantity=Decimal("NaN"))),
    remote=remote_opportunity(mn_id="opp_1"),
    products=remote(),
)
"""A quote with a number that is none: whoever compares it fails."""


def test_who_took_others_along_is_set_aside_before_anything_is_compared() -> None:
    with pytest.raises(InvalidOperation):
        push_products.decide(POISON)

    struck = replace(POISON, strikes=StrikesFact(MAX_STRIKES, NOON, last_success=LATER))

    assert push_products.decide(struck).reason is Reason.QUARANTINED


@pytest.mark.parametrize(
    ("lost", "strikes", "stops"),
    [
        (None, None, False),
        (None, StrikesFact(1, NOON, last_success=LATER), False),
        (None, StrikesFact(MAX_STRIKES, NOON, last_success=NOON), False),
        (None, StrikesFact(MAX_STRIKES, NOON, last_success=LATER), True),
        (LostFact("anna/1-0"), None, True),
    ],
)
def test_what_befell_it_may_be_all_that_need_be_known(
    *, lost: LostFact | None, strikes: StrikesFact | None, stops: bool
) -> None:
    facts = replace(POISON, quote=None, products=None, lost=lost, strikes=strikes)

    assert misfortunes.stop(facts) is stops
