"""The settings page of products: every change is a what-if first, and is saved from there alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console import pins
from console.actor import Actor
from console.models import OutboundPush, ProductSyncSetting, Resync
from syncrules.amount_fields import AMOUNT, INCREMENTAL_ARR
from tests import builders
from tests.admin.reading import hidden, said_after, text
from tests.portfolio import (
    BY_ARR,
    document_ramp,
    licence,
    make_amount_field,
    make_linked,
    make_revision,
)

pytestmark = pytest.mark.django_db

SETTINGS = reverse("admin:console_product_settings")
WHAT_IF = reverse("admin:console_what_if")
SAVE = reverse("admin:console_product_settings_save")
BY_AMOUNT = {"amount_field": AMOUNT, "zero_usage": "one_unit"}


def _save(client: Client, **changes: str) -> Any:
    shown = client.get(WHAT_IF, BY_AMOUNT)
    form = {"shown": hidden(shown, "shown"), "reason": "finance asked", "resync": "later"}
    return client.post(SAVE, form | changes)


def test_the_page_offers_every_currency_field_and_says_why_others_are_not(
    viewer: Client,
) -> None:
    make_amount_field(label="Deal value in the org")

    page = text(viewer.get(SETTINGS))

    for words in ("Incremental ARR", "Recommended", "Year 3 ARR", "Deal value in the org"):
        assert words in page
    assert "Only Currency fields can be an amount of money" in page


def test_disabling_says_what_stays_stale_and_what_becomes_of_the_queue(viewer: Client) -> None:
    licence(make_linked())
    builders.make_push(lane=OutboundPush.Lane.PRODUCTS)
    builders.make_push()

    page = text(viewer.get(SETTINGS))

    assert "the products of 1 open linked opportunity stay as they are" in page
    assert "1 waiting push of products ends as skipped; 1 of links" in page


def test_the_history_tells_revisions_apart(viewer: Client) -> None:
    make_revision(is_active=False, amount_field=AMOUNT, reason_text="as it was")
    make_revision(reason_text="investors ask for ARR")

    page = text(viewer.get(SETTINGS))

    assert "investors ask for ARR" in page
    assert f"Amount {AMOUNT} arrow_forward Incremental ARR {INCREMENTAL_ARR}" in page
    assert "What if we went back to this?" in page


# --- The what-if and saving ----------------------------------------------------------------------


def test_the_what_if_of_the_documents_ramp(viewer: Client) -> None:
    document_ramp(make_linked(name="Ramp deal"))

    page = text(viewer.get(WHAT_IF, BY_AMOUNT))

    assert "12,000.00 USD" in page
    assert "6,100.00 USD" in page
    assert "▼ -5,900.00 USD -49%" in page
    assert "Ramp deal" in page
    assert "1 considered" in page


def test_what_cannot_be_chosen_leads_back_with_the_reason(viewer: Client) -> None:
    for query in ({"amount_field": "Nobody__c"}, {"revision": "77"}, {"revision": "x"}, {}):
        answer = viewer.get(WHAT_IF, query)
        assert answer["Location"] == SETTINGS


def test_saving_makes_a_revision_and_a_to_do(administrator: Client) -> None:
    licence(make_linked())

    said = said_after(administrator, _save(administrator))

    row = ProductSyncSetting.objects.get()
    assert (row.amount_field, row.reason_text, row.is_active) == (AMOUNT, "finance asked", True)
    assert row.created_by is not None
    assert "1 opportunity to re-sync after revision" in said
    assert not OutboundPush.objects.exists()


def test_saving_with_a_re_sync_at_once(administrator: Client) -> None:
    licence(make_linked())

    said = said_after(administrator, _save(administrator, resync="now"))

    assert "1 push is on the way" in said
    assert OutboundPush.objects.get().lane == OutboundPush.Lane.PRODUCTS
    assert "to re-sync after" not in said


def test_the_to_do_is_done_by_its_button(administrator: Client) -> None:
    licence(make_linked())
    _save(administrator)
    resync = Resync.objects.get()
    button = reverse("admin:console_resync", args=[resync.pk, "now"])

    assert "1 push is on the way" in said_after(administrator, administrator.post(button))
    assert "That was done already" in said_after(administrator, administrator.post(button))
    assert OutboundPush.objects.count() == 1


def test_the_to_do_is_given_up_by_its_other_button(administrator: Client) -> None:
    licence(make_linked())
    _save(administrator)
    button = reverse("admin:console_resync", args=[Resync.objects.get().pk, "not"])

    assert "stay as they are" in said_after(administrator, administrator.post(button))
    assert not OutboundPush.objects.exists()


def test_nothing_is_saved_that_was_not_shown_to_this_person(
    administrator: Client, viewer: Client
) -> None:
    of_another = hidden(_plain_what_if(administrator), "shown")
    other = Client()
    other.force_login(builders.make_user("another-admin", role="administrator"))

    for token in ("", "made-up", of_another):
        form = {"shown": token, "reason": "because", "resync": "not"}
        assert "Look at the change once more" in said_after(other, other.post(SAVE, form))
    assert viewer.post(SAVE, {"shown": of_another}).status_code == 403
    assert not ProductSyncSetting.objects.exists()


def _plain_what_if(client: Client) -> Any:
    answer = client.get(WHAT_IF, BY_AMOUNT)
    assert answer.status_code == 200
    return answer


def test_a_viewer_may_ask_and_not_save(viewer: Client) -> None:
    page = viewer.get(WHAT_IF, BY_AMOUNT)

    assert "You need the right to save the product settings" in text(page)
    assert 'name="shown"' not in page.content.decode()


def test_a_missing_reason_is_said_and_what_was_typed_is_kept(administrator: Client) -> None:
    quote = make_linked()
    licence(quote)
    pins.pin(quote, BY_ARR, note="", actor=Actor("ada", reads_everything=True))

    answer = _save(administrator, reason="it is nicer", resync="not")

    assert answer.status_code == 409
    assert f"does not name: {quote.mn_id}" in text(answer)
    assert "it is nicer" in answer.content.decode()
    assert not ProductSyncSetting.objects.exists()


def test_who_saved_meanwhile_is_not_overwritten(administrator: Client) -> None:
    shown = hidden(_plain_what_if(administrator), "shown")
    make_revision(reason_text="quicker")

    answer = administrator.post(SAVE, {"shown": shown, "reason": "mine", "resync": "not"})

    assert "Somebody saved the settings" in text(answer)
    assert ProductSyncSetting.objects.get().reason_text == "quicker"


def test_going_back_is_a_what_if_too(administrator: Client) -> None:
    older = make_revision(is_active=False, amount_field=AMOUNT)
    make_revision()

    shown = administrator.get(WHAT_IF, {"revision": older.pk})
    form = {"shown": hidden(shown, "shown"), "reason": "it was better", "resync": "not"}
    administrator.post(SAVE, form)

    assert f"What if we went back to revision {older.pk}?" in text(shown)
    assert ProductSyncSetting.objects.get(is_active=True).reverts_to == older


def test_where_nothing_becomes_stale_no_re_sync_is_offered(administrator: Client) -> None:
    licence(make_linked())
    disabled = {**BY_AMOUNT, "is_disabled": "on"}

    shown = administrator.get(WHAT_IF, disabled)
    form = {"shown": hidden(shown, "shown"), "reason": "an audit", "resync": "not"}
    administrator.post(SAVE, form)

    assert "Product sync would be disabled." in text(shown)
    assert "there is nothing to re-sync" in text(shown)
    assert hidden(shown, "resync") == "not"
    assert ProductSyncSetting.objects.get().is_disabled
    assert not Resync.objects.exists()
    enabling = text(administrator.get(WHAT_IF, BY_AMOUNT))
    assert "Product sync would be enabled again." in enabling
    assert "The 1 opportunity affected" in enabling


def test_the_file_has_every_deal_and_no_formula(viewer: Client) -> None:
    licence(make_linked(name='=HYPERLINK("http://x")'))
    make_linked(name="Unchanged")

    answer = viewer.get(reverse("admin:console_what_if_export"), BY_AMOUNT)

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["opportunity"] for row in rows] == ['\'=HYPERLINK("http://x")', "Unchanged"]
    assert (rows[0]["before"], rows[0]["change"]) == ("1200.00", "2400.00")


def test_the_what_if_takes_the_same_queries_for_any_number_of_deals(viewer: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert viewer.get(WHAT_IF, BY_AMOUNT).status_code == 200
        return len(queries)

    licence(make_linked())
    few = count()
    for _ in range(6):
        licence(make_linked())

    assert count() == few
