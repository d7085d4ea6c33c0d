"""The primary quote's pages: every verdict, the proposal, the locks, and nothing that leaks."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import escape

from console.admin.base import page_of
from console.models import Quote, SalesforceConnection
from syncrules.facts import FINALIZED_OPPORTUNITY, FINALIZED_QUOTE
from syncrules.reasons import Reason, describe
from tests import builders
from tests.admin.pairing import button, primary_page, text
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_every_quote_has_its_verdict_and_the_best_is_proposed(operator: Client, pair: Pair) -> None:
    sent = builders.make_quote(opportunity=pair.opportunity, status="SENT")
    builders.make_quote(opportunity=pair.opportunity, status="EXPIRED")

    page = text(operator, primary_page(pair.opportunity))

    assert page.count("Primary now") == 2  # the heading, and the row
    assert page.count("Can be primary") == 1
    assert page.count("</span>Cannot be primary</span>") == 1
    assert f"Proposed: {sent.mn_id}" in page
    assert "Only a proposal" in page


def test_the_states_that_lock_are_named(viewer: Client, pair: Pair) -> None:
    page = text(viewer, primary_page(pair.opportunity))

    for status in (*FINALIZED_QUOTE, *FINALIZED_OPPORTUNITY):
        assert status.replace("_", " ").lower().capitalize() in page


@pytest.mark.parametrize(
    ("sent", "how"), [({}, "chosen by hand"), ({"proposal": "yes"}, "accepted proposal")]
)
def test_what_is_confirmed_is_set_and_how_is_kept(
    operator: Client, pair: Pair, sent: dict[str, str], how: str
) -> None:
    other = builders.make_quote(opportunity=pair.opportunity, status="SENT")
    page = text(operator, primary_page(pair.opportunity), quote=other.mn_id, **sent)
    assert f"{other.mn_id} becomes the primary quote" in page

    operator.post(primary_page(pair.opportunity), {"quote": other.mn_id, **sent})

    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_quote == other
    assert pair.opportunity.primary_set_how == how
    by = pair.opportunity.primary_set_by
    assert by is not None
    assert by.username == "operator-person"


def test_what_is_no_longer_the_proposal_counts_as_chosen_by_hand(
    operator: Client, pair: Pair
) -> None:
    draft = builders.make_quote(opportunity=pair.opportunity)
    builders.make_quote(opportunity=pair.opportunity, status="SENT")

    operator.post(primary_page(pair.opportunity), {"quote": draft.mn_id, "proposal": "yes"})

    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_set_how == "chosen by hand"


def test_a_deal_finalized_after_the_page_was_shown_is_refused(operator: Client, pair: Pair) -> None:
    other = builders.make_quote(opportunity=pair.opportunity)
    Quote.objects.filter(pk=pair.quote.pk).update(status="ACCEPTED")

    answer = operator.post(primary_page(pair.opportunity), {"quote": other.mn_id}, follow=True)

    page = answer.content.decode()
    assert escape(describe(Reason.ENTITY_FINALIZED).title) in page
    assert "Lock passport" in page
    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_quote == pair.quote


def test_the_lock_passport_tells_rule_record_time_and_what_lifts_it(
    operator: Client, pair: Pair
) -> None:
    Quote.objects.filter(pk=pair.quote.pk).update(status="PROCESSED")

    page = text(operator, page_of(pair.opportunity))

    assert "disabled" in button(page, "Choose primary quote")
    passport = page.partition("c-passport-facts")[2].partition("</dl>")[0]
    for words in (
        "locks the choice of the primary quote",
        pair.quote.mn_id,
        "02 Mar 2026",
        "MonetizeNow",
        "stays processed",
        "<dt>Can it be lifted?</dt><dd>No</dd>",
    ):
        assert words in passport


def test_a_quote_that_may_not_be_read_leaks_nothing(operator: Client, pair: Pair) -> None:
    hidden = builders.make_quote(
        opportunity=pair.opportunity, status="SENT", description="Secret discount", amount=987654
    )
    hidden.readers.add(Group.objects.create(name="deal desk"))

    page = text(operator, primary_page(pair.opportunity))
    asked = operator.get(primary_page(pair.opportunity), {"quote": hidden.mn_id})
    unknown = operator.get(primary_page(pair.opportunity), {"quote": "quote_nowhere"})
    told = operator.post(primary_page(pair.opportunity), {"quote": hidden.mn_id}, follow=True)

    for each in (page, asked.content.decode(), told.content.decode()):
        assert "Secret discount" not in each
        assert "987,654" not in each
    assert hidden.mn_id not in page
    assert (asked.status_code, unknown.status_code) == (404, 404)
    assert "1 more that you may not read" in page
    assert "Proposed" not in page
    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_quote == pair.quote


def test_a_hidden_primary_quote_is_only_said_to_be_there(operator: Client, pair: Pair) -> None:
    builders.make_quote(opportunity=pair.opportunity, status="SENT")
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    page = text(operator, primary_page(pair.opportunity))

    assert "A quote that you may not read" in page
    assert pair.quote.mn_id not in page
    assert "Proposed" not in page


def test_the_quotes_own_page_leads_to_the_confirmation(operator: Client, pair: Pair) -> None:
    other = builders.make_quote(opportunity=pair.opportunity)
    dead = builders.make_quote(opportunity=pair.opportunity, status="DENIED")

    assert f"{primary_page(pair.opportunity)}?quote={other.mn_id}" in text(operator, page_of(other))
    assert "disabled" in button(text(operator, page_of(dead)), "Make primary")
    assert "Make primary" not in text(operator, page_of(pair.quote))


def test_without_the_right_a_primary_quote_is_not_set(viewer: Client, pair: Pair) -> None:
    other = builders.make_quote(opportunity=pair.opportunity)

    page = text(viewer, primary_page(pair.opportunity), quote=other.mn_id)
    answer = viewer.post(primary_page(pair.opportunity), {"quote": other.mn_id})

    assert "disabled" in button(page, "Make it the primary quote")
    assert answer.status_code == 403


def test_without_a_connection_every_quote_says_so(operator: Client, pair: Pair) -> None:
    builders.make_quote(opportunity=pair.opportunity)
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    page = text(operator, primary_page(pair.opportunity))

    assert "No connection" in page
    assert "renews its credentials" in page
