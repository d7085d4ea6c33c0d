"""What tests of quote initiations share: a record to start from, and starting."""

from __future__ import annotations

from typing import Any, Final

from console.actor import Actor
from console.flows import create_from_quote_initiation as flow
from console.models import Account, Association, Opportunity, OutboundPush, Quote, SyncLog
from tests.builders import make_account
from tests.facts import sf_id
from tests.org import Org

REP: Final = Actor(name="API client crm")


def add_account(org: Org) -> Account:
    """An MN account matched to an account of the org."""
    account = make_account(name="Northwind Traders", currency="GBP")
    org.load(Account=[{"Id": account.salesforce_id, "Name": "Northwind"}])
    return account


def add_record(org: Org, account: Account, **fields: Any) -> str:
    """The id of a Salesforce opportunity of that account, of which MN knows nothing."""
    salesforce_id = sf_id()
    defaults = {"Name": "Northwind expansion", "CurrencyIsoCode": "EUR"}
    org.add_opportunity(salesforce_id, AccountId=account.salesforce_id, **(defaults | fields))
    return salesforce_id


def initiate(salesforce_id: str, **options: Any) -> SyncLog:
    return flow.run(salesforce_id, trigger="quote_initiation", actor=REP, **options)


def nothing_was_made() -> bool:
    kept = (Opportunity, Quote, Association, OutboundPush)
    return not any(model.objects.exists() for model in kept)
