"""What a verdict shows: each criterion's answer, its evidence, and what would be sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncrules.decisions import StepStatus
from syncrules.json_form import from_json, to_json
from syncrules.line_facts import AmendmentStatus, LineFacts, LineRole, Override, ProductType
from syncrules.line_reasons import LineOutcome
from syncrules.sync_products import CRITERIA, ProductSyncSettings, ZeroUsage, verdict, verdicts
from tests.rules.lines import amended, document_ramp, line, quote

BY_DEFAULT = ProductSyncSettings()
DISABLED = ProductSyncSettings(is_disabled=True)
OWN_AMOUNT = ProductSyncSettings(amount_field="Own__c")

ZERO = Decimal(0)
ALWAYS = Override.ALWAYS
NEVER = Override.NEVER


def statuses(facts: LineFacts, settings: ProductSyncSettings) -> dict[str, StepStatus]:
    return {step.key: step.status for step in verdict(facts, settings).criteria}


def test_every_criterion_is_answered_although_the_first_has_decided() -> None:
    broken = amended(AmendmentStatus.NO_CHANGE, product=None, pricebook_entry=None, quantity=ZERO)
    found = statuses(broken, OWN_AMOUNT)
    blocked = [key for key, status in found.items() if status is StepStatus.BLOCKED]
    assert blocked == [
        "has_product",
        "has_pricebook_entry",
        "has_quantity",
        "is_modified",
        "has_amount",
    ]


@pytest.mark.parametrize(
    ("facts", "settings", "asked"),
    [
        (line(), DISABLED, {"sync_is_enabled"}),
        (line(role=LineRole.REFERENCE), BY_DEFAULT, {"sync_is_enabled", "is_more_than_reference"}),
        (
            line(override=NEVER),
            BY_DEFAULT,
            {"sync_is_enabled", "is_more_than_reference", "override"},
        ),
        (
            amended(AmendmentStatus.NO_CHANGE, override=ALWAYS),
            BY_DEFAULT,
            {each.key for each in CRITERIA} - {"has_product", "has_quantity", "is_modified"},
        ),
        (line(), BY_DEFAULT, {each.key for each in CRITERIA} - {"is_modified"}),
    ],
)
def test_what_makes_no_difference_any_more_is_not_asked(
    facts: LineFacts, settings: ProductSyncSettings, asked: set[str]
) -> None:
    found = statuses(facts, settings)
    assert {key for key, status in found.items() if status is not StepStatus.NOT_REACHED} == asked


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"quantity": Decimal("10.125")}, "10.13"),
        ({"quantity": Decimal(10)}, "10.00"),
        ({"quantity": ZERO, "type": ProductType.USAGE}, "1.00"),
        ({"quantity": ZERO, "override": ALWAYS}, "1.00"),
    ],
)
def test_quantity_is_sent_with_two_places_and_nothing_as_one_unit(
    changes: dict[str, Any], expected: str
) -> None:
    assert str(verdict(line(**changes), BY_DEFAULT).quantity) == expected


def test_the_amount_of_a_line_that_stays_away_is_told_too() -> None:
    removed = verdict(amended(AmendmentStatus.REMOVED, quantity=ZERO), BY_DEFAULT)
    assert (removed.outcome, removed.amount) == (LineOutcome.STAYS_AWAY, Decimal(-12000))


def test_evidence_shows_the_values_that_were_looked_at() -> None:
    steps = {step.key: step.evidence for step in verdict(line(), BY_DEFAULT).criteria}
    assert steps["has_quantity"] == {"quantity": "10", "product type": "ADVANCE"}
    assert steps["has_amount"] == {"monetize__IncrementalARR__c": "12000.00 USD"}
    assert steps["override"] == {"override": None}


def test_the_verdicts_on_a_quote_come_in_its_order() -> None:
    backwards = quote(*reversed(document_ramp().lines))
    assert verdicts(backwards, BY_DEFAULT) == verdicts(document_ramp(), BY_DEFAULT)
    assert [each.line_mn_id for each in verdicts(backwards, BY_DEFAULT)] == [
        "qtitm_1",
        "qtitm_2",
        "qtitm_3",
    ]


def test_settings_are_kept_as_json_without_loss() -> None:
    for settings in (BY_DEFAULT, DISABLED, ProductSyncSettings(zero_usage=ZeroUsage.LEAVE_OUT)):
        assert from_json(ProductSyncSettings, to_json(settings)) == settings
