"""Accounts and what hangs under them, asked of the local org."""

from __future__ import annotations

import pytest

from console.salesforce.gateway import Gateway, Unknown
from console.salesforce.records import account
from syncrules.account_facts import RemoteAccount
from syncrules.salesforce_id import InvalidSalesforceId
from tests.facts import sf_id
from tests.org import Org


def test_an_account_is_read_as_salesforce_has_it(org: Org, org_gateway: Gateway) -> None:
    full, bare = sf_id("001"), sf_id("001")
    org.load(
        Account=[
            {
                "Id": full,
                "Name": "Northwind's",
                "Website": "https://northwind.example",
                "BillingCountry": "Norway",
                "CurrencyIsoCode": "NOK",
                "monetize__Id__c": "acct_1",
            },
            {"Id": bare, "Name": "Contoso"},
        ]
    )

    found = org_gateway.read_accounts([full[:15], bare, sf_id("001")])

    assert found[full] == RemoteAccount(
        full, "Northwind's", "https://northwind.example", "Norway", "NOK", "acct_1"
    )
    assert found[bare].name == "Contoso"
    assert (found[bare].website, found[bare].mn_id) == (None, None)
    assert len(found) == 2
    assert org_gateway.calls == 1


def test_nothing_asked_is_no_call(org: Org, org_gateway: Gateway) -> None:
    assert org_gateway.read_accounts([]) == {}
    assert org_gateway.calls == 0


def test_the_opportunities_of_an_account(org: Org, org_gateway: Gateway) -> None:
    ours, theirs = sf_id("001"), sf_id("001")
    org.load(Account=[{"Id": ours, "Name": "a"}, {"Id": theirs, "Name": "b"}])
    mine = [sf_id(), sf_id()]
    for each in mine:
        org.add_opportunity(each, AccountId=ours)
    org.add_opportunity(sf_id(), AccountId=theirs)

    found = org_gateway.opportunities_of_account(ours[:15], limit=10)

    assert {each.salesforce_id for each in found} == set(mine)
    assert len(org_gateway.opportunities_of_account(ours, limit=1)) == 1


def test_unlinked_are_those_under_an_account_without_an_mn_id(
    org: Org, org_gateway: Gateway
) -> None:
    account_id, unlinked = sf_id("001"), sf_id()
    org.load(Account=[{"Id": account_id, "Name": "a"}])
    org.add_opportunity(unlinked, AccountId=account_id)
    org.add_opportunity(sf_id(), AccountId=account_id, monetize__Id__c="opp_1")
    org.add_opportunity(sf_id())

    found = org_gateway.unlinked_opportunities(limit=10)

    assert [each.salesforce_id for each in found] == [unlinked]
    assert found[0].account_salesforce_id == account_id


@pytest.mark.parametrize("wrong", ["", "006Qy0000012345", "001' OR Id != '"])
def test_what_is_no_account_id_is_never_asked_for(
    org: Org, org_gateway: Gateway, wrong: str
) -> None:
    with pytest.raises(InvalidSalesforceId):
        org_gateway.read_accounts([wrong])
    with pytest.raises(InvalidSalesforceId):
        org_gateway.opportunities_of_account(wrong, limit=1)

    assert org_gateway.calls == 0


@pytest.mark.parametrize("bad", [{"Name": None}, {"Name": 7}, {"Website": 7}, {"Id": "x"}])
def test_a_malformed_account_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(Unknown):
        account({"Id": sf_id("001"), "Name": "Northwind"} | bad)
