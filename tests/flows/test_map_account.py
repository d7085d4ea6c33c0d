"""Account mapping: what is stored, what is logged, and what is released by it."""

from __future__ import annotations

from typing import Any

import pytest

from console import release
from console.actor import Actor
from console.flows import map_account
from console.flows.map_account import ChangedSinceShown, Names, Pair
from console.models import Account, Opportunity, SalesforceConnection, SyncLog
from console.salesforce.gateway import SalesforceError
from syncrules import map_account as rule
from syncrules.decisions import Decision
from syncrules.json_form import from_json
from tests.builders import make_account, make_connection
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")


@pytest.fixture
def record(org: Org, connected: SalesforceConnection) -> str:
    """A Salesforce account that nobody has matched."""
    return make_record(org, Name="Northwind Traders", Website="northwind.example")


def make_record(org: Org, **fields: Any) -> str:
    salesforce_id = sf_id("001")
    org.load(Account=[{"Id": salesforce_id, "Name": "Northwind", **fields}])
    return salesforce_id


def run(record: str, mn_id: str | None, **how: Any) -> SyncLog:
    return map_account.run(Pair(record, mn_id), trigger="account_page", actor=VERA, **how)


def test_an_account_is_matched(record: str) -> None:
    account = make_account(name="Northwind", salesforce_id=None)

    entry = run(record, account.mn_id)

    account.refresh_from_db()
    assert account.salesforce_id == record
    assert (entry.reason, entry.outcome) == ("account_linked", "done")
    assert (entry.flow, entry.salesforce_id, entry.account_name) == (
        rule.FLOW,
        record,
        "Northwind",
    )
    assert (entry.actor_name, entry.opportunity_name) == ("vera", "Northwind Traders")


def test_an_account_is_created_from_the_record(org: Org, record: str) -> None:
    euro = make_record(org, Name="Süd AG", CurrencyIsoCode="EUR", Website="https://sued.example")

    entry = run(euro, None)

    account = Account.objects.get(salesforce_id=euro)
    assert entry.reason == "account_created"
    assert account.mn_id in entry.detail
    assert (account.name, account.currency, account.website) == (
        "Süd AG",
        "EUR",
        "https://sued.example",
    )


def test_a_second_one_is_not_created(record: str) -> None:
    run(record, None)

    assert run(record, None).reason == "conflicting_association"
    assert Account.objects.count() == 1


def test_the_same_match_again_is_nothing_to_do(record: str) -> None:
    account = make_account(salesforce_id=record)

    assert run(record, account.mn_id).reason == "account_already_linked"


def test_an_account_of_another_record_stays_there(record: str) -> None:
    account = make_account()

    entry = run(record, account.mn_id)

    before = account.salesforce_id
    account.refresh_from_db()
    assert entry.reason == "conflicting_association"
    assert account.salesforce_id == before


def test_a_record_of_another_account_stays_there(record: str) -> None:
    owner, free = make_account(salesforce_id=record), make_account(salesforce_id=None)

    entry = run(record, free.mn_id)

    assert entry.reason == "conflicting_association"
    assert Account.objects.get(salesforce_id=record) == owner


def test_a_record_that_is_gone(record: str) -> None:
    account = make_account(salesforce_id=None)

    assert run(sf_id("001"), account.mn_id).reason == "salesforce_account_gone"


def test_an_account_that_is_unknown(record: str) -> None:
    assert run(record, "acct_none").reason == "account_unknown"


def test_without_a_connection_nothing_is_matched() -> None:
    make_connection(state=SalesforceConnection.State.BROKEN)
    account = make_account(salesforce_id=None)

    assert run(sf_id("001"), account.mn_id).reason == "no_salesforce_connection"


def test_trouble_with_salesforce_is_no_decision(org: Org, record: str) -> None:
    org.break_with(action="status", status=503, times=None)
    account = make_account(salesforce_id=None)

    with pytest.raises(SalesforceError):
        run(record, account.mn_id)

    assert not SyncLog.objects.exists()


def test_what_was_foreseen_is_what_happens(org: Org, record: str) -> None:
    free, taken = make_account(salesforce_id=None), make_account()
    for mn_id in (free.mn_id, taken.mn_id, "acct_none", None):
        _, foreseen = map_account.preview(Pair(record, mn_id))
        happened = from_json(Decision, run(record, mn_id).decision)
        assert happened == foreseen
        Account.objects.filter(salesforce_id=record).update(salesforce_id=None)


def test_accounts_called_otherwise_than_shown_are_left_alone(record: str) -> None:
    account = make_account(name="Northwind", salesforce_id=None)
    shown = Names("Northwind Traders", "Northwind")
    Account.objects.update(name="Southwind")

    with pytest.raises(ChangedSinceShown):
        run(record, account.mn_id, shown=shown)

    assert not SyncLog.objects.exists()
    assert not Account.objects.filter(salesforce_id=record).exists()


def test_a_quote_that_failed_for_the_account_starts_by_itself(org: Org, record: str) -> None:
    """The remedy of `account_not_linked` is enough: nobody has to start the quote again."""
    from console.flows import create_from_quote_initiation

    opportunity = sf_id()
    org.add_opportunity(opportunity, AccountId=record)
    refused = create_from_quote_initiation.run(opportunity, trigger="test", actor=VERA)
    assert refused.reason == "account_not_linked"
    account = make_account(salesforce_id=None)

    run(record, account.mn_id)
    release.release_and_run()

    assert Opportunity.objects.get().account == account
