"""MonetizeNow's page "Customizing Opportunity Product Sync Process", statement by statement."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncrules import arr
from syncrules.amount_fields import RECOMMENDED, CustomField, amount_of, choices
from syncrules.formula import Field, compile_formula
from syncrules.line_facts import AmendmentStatus, LineFacts, Override, ProductType, QuoteType
from syncrules.line_reasons import LineOutcome, LineReason
from syncrules.product_changes import Action
from syncrules.product_difference import difference
from syncrules.sync_products import ProductSyncSettings, verdict
from tests.rules.lines import amended, day, document_ramp, line, quote, remote, remote_line, terms

SETTINGS = ProductSyncSettings()
ZERO = Decimal(0)
OWN = "Opportunity_Product_Amount__c"


def goes(facts: LineFacts, settings: ProductSyncSettings = SETTINGS) -> bool:
    return verdict(facts, settings).goes


def of_segments(name: str) -> list[object]:
    """One figure of each segment of the page's ramp."""
    return [getattr(each.figures, name) for each in arr.profile(document_ramp()).lines]


# Choosing which field becomes the amount


def test_quote_items_become_opportunity_products() -> None:
    found = difference(quote(line(), line(mn_id="qtitm_2", position=1)), SETTINGS, remote())
    assert [each.line_mn_id for each in found.of(Action.CREATE)] == ["qtitm_1", "qtitm_2"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [("monetize__Amount__c", "300.00"), ("monetize__ARR__c", "1200.00")],
)
def test_the_chosen_field_becomes_the_products_amount(field: str, expected: str) -> None:
    settings = ProductSyncSettings(amount_field=field)
    first = quote(document_ramp().lines[0])
    [created] = difference(first, settings, remote()).changes
    assert created.send["TotalPrice"] == expected


def test_incremental_arr_is_the_recommended_field_and_the_default() -> None:
    assert RECOMMENDED == "monetize__IncrementalARR__c"
    assert SETTINGS.amount_field == RECOMMENDED


# Annual recurring revenue


@pytest.mark.parametrize("end", ["2026-01-01", "2026-12-31"])
def test_arr_is_the_same_for_a_line_of_one_day_and_of_a_year(end: str) -> None:
    assert arr.normalised_arr(line(start="2026-01-01", end=end)) == 12000


def test_the_ramps_segments_amount_to_300_800_and_5000() -> None:
    assert of_segments("amount") == [300, 800, 5000]


def test_the_ramps_segments_have_an_arr_of_1200_2400_and_12000() -> None:
    assert of_segments("normalised") == [1200, 2400, 12000]


def test_of_the_ramp_only_the_segment_that_spans_to_the_contracts_end_contributes() -> None:
    assert of_segments("contributing") == [0, 0, 12000]


def test_the_ramp_is_6100_in_amount_12000_in_arr_and_15600_when_added_up_naively() -> None:
    totals = arr.profile(document_ramp()).totals
    figures = [totals.amount, totals.contributing, totals.normalised]
    assert [str(figure) for figure in figures] == ["6100.00", "12000.00", "15600.00"]


def test_the_arr_of_a_ramp_over_several_years_is_broken_down_by_year() -> None:
    ramp = quote(
        line(mn_id="qtitm_1", quantity=Decimal(1), end="2026-12-31"),
        line(mn_id="qtitm_2", quantity=Decimal(2), start="2027-01-01", end="2027-12-31"),
        line(mn_id="qtitm_3", quantity=Decimal(3), start="2028-01-01", end="2028-12-31"),
        contract_end=day("2028-12-31"),
    )
    assert [str(year) for year in arr.profile(ramp).totals.years] == [
        "1200.00",
        "2400.00",
        "3600.00",
    ]


# Customizing the amount


def test_a_custom_currency_field_can_be_chosen() -> None:
    [own] = [each for each in choices([CustomField(OWN, "Own", "Currency")]) if each.name == OWN]
    assert own.why_not is None
    line_with_own = line(custom_values={OWN: "123.45"})
    settings = ProductSyncSettings(amount_field=OWN)
    assert verdict(line_with_own, settings).amount == Decimal("123.45")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(ProductType.ONETIME, "5000.00"), (ProductType.ADVANCE, "12000.00")],
)
def test_the_pages_formula_sends_one_time_products_by_amount_and_others_by_incremental_arr(
    kind: ProductType, expected: str
) -> None:
    last = line(type=kind, start="2026-08-01", end="2026-12-31", amount=Decimal(5000))
    with_own = line(type=kind, custom_values={OWN: _by_formula(last)})
    assert str(amount_of(with_own, OWN).value) == expected


def _by_formula(of: LineFacts) -> str:
    """The page's formula on a line, with the fields as this console computes them."""
    assert of.product is not None
    kind = Field("monetize__ProductType__c", "Picklist", values=tuple(ProductType))
    formula = compile_formula(
        'IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
        "monetize__Amount__c, monetize__IncrementalARR__c )",
        (
            Field("monetize__Product__r", "Reference", fields=(kind,)),
            Field("monetize__Amount__c", "Currency"),
            Field("monetize__IncrementalARR__c", "Currency"),
        ),
        "Currency",
    )
    record = {
        "monetize__Product__r": {"monetize__ProductType__c": of.product.type.value},
        "monetize__Amount__c": of.amount,
        "monetize__IncrementalARR__c": arr.incremental_arr(of),
    }
    return str(formula.evaluate(record))


# Choosing which products go


def test_the_product_must_be_set() -> None:
    assert goes(line())
    assert verdict(line(product=None), SETTINGS).reason is LineReason.PRODUCT_NOT_SET


def test_the_pricebook_entry_must_be_set() -> None:
    without = verdict(line(pricebook_entry=None), SETTINGS)
    assert without.reason is LineReason.PRICEBOOK_ENTRY_NOT_SET


def test_the_quantity_must_not_be_zero() -> None:
    assert verdict(line(quantity=ZERO), SETTINGS).reason is LineReason.QUANTITY_IS_ZERO


def test_the_quantity_of_a_usage_product_may_be_zero() -> None:
    assert goes(line(quantity=ZERO, type=ProductType.USAGE))


def test_of_an_amendment_only_modified_lines_go() -> None:
    gone = [status for status in AmendmentStatus if goes(amended(status))]
    assert gone == [AmendmentStatus.ADDED, AmendmentStatus.UPDATED, AmendmentStatus.REMOVED]


@pytest.mark.parametrize("kind", [QuoteType.NEW, QuoteType.RENEWAL])
def test_of_other_quotes_unmodified_lines_go_too(kind: QuoteType) -> None:
    assert goes(line(quote=terms(type=kind), amendment_status=AmendmentStatus.NO_CHANGE))


def test_disable_product_sync_stops_all_of_it() -> None:
    disabled = ProductSyncSettings(is_disabled=True)
    assert not any(goes(line(override=override), disabled) for override in Override)
    products = remote([remote_line(quantity=Decimal(1))])
    assert difference(quote(line()), disabled, products).is_empty


def test_a_blank_override_leaves_it_to_the_rules() -> None:
    assert goes(line(override=Override.BLANK))
    assert not goes(line(override=Override.BLANK, product=None))


def test_never_keeps_a_line_back_that_would_go() -> None:
    assert verdict(line(override=Override.NEVER), SETTINGS).reason is LineReason.OVERRIDE_NEVER


@pytest.mark.parametrize(
    "facts",
    [
        line(product=None, override=Override.ALWAYS),
        line(quantity=ZERO, override=Override.ALWAYS),
        amended(AmendmentStatus.NO_CHANGE, override=Override.ALWAYS),
    ],
    ids=["no product", "quantity 0", "not modified"],
)
def test_always_sends_a_line_that_would_stay_away(facts: LineFacts) -> None:
    assert verdict(facts, SETTINGS).outcome is LineOutcome.GOES
