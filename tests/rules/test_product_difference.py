"""What Salesforce has against what it should have: what is created, updated, deleted, left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from syncrules.json_form import from_json, to_json
from syncrules.line_facts import (
    Override,
    RemoteLine,
    RemoteProducts,
)
from syncrules.line_reasons import LineReason
from syncrules.product_changes import Action, FieldChange
from syncrules.product_difference import ProductDifference, difference
from syncrules.sync_products import ProductSyncSettings
from tests.rules.lines import (
    ENTRY,
    OTHER_ENTRY,
    by_hand,
    document_ramp,
    line,
    quote,
    remote,
    remote_line,
)

SETTINGS = ProductSyncSettings()
BY_AMOUNT = ProductSyncSettings(amount_field="monetize__Amount__c")

Outcome = tuple[Action, LineReason]


def outcomes(found: ProductDifference) -> list[Outcome]:
    return [(change.action, change.reason) for change in found.changes]


def shown(found: ProductDifference) -> str:
    """The total before, after, and of what people added."""
    return f"{found.totals.before} {found.totals.after} {found.totals.by_hand}"


def test_a_line_that_salesforce_lacks_is_created_with_quantity_and_total() -> None:
    found = difference(quote(line(start="2026-01-01")), SETTINGS, remote())
    [created] = found.changes
    assert (created.action, created.reason) == (Action.CREATE, LineReason.MEETS_THE_RULES)
    assert created.send == {
        "PricebookEntryId": ENTRY.salesforce_id,
        "Quantity": "10.00",
        "TotalPrice": "12000.00",
        "ServiceDate": "2026-01-01",
    }
    assert FieldChange("TotalPrice", None, "12000.00") in created.changes
    assert shown(found) == "0.00 12000.00 0.00"


def test_nothing_differs_and_nothing_is_written() -> None:
    found = difference(quote(line()), SETTINGS, remote([remote_line()]))
    assert outcomes(found) == [(Action.LEAVE, LineReason.ALREADY_SO)]
    assert found.is_empty
    assert found.totals.before == found.totals.after == 12000


@pytest.mark.parametrize(
    ("product", "changes", "send"),
    [
        (
            remote_line(total_price=Decimal("11999.99")),
            [("TotalPrice", "11999.99", "12000.00")],
            {"Quantity": "10.00", "TotalPrice": "12000.00"},
        ),
        (
            remote_line(quantity=Decimal(9)),
            [("Quantity", "9.00", "10.00")],
            {"Quantity": "10.00", "TotalPrice": "12000.00"},
        ),
        (
            remote_line(service_date=date(2026, 2, 1)),
            [("ServiceDate", "2026-02-01", "2026-01-01")],
            {"ServiceDate": "2026-01-01"},
        ),
        (
            remote_line(),
            [("ServiceDate", None, "2026-01-01")],
            {"ServiceDate": "2026-01-01"},
        ),
    ],
)
def test_a_product_is_updated_in_place_field_by_field(
    product: RemoteLine, changes: list[tuple[str, str, str]], send: dict[str, str]
) -> None:
    dated = line(start="2026-01-01")
    if product.total_price != 12000 or product.quantity != 10:
        dated = line()
    [updated] = difference(quote(dated), SETTINGS, remote([product])).changes
    assert updated.action is Action.UPDATE
    assert [(each.field, each.before, each.after) for each in updated.changes] == changes
    assert updated.send == send


def test_the_unit_price_that_salesforce_derives_is_never_compared() -> None:
    derived = remote_line(unit_price=Decimal("1200.0000001"), total_price=Decimal("12000.0"))
    assert difference(quote(line()), SETTINGS, remote([derived])).is_empty


def test_a_line_without_a_start_leaves_the_date_alone() -> None:
    dated = remote_line(service_date=date(2026, 5, 5))
    assert difference(quote(line()), SETTINGS, remote([dated])).is_empty


def test_products_added_by_hand_are_never_touched() -> None:
    found = difference(quote(), SETTINGS, remote([by_hand(), remote_line()]))
    assert found.by_hand == (by_hand(),)
    assert [change.product_salesforce_id for change in found.changes] == [
        remote_line().salesforce_id
    ]
    assert shown(found) == "12500.00 500.00 500.00"


def test_a_ramp_is_matched_segment_by_segment_though_it_is_one_product() -> None:
    found = difference(document_ramp(), BY_AMOUNT, remote())
    assert [change.line_mn_id for change in found.of(Action.CREATE)] == [
        "qtitm_1",
        "qtitm_2",
        "qtitm_3",
    ]
    assert found.totals.after == 6100
    assert difference(document_ramp(), SETTINGS, remote()).totals.after == 12000


def test_a_changed_pricebook_entry_is_a_deletion_and_then_a_creation() -> None:
    moved = line(pricebook_entry=OTHER_ENTRY)
    found = difference(quote(moved), SETTINGS, remote([remote_line()]))
    replaced = LineReason.PRICEBOOK_ENTRY_CHANGED
    assert outcomes(found) == [(Action.DELETE, replaced), (Action.CREATE, replaced)]
    assert found.changes[1].send["PricebookEntryId"] == OTHER_ENTRY.salesforce_id
    assert found.totals.after == 12000


def test_lines_of_the_old_primary_quote_are_deleted() -> None:
    old = remote_line(salesforce_id="00kQy00000000002AA", quote_item_mn_id="qtitm_of_old_quote")
    found = difference(quote(line()), SETTINGS, remote([old, remote_line()]))
    assert outcomes(found) == [
        (Action.DELETE, LineReason.LINE_OF_ANOTHER_QUOTE),
        (Action.LEAVE, LineReason.ALREADY_SO),
    ]


def test_a_line_that_no_longer_goes_is_deleted_with_the_reason() -> None:
    never = line(override=Override.NEVER)
    found = difference(quote(never), SETTINGS, remote([remote_line()]))
    assert outcomes(found) == [(Action.DELETE, LineReason.OVERRIDE_NEVER)]


def test_what_salesforce_has_of_a_line_that_fails_stays_as_it_is() -> None:
    failing = line(override=Override.ALWAYS, pricebook_entry=None)
    other = line(mn_id="qtitm_2", position=1)
    found = difference(quote(failing, other), SETTINGS, remote([remote_line()]))
    assert outcomes(found) == [
        (Action.CREATE, LineReason.MEETS_THE_RULES),
        (Action.LEAVE, LineReason.LINE_WITHOUT_PRICEBOOK_ENTRY),
    ]
    assert found.totals.after == 24000


def test_with_product_sync_disabled_nothing_is_created_changed_or_deleted() -> None:
    products = [
        remote_line(total_price=Decimal(1)),
        remote_line(salesforce_id="00kQy00000000002AA"),
        remote_line(salesforce_id="00kQy00000000003AA", quote_item_mn_id="qtitm_gone"),
    ]
    found = difference(
        quote(line(), line(mn_id="qtitm_2", position=1)),
        ProductSyncSettings(is_disabled=True),
        remote(products),
    )
    assert outcomes(found) == [(Action.LEAVE, LineReason.PRODUCT_SYNC_DISABLED)] * 4
    assert found.is_empty
    assert found.totals.before == found.totals.after == 24001


def test_a_second_product_for_one_line_is_deleted_and_the_older_kept() -> None:
    double = remote_line(salesforce_id="00kQy00000000002AA")
    found = difference(quote(line()), SETTINGS, remote([double, remote_line()]))
    assert outcomes(found) == [
        (Action.DELETE, LineReason.DUPLICATE_PRODUCT),
        (Action.LEAVE, LineReason.ALREADY_SO),
    ]
    assert found.changes[0].product_salesforce_id == double.salesforce_id


def test_deletions_come_before_updates_and_updates_before_creations() -> None:
    lines = [line(mn_id=f"qtitm_{number}", position=number) for number in range(1, 4)]
    lines.append(line(mn_id="qtitm_4", position=4, override=Override.NEVER))
    products = [
        remote_line(salesforce_id="00kQy00000000002AA", quote_item_mn_id="qtitm_2"),
        remote_line(
            salesforce_id="00kQy00000000003AA", quote_item_mn_id="qtitm_3", quantity=Decimal(1)
        ),
        remote_line(salesforce_id="00kQy00000000004AA", quote_item_mn_id="qtitm_4"),
    ]
    found = difference(quote(*lines), SETTINGS, remote(products))
    assert [(change.action, change.line_mn_id) for change in found.changes] == [
        (Action.DELETE, "qtitm_4"),
        (Action.UPDATE, "qtitm_3"),
        (Action.CREATE, "qtitm_1"),
        (Action.LEAVE, "qtitm_2"),
    ]


def test_the_second_writer_is_named() -> None:
    synced = remote(synced_quote_salesforce_id="0Q0Qy00000000001AA")
    found = difference(quote(line()), SETTINGS, synced)
    assert found.synced_quote_salesforce_id == "0Q0Qy00000000001AA"


def test_a_difference_is_kept_as_json_without_loss() -> None:
    products = remote([by_hand(), remote_line(service_date=date(2026, 1, 1), quantity=Decimal(3))])
    found = difference(document_ramp(), SETTINGS, products)
    assert from_json(ProductDifference, to_json(found)) == found
    assert from_json(RemoteProducts, to_json(products)) == products
