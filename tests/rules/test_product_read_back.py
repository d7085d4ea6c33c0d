"""After a push: which accepted changes are not to be seen in Salesforce?"""

from __future__ import annotations

from decimal import Decimal

from syncrules.json_form import from_json, to_json
from syncrules.line_facts import PricebookEntryFacts
from syncrules.line_reasons import LineReason
from syncrules.product_changes import FieldChange
from syncrules.product_difference import NotKept, difference, not_kept
from syncrules.sync_products import ProductSyncSettings
from tests.rules.lines import OTHER_BOOK, line, quote, remote, remote_line

SETTINGS = ProductSyncSettings()


def test_reading_back_finds_what_was_accepted_and_not_kept() -> None:
    before = remote([remote_line(quantity=Decimal(1))])
    [update] = difference(quote(line()), SETTINGS, before).changes
    assert not_kept([update], remote([remote_line()])) == ()
    [ignored] = not_kept([update], before)
    assert ignored.reason is LineReason.ACCEPTED_NOT_APPLIED
    assert ignored.fields == (FieldChange("Quantity", "10.00", "1.00"),)
    assert from_json(NotKept, to_json(ignored)) == ignored


def test_reading_back_finds_a_creation_that_vanished_and_a_deletion_that_did_not() -> None:
    [create] = difference(quote(line()), SETTINGS, remote()).changes
    assert len(not_kept([create], remote())[0].fields) == 3
    [delete] = difference(quote(), SETTINGS, remote([remote_line()])).changes
    assert [each.change for each in not_kept([delete], remote([remote_line()]))] == [delete]
    assert not_kept([delete], remote()) == ()


def test_what_was_left_alone_is_not_read_back() -> None:
    failing = quote(
        line(pricebook_entry=PricebookEntryFacts("01uQy00000000009AA", OTHER_BOOK, "USD"))
    )
    assert not_kept(difference(failing, SETTINGS, remote()).changes, remote()) == ()
