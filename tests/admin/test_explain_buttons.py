"""The buttons beside an explanation: what each does, who may press it, and what it then says."""

from __future__ import annotations

import pytest
from django.test import Client

from console.models import Association, OutboundPush, SalesforceConnection, SyncLog
from syncrules.reasons import Reason, describe
from tests.builders import make_opportunity, make_pairing, make_quote
from tests.explain.pages import address, pressed, text
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_the_link_button_links(operator: Client, pair: Pair) -> None:
    assert "Linked." in pressed(operator, address(pair.salesforce_id, "link"))

    assert Association.objects.get().salesforce_id == pair.salesforce_id
    assert SyncLog.objects.get().actor_name == "operator-person"


def test_the_push_button_asks_for_a_push(operator: Client, pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    assert "on its way" in pressed(operator, address(pair.salesforce_id, "push"))

    assert OutboundPush.objects.get().opportunity == pair.opportunity


def test_the_primary_button_sets_the_primary_quote(operator: Client, pair: Pair) -> None:
    quote = make_quote(opportunity=pair.opportunity)

    assert "Primary quote set" in pressed(operator, address(quote.mn_id, "set-primary"))

    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_quote == quote


def test_the_check_button_mends_a_connection(administrator: Client, pair: Pair) -> None:
    SalesforceConnection.objects.update(state="broken")

    assert "Connected" in pressed(administrator, address(pair.salesforce_id, "check-connection"))

    assert SalesforceConnection.objects.get().state == "live"


def test_a_button_decides_anew_when_the_page_is_old(operator: Client, pair: Pair) -> None:
    assert "Link through its primary quote now" in text(operator, address(pair.salesforce_id))
    make_pairing(opportunity=pair.opportunity)

    said = pressed(operator, address(pair.salesforce_id, "link"))

    assert describe(Reason.CONFLICTING_ASSOCIATION).title in said
    assert Association.objects.count() == 1


def test_a_button_changes_nothing_when_salesforce_is_silent(
    operator: Client, pair: Pair, org: Org
) -> None:
    org.break_with(action="status", status=503, times=None)

    assert "nothing was changed" in pressed(operator, address(pair.salesforce_id, "link"))
    assert not SyncLog.objects.exists()


@pytest.mark.parametrize("key", ["push", "link", "set-primary"])
def test_a_button_without_a_target_says_so(operator: Client, pair: Pair, key: str) -> None:
    account = make_opportunity().account.mn_id

    said = pressed(operator, address(account, key))

    assert said.startswith(("No MN opportunity", "Only a Salesforce opportunity", "That needs"))
    assert not OutboundPush.objects.exists()


@pytest.mark.parametrize("key", ["push", "link", "set-primary", "check-connection"])
def test_a_viewer_sees_which_right_is_missing_and_cannot_press(
    viewer: Client, pair: Pair, key: str
) -> None:
    assert viewer.post(address(pair.salesforce_id, key)).status_code == 403

    page = text(viewer, address(pair.salesforce_id))
    assert "You need the right to link and unlink opportunities" in page
    assert not SyncLog.objects.exists()


def test_an_operator_cannot_check_the_connection(operator: Client, pair: Pair) -> None:
    SalesforceConnection.objects.update(state="broken")

    assert operator.post(address(pair.salesforce_id, "check-connection")).status_code == 403
    assert "right to change the connection" in text(operator, address(pair.salesforce_id))


def test_unknown_buttons_and_subjects_are_not_found(operator: Client, pair: Pair) -> None:
    assert operator.post(address(pair.salesforce_id, "drop-everything")).status_code == 404
    assert operator.post(address("opp_unknown", "push")).status_code == 404
    assert operator.get(address(pair.salesforce_id, "push")).status_code == 405
