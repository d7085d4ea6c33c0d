"""Opportunities of MonetizeNow arrive; their primary quote goes through the rule of flow C."""

from __future__ import annotations

from typing import Any

import pytest

from console import release
from console.actor import Actor
from console.flows import update_primary_quote
from console.models import (
    ApiClient,
    Opportunity,
    OutboundPush,
    Quote,
    SalesforceConnection,
    SyncLog,
    Waiting,
)
from syncrules.facts import OpportunityStatus, QuoteStatus
from tests.api.upstream_calls import opportunity, put, quote, version
from tests.builders import (
    make_account,
    make_client,
    make_connection,
    make_opportunity,
    make_pairing,
    make_quote,
)
from tests.facts import sf_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> ApiClient:
    make_account(mn_id="acct_1")
    make_connection()
    return make_client(key="monetizenow")


@pytest.fixture
def deal(sender: ApiClient) -> Opportunity:
    """A linked opportunity with a primary quote."""
    account = make_account(mn_id="acct_2")
    row = make_opportunity(mn_id="opp_1", account=account)
    make_pairing(opportunity=row)
    make_quote(mn_id="quote_1", opportunity=row, is_primary=True)
    return row


def sent(sender: ApiClient, **fields: Any) -> Any:
    """The answer to a later version of the deal."""
    body = {"account_id": "acct_2", "updated_at": version(1)} | fields
    return put(sender, "opportunities", "opp_1", opportunity(**body))


def test_an_opportunity_arrives(sender: ApiClient) -> None:
    answer = put(
        sender,
        "opportunities",
        "opp_1",
        opportunity(owner_name="Ann Lee", close_date="2026-06-30", currency="EUR"),
    )

    row = Opportunity.objects.get()
    assert (answer.status_code, answer.json()["decision"]) == (201, None)
    assert (row.account.mn_id, row.owner_name, row.currency) == ("acct_1", "Ann Lee", "EUR")
    assert str(row.close_date) == "2026-06-30"
    assert row.status_since.isoformat() == version()
    assert not OutboundPush.objects.exists()
    assert not SyncLog.objects.exists()


def test_its_account_comes_first(sender: ApiClient) -> None:
    answer = put(sender, "opportunities", "opp_1", opportunity(account_id="acct_none"))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "account_id")
    assert not Opportunity.objects.exists()


def test_a_record_named_at_creation_is_told_of_it(sender: ApiClient) -> None:
    reference = sf_id()

    answer = put(sender, "opportunities", "opp_1", opportunity(creation_reference=reference))

    assert answer.json()["push_requested"]
    assert OutboundPush.objects.get().opportunity.creation_reference == reference


def test_a_reference_that_an_unlink_took_away_does_not_come_back(sender: ApiClient) -> None:
    put(sender, "opportunities", "opp_1", opportunity(creation_reference=sf_id()))
    Opportunity.objects.update(creation_reference=None)

    answer = put(
        sender,
        "opportunities",
        "opp_1",
        opportunity(updated_at=version(1), name="New name", creation_reference=sf_id()),
    )

    row = Opportunity.objects.get()
    assert answer.json()["ignored_fields"] == ["creation_reference"]
    assert (row.name, row.creation_reference) == ("New name", None)


def test_a_new_name_or_date_is_stored_and_pushes_nothing(
    sender: ApiClient, deal: Opportunity
) -> None:
    answer = sent(sender, name="Renamed", close_date="2026-12-24")

    deal.refresh_from_db()
    assert (deal.name, str(deal.close_date)) == ("Renamed", "2026-12-24")
    assert not answer.json()["push_requested"]
    assert not OutboundPush.objects.exists()


def test_a_status_is_dated_by_the_version_that_brought_it(
    sender: ApiClient, deal: Opportunity
) -> None:
    sent(sender, status="WON")
    sent(sender, status="WON", updated_at=version(2))

    deal.refresh_from_db()
    assert deal.status == OpportunityStatus.WON
    assert deal.status_since.isoformat() == version(1)


def test_a_primary_quote_is_set_by_the_rule_and_pushed(
    sender: ApiClient, deal: Opportunity
) -> None:
    make_quote(mn_id="quote_2", opportunity=deal)

    answer = sent(sender, primary_quote_id="quote_2")

    deal.refresh_from_db()
    told = answer.json()
    assert told["decision"]["reason"] == "primary_quote_set"
    assert told["changed_fields"] == ["primary_quote_id"]
    assert told["push_requested"]
    assert deal.primary_quote == Quote.objects.get(mn_id="quote_2")
    assert deal.primary_set_how == "told by MonetizeNow"
    assert SyncLog.objects.get(pk=told["log_entry"]).actor_name == "API client monetizenow"


@pytest.mark.parametrize("named", ["quote_1", None])
def test_the_primary_quote_that_it_has_is_no_change(
    sender: ApiClient, deal: Opportunity, named: str | None
) -> None:
    answer = sent(sender, primary_quote_id=named)

    deal.refresh_from_db()
    assert answer.json()["decision"] is None
    assert deal.primary_quote is not None
    assert not SyncLog.objects.exists()


def test_a_locked_deal_refuses_the_primary_quote_and_takes_the_rest(
    sender: ApiClient, deal: Opportunity
) -> None:
    """Edge case "primary quote update blocked after finalization", from MonetizeNow itself."""
    make_quote(mn_id="quote_2", opportunity=deal)
    Quote.objects.filter(mn_id="quote_1").update(status=QuoteStatus.ACCEPTED)

    answer = sent(sender, primary_quote_id="quote_2", name="Renamed", close_date="2027-01-31")

    deal.refresh_from_db()
    told = answer.json()
    assert answer.status_code == 200
    assert (told["decision"]["outcome"], told["decision"]["reason"]) == (
        "failed",
        "entity_finalized",
    )
    assert told["changed_fields"] == ["name", "close_date"]
    assert deal.primary_quote == Quote.objects.get(mn_id="quote_1")
    assert (deal.name, str(deal.close_date)) == ("Renamed", "2027-01-31")
    assert not OutboundPush.objects.exists()


def test_a_version_that_closes_the_deal_may_name_its_last_primary_quote(
    sender: ApiClient, deal: Opportunity
) -> None:
    make_quote(mn_id="quote_2", opportunity=deal)

    answer = sent(sender, primary_quote_id="quote_2", status="WON")

    deal.refresh_from_db()
    assert answer.json()["decision"]["reason"] == "primary_quote_set"
    assert (deal.status, deal.primary_quote.mn_id) == ("WON", "quote_2")  # type: ignore[union-attr]


def test_a_version_that_reopens_the_deal_may_change_it(
    sender: ApiClient, deal: Opportunity
) -> None:
    make_quote(mn_id="quote_2", opportunity=deal)
    sent(sender, status="LOST")

    answer = sent(sender, status="ACTIVE", primary_quote_id="quote_2", updated_at=version(2))

    assert answer.json()["decision"]["reason"] == "primary_quote_set"


def test_a_quote_of_another_deal_is_no_primary_quote(sender: ApiClient, deal: Opportunity) -> None:
    make_quote(mn_id="quote_other")

    answer = sent(sender, primary_quote_id="quote_other")

    assert answer.json()["decision"]["reason"] == "invalid_quote_combination"


def test_an_opportunity_may_arrive_before_its_primary_quote(sender: ApiClient) -> None:
    """It is noted what the refused attempt waits for, and the attempt runs again by itself."""
    first = put(sender, "opportunities", "opp_1", opportunity(primary_quote_id="quote_1"))
    assert first.json()["decision"]["reason"] == "quote_inaccessible"

    put(sender, "quotes", "quote_1", quote(opportunity_id="opp_1"))
    release.release_and_run()

    assert Opportunity.objects.get().primary_quote == Quote.objects.get()
    assert Waiting.objects.get().state == Waiting.State.DONE


def test_without_salesforce_the_primary_quote_waits_for_it(
    sender: ApiClient, deal: Opportunity
) -> None:
    make_quote(mn_id="quote_2", opportunity=deal)
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)

    answer = sent(sender, primary_quote_id="quote_2", name="Renamed")

    deal.refresh_from_db()
    assert answer.json()["decision"]["reason"] == "no_salesforce_connection"
    assert deal.name == "Renamed"
    assert Waiting.objects.get().prerequisite == "connection"


def test_what_waits_gives_way_to_a_later_choice(sender: ApiClient, deal: Opportunity) -> None:
    """A person chose another quote meanwhile: the old wish must not come true after that."""
    sent(sender, primary_quote_id="quote_late")
    make_quote(mn_id="quote_2", opportunity=deal)
    update_primary_quote.run(
        deal.pk, quote_mn_id="quote_2", how="manual", trigger="page", actor=Actor(name="vera")
    )

    make_quote(mn_id="quote_late", opportunity=deal)
    release.release_and_run()

    deal.refresh_from_db()
    assert deal.primary_quote == Quote.objects.get(mn_id="quote_2")
    assert Waiting.objects.get().state == Waiting.State.DROPPED


def test_a_lock_is_not_waited_for(sender: ApiClient, deal: Opportunity) -> None:
    make_quote(mn_id="quote_2", opportunity=deal)
    Opportunity.objects.update(status=OpportunityStatus.WON)

    sent(sender, primary_quote_id="quote_2", status="WON")

    assert not Waiting.objects.exists()


def test_what_stands_in_the_way_of_a_version_leaves_no_half(
    sender: ApiClient, deal: Opportunity
) -> None:
    """The decision is taken first when a version closes the deal; it goes with the rest."""
    make_quote(mn_id="quote_2", opportunity=deal)

    answer = sent(sender, primary_quote_id="quote_2", status="WON", account_id="acct_none")

    deal.refresh_from_db()
    assert answer.status_code == 422
    assert deal.primary_quote == Quote.objects.get(mn_id="quote_1")
    assert not SyncLog.objects.exists()


BAD = [
    pytest.param({"status": "SOLD"}, "status", id="an unknown status"),
    pytest.param({"close_date": "30.06.2026"}, "close_date", id="no ISO day"),
    pytest.param({"close_date": 20000}, "close_date", id="a day as a number"),
    pytest.param({"close_date": "2026-02-30"}, "close_date", id="a day that is none"),
    pytest.param({"creation_reference": "001Qy0000012345"}, "creation_reference", id="an account"),
    pytest.param({"primary_quote_id": "a b"}, "primary_quote_id", id="an id that is none"),
    pytest.param({"owner_name": "x" * 121}, "owner_name", id="a long owner"),
]


@pytest.mark.parametrize(("bad", "field"), BAD)
def test_a_bad_field_is_named(sender: ApiClient, bad: dict[str, Any], field: str) -> None:
    answer = put(sender, "opportunities", "opp_1", opportunity(**bad))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not Opportunity.objects.exists()
