"""Which lines go: every criterion, the overrides, and the reason that is given."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.json_form import from_json, to_json
from syncrules.line_facts import (
    AmendmentStatus,
    LineFacts,
    LineRole,
    Override,
    ProductType,
    QuoteType,
)
from syncrules.line_reasons import CATALOGUE, LineReason
from syncrules.sync_products import (
    CRITERIA,
    LineVerdict,
    ProductSyncSettings,
    ZeroUsage,
    verdict,
)
from tests.rules.lines import amended, line, terms

BY_DEFAULT = ProductSyncSettings()
DISABLED = ProductSyncSettings(is_disabled=True)
NO_ZERO_USAGE = ProductSyncSettings(zero_usage=ZeroUsage.LEAVE_OUT)
OWN_AMOUNT = ProductSyncSettings(amount_field="Own__c")
ARR = ProductSyncSettings(amount_field="monetize__ARR__c")

ZERO = Decimal(0)
ALWAYS = Override.ALWAYS
NEVER = Override.NEVER

CASES: list[tuple[str, LineFacts, ProductSyncSettings, LineReason, str | None]] = [
    ("plain", line(), BY_DEFAULT, LineReason.MEETS_THE_RULES, None),
    ("disabled", line(), DISABLED, LineReason.PRODUCT_SYNC_DISABLED, "sync_is_enabled"),
    (
        "disabled beats Always",
        line(override=ALWAYS),
        DISABLED,
        LineReason.PRODUCT_SYNC_DISABLED,
        "sync_is_enabled",
    ),
    ("never", line(override=NEVER), BY_DEFAULT, LineReason.OVERRIDE_NEVER, "override"),
    ("always", line(override=ALWAYS), BY_DEFAULT, LineReason.OVERRIDE_ALWAYS, "override"),
    (
        "always without product",
        line(override=ALWAYS, product=None),
        BY_DEFAULT,
        LineReason.OVERRIDE_ALWAYS,
        "override",
    ),
    (
        "always without pricebook entry",
        line(override=ALWAYS, pricebook_entry=None),
        BY_DEFAULT,
        LineReason.LINE_WITHOUT_PRICEBOOK_ENTRY,
        "has_pricebook_entry",
    ),
    ("no product", line(product=None), BY_DEFAULT, LineReason.PRODUCT_NOT_SET, "has_product"),
    (
        "no pricebook entry",
        line(pricebook_entry=None),
        BY_DEFAULT,
        LineReason.PRICEBOOK_ENTRY_NOT_SET,
        "has_pricebook_entry",
    ),
    (
        "neither product nor entry",
        line(product=None, pricebook_entry=None),
        BY_DEFAULT,
        LineReason.PRODUCT_NOT_SET,
        "has_product",
    ),
    ("quantity 0", line(quantity=ZERO), BY_DEFAULT, LineReason.QUANTITY_IS_ZERO, "has_quantity"),
    *(
        (
            f"quantity 0 of {kind}",
            line(quantity=ZERO, type=kind),
            BY_DEFAULT,
            LineReason.QUANTITY_IS_ZERO,
            "has_quantity",
        )
        for kind in (ProductType.MIN_COMMIT, ProductType.ONETIME_PREPAID_CREDIT)
    ),
    (
        "quantity 0, always",
        line(quantity=ZERO, override=ALWAYS),
        BY_DEFAULT,
        LineReason.OVERRIDE_ALWAYS,
        "override",
    ),
    (
        "usage of quantity 0",
        line(quantity=ZERO, type=ProductType.USAGE),
        BY_DEFAULT,
        LineReason.MEETS_THE_RULES,
        None,
    ),
    (
        "usage of quantity 0, left out",
        line(quantity=ZERO, type=ProductType.USAGE),
        NO_ZERO_USAGE,
        LineReason.ZERO_USAGE_LEFT_OUT,
        "has_quantity",
    ),
    (
        "usage of quantity 0, left out but always",
        line(quantity=ZERO, type=ProductType.USAGE, override=ALWAYS),
        NO_ZERO_USAGE,
        LineReason.OVERRIDE_ALWAYS,
        "override",
    ),
    *(
        (f"amendment: {status}", amended(status), BY_DEFAULT, LineReason.MEETS_THE_RULES, None)
        for status in (AmendmentStatus.ADDED, AmendmentStatus.UPDATED, AmendmentStatus.REMOVED)
    ),
    (
        "amendment: no change",
        amended(AmendmentStatus.NO_CHANGE),
        BY_DEFAULT,
        LineReason.UNCHANGED_BY_AMENDMENT,
        "is_modified",
    ),
    (
        "amendment: no change, always",
        amended(AmendmentStatus.NO_CHANGE, override=ALWAYS),
        BY_DEFAULT,
        LineReason.OVERRIDE_ALWAYS,
        "override",
    ),
    (
        "amendment: removed, quantity 0",
        amended(AmendmentStatus.REMOVED, quantity=ZERO),
        BY_DEFAULT,
        LineReason.QUANTITY_IS_ZERO,
        "has_quantity",
    ),
    (
        "renewal: no change",
        line(quote=terms(type=QuoteType.RENEWAL), amendment_status=AmendmentStatus.NO_CHANGE),
        BY_DEFAULT,
        LineReason.MEETS_THE_RULES,
        None,
    ),
    (
        "reference row, always",
        amended(AmendmentStatus.UPDATED, role=LineRole.REFERENCE, override=ALWAYS),
        BY_DEFAULT,
        LineReason.REFERENCE_ROW,
        "is_more_than_reference",
    ),
    ("unknown field", line(), OWN_AMOUNT, LineReason.AMOUNT_FIELD_UNKNOWN, "has_amount"),
    (
        "blank amount",
        line(custom_values={"Own__c": None}),
        OWN_AMOUNT,
        LineReason.AMOUNT_IS_BLANK,
        "has_amount",
    ),
    (
        "text for an amount",
        line(custom_values={"Own__c": "Gold"}),
        OWN_AMOUNT,
        LineReason.AMOUNT_IS_NOT_CURRENCY,
        "has_amount",
    ),
    (
        "blank amount, always",
        line(custom_values={"Own__c": None}, override=ALWAYS),
        OWN_AMOUNT,
        LineReason.AMOUNT_IS_BLANK,
        "has_amount",
    ),
    (
        "no contract end",
        line(quote=terms(contract_end=None), end="2026-12-31"),
        BY_DEFAULT,
        LineReason.AMOUNT_NEEDS_CONTRACT_DATES,
        "has_amount",
    ),
    (
        "amount too large",
        line(quantity=Decimal(10**9), unit_price=Decimal(10**9)),
        ARR,
        LineReason.AMOUNT_OUT_OF_RANGE,
        "has_amount",
    ),
    (
        "quantity that would become 0",
        line(quantity=Decimal("0.004")),
        BY_DEFAULT,
        LineReason.QUANTITY_OUT_OF_RANGE,
        "fits_salesforce",
    ),
    (
        "quantity too large",
        line(quantity=Decimal(10**10), unit_price=Decimal(1)),
        BY_DEFAULT,
        LineReason.QUANTITY_OUT_OF_RANGE,
        "fits_salesforce",
    ),
]


@pytest.mark.parametrize(
    ("facts", "settings", "reason", "decided_by"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_verdict_names_its_reason_and_the_criterion_that_decided(
    facts: LineFacts, settings: ProductSyncSettings, reason: LineReason, decided_by: str | None
) -> None:
    judgement = verdict(facts, settings)
    assert (judgement.reason, judgement.decided_by) == (reason, decided_by)
    assert judgement.outcome is CATALOGUE[reason].outcome
    assert [step.key for step in judgement.criteria] == [each.key for each in CRITERIA]
    assert from_json(LineVerdict, to_json(judgement)) == judgement
    assert from_json(LineFacts, to_json(facts)) == facts


@given(st.sampled_from([case[1] for case in CASES]), st.sampled_from(ZeroUsage))
def test_a_line_goes_only_with_a_pricebook_entry_an_amount_and_a_quantity(
    facts: LineFacts, zero_usage: ZeroUsage
) -> None:
    judgement = verdict(facts, ProductSyncSettings(zero_usage=zero_usage))
    if judgement.goes:
        assert facts.pricebook_entry is not None
        assert judgement.amount is not None
        assert judgement.quantity > 0


def test_every_reason_has_its_words_and_its_row_in_the_docs() -> None:
    assert set(CATALOGUE) == set(LineReason)
    page = (Path(__file__).parents[2] / "docs/products.md").read_text(encoding="utf-8")
    rows = {f"| `{code}` | {text.title} | {text.owner} |" for code, text in CATALOGUE.items()}
    assert rows <= set(page.splitlines())
