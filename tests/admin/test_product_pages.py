"""The products on a quote's page: what goes and why, overrides in place, pins, the comparison."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from console.admin.base import page_of
from console.models import OutboundPush, PinnedQuote, Quote, QuoteItem, SalesforceConnection
from syncrules.line_facts import Override
from tests import builders
from tests.admin.reading import said_after, text
from tests.deal import Deal, make_deal
from tests.facts import NOON
from tests.org import Org
from tests.portfolio import document_ramp, licence, make_linked

pytestmark = pytest.mark.django_db

SETTINGS = reverse("admin:console_product_settings")


def test_the_ramp_shows_6100_against_12000_against_15600(viewer: Client) -> None:
    quote = make_linked()
    document_ramp(quote)

    page = text(viewer.get(page_of(quote)))

    assert "Amount 6,100.00 USD" in page
    assert "Incremental ARR 12,000.00 USD" in page
    assert "ARR 15,600.00 USD Every segment of a ramp counted" in page
    assert "Sent in all 12,000.00 USD 3 lines go" in page
    assert "a ramp of 3 segments" in page
    assert "Amount 5,000 ARR 12,000 sent 12,000" in page


def test_a_line_says_why_with_every_criterion(viewer: Client) -> None:
    quote = make_linked()
    licence(quote, pricebook_entry=None)

    page = text(viewer.get(page_of(quote)))

    assert "No pricebook entry on the line" in page
    assert "Is the quantity other than 0, or the product usage?" in page
    assert "Add the product to the price book in this currency." in page


def test_the_linters_hints_and_the_override_in_salesforce_are_shown(viewer: Client) -> None:
    quote = make_linked()
    licence(quote, override="Always", salesforce_override="Never", custom_read_at=NOON)

    page = text(viewer.get(page_of(quote)))

    assert "The override changes nothing" in page
    assert "Salesforce: Never" in page


def test_an_override_is_set_where_the_line_is(operator: Client) -> None:
    line = licence(make_linked())
    button = reverse("admin:console_quote_override", args=[line.quote_id])

    answer = operator.post(
        button, {"line": line.mn_id, "override": "Never", "reason": "billed elsewhere"}
    )

    assert "1 override was set. A push of the products is on its way." in said_after(
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
    assert said in said_after(operator, operator.post(button, form))
    line.refresh_from_db()
    assert line.override == ""


def test_a_finalized_quote_shows_its_lock_and_no_form(operator: Client) -> None:
    line = licence(make_linked())
    Quote.objects.update(status="PROCESSED")
    button = reverse("admin:console_quote_override", args=[line.quote_id])

    page = operator.get(page_of(line.quote))
    answer = operator.post(button, {"line": line.mn_id, "override": "Never", "reason": "late"})

    assert "its overrides are locked" in text(page)
    assert "the lock cannot be lifted" in text(page)
    assert f'action="{button}"' not in page.content.decode()
    assert "cannot be changed any more" in said_after(operator, answer)
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
    assert "Pinned" in said_after(operator, operator.post(pin, {"note": "the model deal"}))
    assert PinnedQuote.objects.get().note == "the model deal"
    QuoteItem.objects.update(unit_price=50)
    assert "another amount" in text(operator.get(page_of(quote)))
    assert "Broken" in text(operator.get(SETTINGS))
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


# --- Compared with Salesforce --------------------------------------------------------------------


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


def _compared(client: Client, quote: Quote) -> str:
    return text(client.get(reverse("admin:console_quote_difference", args=[quote.pk])))


def test_the_comparison_names_each_product_and_field(deal: Deal, viewer: Client) -> None:
    item = deal.line()

    page = _compared(viewer, deal.quote)

    assert "0.00 USD arrow_forward 12,000.00 USD" in page
    assert f"Create {item.product.name} {item.mn_id}" in page  # type: ignore[union-attr]
    assert "TotalPrice 12000.00" in page
    assert "You need the right to push to Salesforce" in page


def test_push_now_asks_for_a_push_of_the_products(deal: Deal, operator: Client) -> None:
    deal.line()
    button = reverse("admin:console_quote_push_products", args=[deal.quote.pk])

    assert button in operator.get(button.replace("push-products", "difference")).content.decode()
    operator.post(button)

    assert OutboundPush.objects.get().lane == OutboundPush.Lane.PRODUCTS


def test_what_is_in_step_has_nothing_to_push(deal: Deal, operator: Client) -> None:
    deal.line()
    deal.push()

    page = _compared(operator, deal.quote)

    assert "Salesforce already has it so" in page
    assert "Nothing has to be written." in page


def test_another_quote_shows_what_a_swap_would_mean(deal: Deal, viewer: Client) -> None:
    deal.line(override=Override.ALWAYS)
    deal.push()
    other = deal.another_quote()
    deal.line(quote=other, quantity=1)

    page = _compared(viewer, other)

    assert f"If this quote became the primary one instead of {deal.quote.mn_id}" in page
    assert "1 product of the present primary quote would go" in page
    assert "1 override would decide nothing any more" in page
    assert "Push now" not in page


def test_without_a_connection_there_is_no_comparison(operator: Client) -> None:
    line = licence(make_linked())

    page = _compared(operator, line.quote)

    assert "There is no comparison." in page
    assert "There is nothing to compare with." in page


def test_only_a_primary_quote_is_pushed(operator: Client) -> None:
    quote = builders.make_quote()
    button = reverse("admin:console_quote_push_products", args=[quote.pk])

    assert "Only the lines of a primary quote" in said_after(operator, operator.post(button))
    assert not OutboundPush.objects.exists()
