"""What would happen to a quote's products: as the flow, the command and the endpoint tell it."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console.api.signature import sign
from console.flows import sync_products as flow
from console.models import InboundEvent, QuoteItem, SalesforceConnection, SyncLog
from console.preview_text import WIDTH
from syncrules.line_facts import Override
from syncrules.product_changes import Action
from syncrules.reasons import Reason
from tests.builders import make_client, make_product, make_quote
from tests.deal import AMOUNT, Deal, choose, make_deal
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


def printed(quote_mn_id: str) -> str:
    out = StringIO()
    call_command("preview_products", quote_mn_id, stdout=out)
    return out.getvalue()


def asked(mn_id: str, *, client: Any = None, secret: str | None = None) -> Any:
    sender = client or make_client()
    headers = {
        "client-id": sender.key,
        "webhook-id": "question-1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": sign(
            secret=secret or sender.secret,
            webhook_id="question-1",
            timestamp=int(time.time()),
            body=b"",
        ),
    }
    return Client().get(f"/api/v1/quotes/{mn_id}/product-preview", headers=headers)


# --- The flow ------------------------------------------------------------------------------------


def test_what_the_preview_shows_is_what_the_push_does(deal: Deal) -> None:
    deal.ramp()
    deal.add_by_hand(total=500)
    deal.line(override=Override.ALWAYS, pricebook_entry=None)

    foreseen = flow.preview(deal.opportunity.pk)

    assert foreseen is not None
    assert foreseen.difference is not None
    assert foreseen.decision is not None
    totals = foreseen.difference.totals
    assert (totals.before, totals.after) == (Decimal(500), Decimal(12500))
    assert not SyncLog.objects.exists()
    _, entry = deal.push()
    assert entry.reason == foreseen.decision.reason == Reason.PRODUCTS_PARTLY_PUSHED
    created = foreseen.difference.of(Action.CREATE)
    assert sorted(deal.totals()) == sorted([500, *(each.total_after or 0 for each in created)])


def test_a_preview_writes_nothing_to_salesforce(deal: Deal, org: Org) -> None:
    deal.ramp()

    flow.preview(deal.opportunity.pk)

    assert org.journal() == []


def test_an_opportunity_without_a_primary_quote_has_nothing_to_show(deal: Deal) -> None:
    deal.opportunity.primary_quote = None
    deal.opportunity.save(update_fields=["primary_quote"])

    assert flow.preview(deal.opportunity.pk) is None


def test_the_swap_of_the_primary_quote_is_foreseen(deal: Deal) -> None:
    deal.ramp()
    kept_back = deal.line(override=Override.NEVER)
    deal.push()
    other = deal.another_quote()
    deal.line(quote=other, quantity=Decimal(20))

    foreseen = flow.preview_quote(other.pk)

    assert foreseen.swap is not None
    assert foreseen.swap.present_quote_mn_id == deal.quote.mn_id
    assert len(foreseen.swap.lost) == 3
    assert foreseen.swap.change == 12000  # 24,000 instead of 12,000
    assert [each.line_mn_id for each in foreseen.swap.orphaned] == [kept_back.mn_id]
    deal.make_primary(other)
    deal.push()
    assert deal.amount == 24000


def test_the_primary_quote_itself_is_no_swap(deal: Deal) -> None:
    deal.line()

    assert flow.preview_quote(deal.quote.pk).swap is None


@pytest.mark.parametrize("fault", [{"action": "status", "status": 503}, {"action": "drop"}])
def test_where_salesforce_cannot_be_read_the_verdicts_are_shown(
    deal: Deal, org: Org, fault: dict[str, Any]
) -> None:
    deal.ramp()
    org.break_with(**fault, times=None)

    foreseen = flow.preview_quote(deal.quote.pk)

    assert [verdict.goes for verdict in foreseen.verdicts] == [True] * 3
    assert foreseen.difference is None
    assert foreseen.unread
    assert foreseen.decision is not None
    assert foreseen.decision.reason is Reason.WILL_BE_RETRIED


def test_a_preview_that_is_refused_breaks_no_connection(
    deal: Deal, connected: SalesforceConnection
) -> None:
    deal.line()
    connected.client_secret = "wrong"
    connected.save(update_fields=["client_secret"])

    foreseen = flow.preview_quote(deal.quote.pk)

    connected.refresh_from_db()
    assert connected.state == SalesforceConnection.State.LIVE
    assert foreseen.decision is not None
    assert foreseen.decision.reason is Reason.HELD_UNTIL_CONNECTED


def test_without_a_connection_the_verdicts_are_shown(deal: Deal) -> None:
    deal.line()
    SalesforceConnection.objects.update(is_active=False)

    foreseen = flow.preview_quote(deal.quote.pk)

    assert (len(foreseen.verdicts), foreseen.difference) == (1, None)
    assert foreseen.unread == "Held until Salesforce is connected again"


def test_a_quote_that_belongs_to_no_opportunity_has_verdicts_too(deal: Deal) -> None:
    deal.line()
    stray = make_quote()
    stray.opportunity = None
    stray.save(update_fields=["opportunity"])

    foreseen = flow.preview_quote(stray.pk)

    assert (foreseen.decision, foreseen.difference, foreseen.verdicts) == (None, None, ())
    assert foreseen.unread == "the quote belongs to no MN opportunity"


def test_a_thousand_lines_take_no_more_queries_than_one(
    deal: Deal, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    item = deal.line()
    QuoteItem.objects.bulk_create(
        QuoteItem(
            mn_id=f"{item.mn_id}_{number}",
            quote=deal.quote,
            product=item.product,
            pricebook_entry=item.pricebook_entry,
            quantity=1,
            unit_price=1,
            amount=1,
        )
        for number in range(999)
    )

    with django_assert_max_num_queries(16):
        foreseen = flow.preview_quote(deal.quote.pk)

    assert foreseen.difference is not None
    assert len(foreseen.difference.of(Action.CREATE)) == 1000


# --- The command ---------------------------------------------------------------------------------


def test_the_command_prints_lines_amounts_and_difference(deal: Deal) -> None:
    deal.ramp()
    deal.add_by_hand(total=500)
    setting = choose(amount_field=AMOUNT)

    text = printed(deal.quote.mn_id)

    assert f"The amount is {AMOUNT}, by revision {setting.pk}." in text
    assert "✓ Annual licence" in text
    assert "5,000.00  Meets every criterion" in text
    assert "3 of 3 lines go" in text
    assert "6,100.00  USD" in text
    assert "+ create Annual licence" in text
    assert "Amount: 500.00 now, 6,600.00 afterwards (+6,100.00 USD)" in text
    assert "done: Products written to Salesforce" in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_command_tells_what_would_change_and_what_stands_in_the_way(deal: Deal) -> None:
    item = deal.line()
    deal.push()
    item.quantity = Decimal(20)
    item.save(update_fields=["quantity"])
    deal.line(override=Override.ALWAYS, pricebook_entry=None, product=make_product(name="N" * 90))

    text = printed(deal.quote.mn_id)

    assert "~ update Platform" in text
    assert "Quantity: 10.00 → 20.00" in text
    assert "✗ " + "N" * 27 + "…" in text
    assert "Override Always, but no pricebook entry" in text
    assert "Overrides worth a second look" in text
    assert "failed: Some lines could not become products" in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_command_tells_of_the_swap_and_of_the_second_writer(
    org: Org, connected: SalesforceConnection
) -> None:
    deal = make_deal(org, SyncedQuoteId=sf_id("0Q0"))
    deal.line(override=Override.ALWAYS)
    deal.push()
    other = deal.another_quote()
    deal.line(quote=other, quantity=Decimal(5))

    text = printed(other.mn_id)

    assert "If this quote became the primary one" in text
    assert f"The primary quote is {deal.quote.mn_id} now." in text
    assert "The opportunity's amount would change by -6,000.00." in text
    assert "would decide nothing" in text
    assert "Salesforce's own quote sync is on" in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_command_says_so_when_salesforce_cannot_be_read(deal: Deal, org: Org) -> None:
    deal.line()
    org.break_with(action="status", status=503, times=None)

    text = printed(deal.quote.mn_id)

    assert "Not known, so there is no difference to show" in text
    assert "1 of 1 lines go" in text


def test_the_command_gives_json_as_the_endpoint_does(deal: Deal) -> None:
    deal.ramp()
    out = StringIO()

    call_command("preview_products", deal.quote.mn_id, "--json", stdout=out)

    assert json.loads(out.getvalue()) == asked(deal.quote.mn_id).json()


def test_an_unknown_quote_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match="no quote has the MN id 'quote_x'"):
        printed("quote_x")


# --- The endpoint --------------------------------------------------------------------------------


def test_a_signed_question_is_answered(deal: Deal) -> None:
    first, *_ = deal.ramp()

    answer = asked(deal.quote.mn_id)

    body = answer.json()
    assert answer.status_code == 200
    assert body["lines"][0]["mn_id"] == first.mn_id
    assert "quote" not in body["lines"][0]
    assert [verdict["amount"] for verdict in body["verdicts"]] == ["0.00", "0.00", "12000.00"]
    assert body["difference"]["totals"]["after"] == "12000.00"
    assert body["decision"]["reason"] == "products_pushed"
    assert (body["swap"], body["unread"]) == (None, None)


def test_an_unsigned_question_is_refused_and_leaves_no_trace(deal: Deal) -> None:
    answer = asked(deal.quote.mn_id, secret="a wrong secret, not a right one")

    assert answer.status_code == 401
    assert not InboundEvent.objects.exists()


def test_a_restricted_quote_looks_like_none_to_others(deal: Deal) -> None:
    group = Group.objects.create(name="EMEA")
    deal.quote.readers.add(group)
    insider, outsider = make_client(), make_client()
    insider.groups.add(group)

    assert asked(deal.quote.mn_id, client=insider).status_code == 200
    refused, unknown = asked(deal.quote.mn_id, client=outsider), asked("quote_x", client=outsider)
    assert (refused.status_code, refused.json()) == (404, unknown.json())
