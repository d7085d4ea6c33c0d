"""The pages of products: settings with their what-if, the quote's lines, overrides, pins."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console import pins
from console.actor import Actor
from console.admin.base import page_of
from console.models import (
    OutboundPush,
    PinnedQuote,
    ProductSyncSetting,
    Quote,
    QuoteItem,
    Resync,
)
from syncrules.amount_fields import AMOUNT, INCREMENTAL_ARR
from tests import builders
from tests.facts import NOON
from tests.portfolio import (
    BY_ARR,
    document_ramp,
    licence,
    make_amount_field,
    make_linked,
    make_revision,
    one_time,
)

pytestmark = pytest.mark.django_db

SETTINGS = reverse("admin:console_product_settings")
WHAT_IF = reverse("admin:console_what_if")
SAVE = reverse("admin:console_product_settings_save")
IMPORT = reverse("admin:console_overrides_import")
BY_AMOUNT = {"amount_field": AMOUNT, "zero_usage": "one_unit"}


def _text(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def _hidden(answer: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def _save(client: Client, **changes: str) -> HttpResponse:
    shown = client.get(WHAT_IF, BY_AMOUNT)
    form = {"shown": _hidden(shown, "shown"), "reason": "finance asked", "resync": "later"}
    return client.post(SAVE, form | changes)


def _messages(client: Client, answer: HttpResponse) -> str:
    assert answer.status_code == 302
    return _text(client.get(answer["Location"]))


# --- The settings page ---------------------------------------------------------------------------


def test_the_page_offers_every_currency_field_and_says_why_others_are_not(
    viewer: Client,
) -> None:
    make_amount_field(label="Deal value in the org")

    page = _text(viewer.get(SETTINGS))

    for words in ("Incremental ARR", "Recommended", "Year 3 ARR", "Deal value in the org"):
        assert words in page
    assert "Only Currency fields can be an amount of money" in page


def test_disabling_says_what_stays_stale_and_what_becomes_of_the_queue(viewer: Client) -> None:
    licence(make_linked())
    builders.make_push(lane=OutboundPush.Lane.PRODUCTS)
    builders.make_push()

    page = _text(viewer.get(SETTINGS))

    assert "the products of 1 open linked opportunity stay as they are" in page
    assert "1 waiting push of products ends as skipped; 1 of links" in page


def test_the_history_tells_revisions_apart(viewer: Client) -> None:
    make_revision(is_active=False, amount_field=AMOUNT, reason_text="as it was")
    make_revision(reason_text="investors ask for ARR")

    page = _text(viewer.get(SETTINGS))

    assert "investors ask for ARR" in page
    assert f"Amount {AMOUNT} arrow_forward Incremental ARR {INCREMENTAL_ARR}" in page
    assert "What if we went back to this?" in page


# --- The what-if and saving ----------------------------------------------------------------------


def test_the_what_if_of_the_documents_ramp(viewer: Client) -> None:
    document_ramp(make_linked(name="Ramp deal"))

    page = _text(viewer.get(WHAT_IF, BY_AMOUNT))

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

    said = _messages(administrator, _save(administrator))

    row = ProductSyncSetting.objects.get()
    assert (row.amount_field, row.reason_text, row.is_active) == (AMOUNT, "finance asked", True)
    assert row.created_by is not None
    assert "1 opportunity to re-sync after revision" in said
    assert not OutboundPush.objects.exists()


def test_saving_with_a_re_sync_at_once(administrator: Client) -> None:
    licence(make_linked())

    said = _messages(administrator, _save(administrator, resync="now"))

    assert "1 push is on the way" in said
    assert OutboundPush.objects.get().lane == OutboundPush.Lane.PRODUCTS
    assert "to re-sync after" not in said


def test_the_to_do_is_done_by_its_button(administrator: Client) -> None:
    licence(make_linked())
    _save(administrator)
    resync = Resync.objects.get()
    button = reverse("admin:console_resync", args=[resync.pk, "now"])

    assert "1 push is on the way" in _messages(administrator, administrator.post(button))
    assert "That was done already" in _messages(administrator, administrator.post(button))
    assert OutboundPush.objects.count() == 1


def test_the_to_do_is_given_up_by_its_other_button(administrator: Client) -> None:
    licence(make_linked())
    _save(administrator)
    button = reverse("admin:console_resync", args=[Resync.objects.get().pk, "not"])

    assert "stay as they are" in _messages(administrator, administrator.post(button))
    assert not OutboundPush.objects.exists()


def test_nothing_is_saved_that_was_not_shown_to_this_person(
    administrator: Client, viewer: Client
) -> None:
    of_another = _hidden(_plain_what_if(administrator), "shown")
    other = Client()
    other.force_login(builders.make_user("another-admin", role="administrator"))

    for token in ("", "made-up", of_another):
        form = {"shown": token, "reason": "because", "resync": "not"}
        assert "Look at the change once more" in _messages(other, other.post(SAVE, form))
    assert viewer.post(SAVE, {"shown": of_another}).status_code == 403
    assert not ProductSyncSetting.objects.exists()


def _plain_what_if(client: Client) -> HttpResponse:
    answer = client.get(WHAT_IF, BY_AMOUNT)
    assert answer.status_code == 200
    return answer


def test_a_viewer_may_ask_and_not_save(viewer: Client) -> None:
    page = viewer.get(WHAT_IF, BY_AMOUNT)

    assert "You need the right to save the product settings" in _text(page)
    assert 'name="shown"' not in page.content.decode()


def test_a_missing_reason_is_said_and_what_was_typed_is_kept(administrator: Client) -> None:
    quote = make_linked()
    licence(quote)
    pins.pin(quote, BY_ARR, note="", actor=Actor("ada", reads_everything=True))

    answer = _save(administrator, reason="it is nicer", resync="not")

    assert answer.status_code == 409
    assert f"does not name: {quote.mn_id}" in _text(answer)
    assert "it is nicer" in answer.content.decode()
    assert not ProductSyncSetting.objects.exists()


def test_who_saved_meanwhile_is_not_overwritten(administrator: Client) -> None:
    shown = _hidden(_plain_what_if(administrator), "shown")
    make_revision(reason_text="quicker")

    answer = administrator.post(SAVE, {"shown": shown, "reason": "mine", "resync": "not"})

    assert "Somebody saved the settings" in _text(answer)
    assert ProductSyncSetting.objects.get().reason_text == "quicker"


def test_going_back_is_a_what_if_too(administrator: Client) -> None:
    older = make_revision(is_active=False, amount_field=AMOUNT)
    make_revision()

    shown = administrator.get(WHAT_IF, {"revision": older.pk})
    form = {"shown": _hidden(shown, "shown"), "reason": "it was better", "resync": "not"}
    administrator.post(SAVE, form)

    assert f"What if we went back to revision {older.pk}?" in _text(shown)
    assert ProductSyncSetting.objects.get(is_active=True).reverts_to == older


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


# --- The quote's products ------------------------------------------------------------------------


def test_the_ramp_shows_6100_against_12000_against_15600(viewer: Client) -> None:
    quote = make_linked()
    document_ramp(quote)

    page = _text(viewer.get(page_of(quote)))

    assert "Amount 6,100.00 USD" in page
    assert "Incremental ARR 12,000.00 USD" in page
    assert "ARR 15,600.00 USD Every segment of a ramp counted" in page
    assert "Sent in all 12,000.00 USD 3 lines go" in page
    assert "a ramp of 3 segments" in page
    assert "Amount 5,000 ARR 12,000 sent 12,000" in page


def test_a_line_says_why_with_every_criterion(viewer: Client) -> None:
    quote = make_linked()
    licence(quote, pricebook_entry=None)

    page = _text(viewer.get(page_of(quote)))

    assert "No pricebook entry on the line" in page
    assert "Is the quantity other than 0, or the product usage?" in page
    assert "Add the product to the price book in this currency." in page


def test_the_linters_hints_and_the_override_in_salesforce_are_shown(viewer: Client) -> None:
    quote = make_linked()
    licence(quote, override="Always", salesforce_override="Never", custom_read_at=NOON)

    page = _text(viewer.get(page_of(quote)))

    assert "The override changes nothing" in page
    assert "Salesforce: Never" in page


def test_an_override_is_set_where_the_line_is(operator: Client) -> None:
    line = licence(make_linked())
    button = reverse("admin:console_quote_override", args=[line.quote_id])

    answer = operator.post(
        button, {"line": line.mn_id, "override": "Never", "reason": "billed elsewhere"}
    )

    assert "1 override was set. A push of the products is on its way." in _messages(
        operator, answer
    )
    line.refresh_from_db()
    assert (line.override, line.override_by_name) == ("Never", "operator-person")


def test_many_lines_are_overridden_at_once(operator: Client) -> None:
    quote = make_linked()
    lines = [licence(quote), licence(quote), licence(quote)]
    button = reverse("admin:console_quote_override", args=[quote.pk])

    operator.post(
        button,
        {"line": [line.mn_id for line in lines[:2]], "override": "Never", "reason": "bundled"},
    )

    assert list(quote.items.order_by("pk").values_list("override", flat=True)) == [
        "Never",
        "Never",
        "",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"override": "Never"}, "Choose the lines first."),
        ({"line": "THE LINE", "override": "Perhaps"}, "Choose what the override is to be."),
        ({"line": "THE LINE", "override": "Never"}, "an override needs a reason"),
        ({"line": "somewhere else", "override": "Never"}, "Choose the lines first."),
    ],
)
def test_an_override_that_cannot_be_is_refused_in_words(
    operator: Client, form: dict[str, str], said: str
) -> None:
    line = licence(make_linked())
    button = reverse("admin:console_quote_override", args=[line.quote_id])

    form = {name: line.mn_id if value == "THE LINE" else value for name, value in form.items()}
    assert said in _messages(operator, operator.post(button, form))
    line.refresh_from_db()
    assert line.override == ""


def test_a_finalized_quote_shows_its_lock_and_no_form(operator: Client) -> None:
    line = licence(make_linked())
    Quote.objects.update(status="PROCESSED")
    button = reverse("admin:console_quote_override", args=[line.quote_id])

    page = operator.get(page_of(line.quote))
    answer = operator.post(button, {"line": line.mn_id, "override": "Never", "reason": "late"})

    assert "its overrides are locked" in _text(page)
    assert "the lock cannot be lifted" in _text(page)
    assert f'action="{button}"' not in page.content.decode()
    assert "cannot be changed any more" in _messages(operator, answer)
    line.refresh_from_db()
    assert line.override == ""


@pytest.mark.parametrize("name", ["override", "pin", "unpin", "push_products"])
def test_a_viewer_presses_none_of_the_buttons(viewer: Client, name: str) -> None:
    line = licence(make_linked())
    button = reverse(f"admin:console_quote_{name}", args=[line.quote_id])

    answer = viewer.post(button, {"line": line.mn_id, "override": "Never", "reason": "x"})

    assert answer.status_code == 403
    assert viewer.get(button).status_code == 405
    assert not PinnedQuote.objects.exists()
    assert not OutboundPush.objects.exists()


def test_a_quote_of_other_readers_is_not_there(operator: Client) -> None:
    line = licence(make_linked())
    line.quote.readers.add(Group.objects.create(name="deal desk"))

    for name in ("override", "pin", "push_products"):
        address = reverse(f"admin:console_quote_{name}", args=[line.quote_id])
        assert operator.post(address).status_code == 404
    for name in ("difference", "overrides_export"):
        address = reverse(f"admin:console_quote_{name}", args=[line.quote_id])
        assert operator.get(address).status_code == 404


def test_pinning_and_taking_the_pin_away(operator: Client) -> None:
    line = licence(make_linked())
    quote = line.quote

    pin = reverse("admin:console_quote_pin", args=[quote.pk])
    assert "Pinned" in _messages(operator, operator.post(pin, {"note": "the model deal"}))
    assert PinnedQuote.objects.get().note == "the model deal"
    QuoteItem.objects.update(unit_price=50)
    assert "another amount" in _text(operator.get(page_of(quote)))
    assert "Broken" in _text(operator.get(SETTINGS))
    operator.post(reverse("admin:console_quote_unpin", args=[quote.pk]))

    assert not PinnedQuote.objects.exists()


def test_a_long_quote_comes_in_stretches(viewer: Client) -> None:
    quote = make_linked()
    product = builders.make_product()
    QuoteItem.objects.bulk_create(
        QuoteItem(
            mn_id=f"long_{number}",
            quote=quote,
            position=number,
            product=product,
            quantity=1,
            unit_price=1,
            billing_months=12,
            amount=1,
        )
        for number in range(1, 131)
    )

    first = viewer.get(page_of(quote)).content.decode()
    second = viewer.get(f"{page_of(quote)}?from=101").content.decode()

    assert "line-long_100" in first
    assert "line-long_101" not in first
    assert "line-long_101" in second
    assert viewer.get(f"{page_of(quote)}?from=9999999").status_code == 200


# --- Overrides as CSV ----------------------------------------------------------------------------


def _upload(client: Client, content: str) -> HttpResponse:
    return client.post(IMPORT, {"file": SimpleUploadedFile("o.csv", content.encode())})


def test_what_is_exported_is_read_again_and_changes_nothing(operator: Client) -> None:
    quote = make_linked()
    licence(quote, override="Never", override_reason="=1+1")
    one_time(quote)

    written = operator.get(reverse("admin:console_quote_overrides_export", args=[quote.pk]))
    shown = _text(_upload(operator, written.content.decode()))

    assert "0 will be set, 2 are so already, 0 refused" in shown


def test_rows_are_judged_before_and_set_after_confirming(operator: Client) -> None:
    quote = make_linked()
    good, locked = licence(quote), licence(builders.make_quote(status="ACCEPTED"))
    content = (
        "line,override,reason\n"
        f"{good.mn_id},never,billed elsewhere\n"
        f"{locked.mn_id},Always,late\n"
        "nobody,Always,x\n"
        f"{good.mn_id},sometimes,x\n"
    )

    shown = _upload(operator, content)

    assert "1 will be set, 0 are so already, 3 refused" in _text(shown)
    assert "none of Always, Never and blank" in _text(shown)
    assert not QuoteItem.objects.exclude(override="").exists()
    operator.post(IMPORT, {"shown": _hidden(shown, "shown")})
    good.refresh_from_db()
    assert (good.override, good.override_reason) == ("Never", "billed elsewhere")


def test_a_row_that_changed_since_it_was_shown_is_refused_by_name(operator: Client) -> None:
    quote = make_linked()
    first, second = licence(quote), licence(quote)
    content = f"line,override,reason\n{first.mn_id},Never,x\n{second.mn_id},Never,x\n"
    shown = _upload(operator, content)
    QuoteItem.objects.filter(pk=first.pk).update(override="Always", override_at=NOON)

    answer = operator.post(IMPORT, {"shown": _hidden(shown, "shown")})

    assert "Refused, since they changed after they were shown" in _text(answer)
    assert first.mn_id in _text(answer)
    assert "1 of 2 overrides were set" in _text(answer)
    assert dict(QuoteItem.objects.values_list("mn_id", "override")) == {
        first.mn_id: "Always",
        second.mn_id: "Never",
    }


@pytest.mark.parametrize("content", ["", "line\nx\n", "line,override,reason\n"])
def test_a_file_that_is_no_such_table_is_refused(operator: Client, content: str) -> None:
    page = _text(_upload(operator, content))

    assert "There is no column" in page or "has no rows" in page or "Choose a file" in page


def test_only_who_may_override_may_import(viewer: Client, operator: Client) -> None:
    assert viewer.get(IMPORT).status_code == 403
    assert operator.get(IMPORT).status_code == 200
    said = operator.post(IMPORT, {"shown": "made up"})
    assert "shown too long ago" in _text(said)


def test_all_overrides_that_are_set_can_be_downloaded(viewer: Client) -> None:
    hidden = licence(make_linked(), override="Never", override_reason="secret")
    hidden.quote.readers.add(Group.objects.create(name="deal desk"))
    line = licence(make_linked(), override="Always", override_reason="strategic")

    answer = viewer.get(reverse("admin:console_overrides_export"))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["line"], row["reason"]) for row in rows] == [(line.mn_id, "strategic")]
