"""Rows for tests: each function makes one valid thing and takes what the test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from console import sync_log
from console.actor import Actor
from console.models import (
    Account,
    ApiClient,
    Association,
    Drift,
    InboundEvent,
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    Quote,
    QuoteItem,
    ReconcileRun,
    SalesforceConnection,
    SyncLog,
)
from syncrules import link_via_primary_quote, push_outbound, salesforce_id
from syncrules.decisions import Decision
from syncrules.facts import LinkFacts, PushFacts
from syncrules.located import locate
from syncrules.reasons import Reason, describe
from tests.facts import NOON, link_facts, number, sf_id

PASSWORD: Final = "correct horse battery staple"


# --- People ------------------------------------------------------------------------------------


def make_user(name: str = "vera", *, role: str | None = None, **columns: Any) -> User:
    """A signed-up person; staff, unless said otherwise, and in the group of the role."""
    user = User.objects.create(
        username=name, **{"password": _hashed(), "is_staff": True, **columns}
    )
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    return user


@cache
def _hashed() -> str:
    """Hashed once for all: that it takes a while is the point of a password's hash."""
    return make_password(PASSWORD)


def make_client(*, key: str | None = None, **columns: Any) -> ApiClient:
    key = key or f"client-{number()}"
    secret = f"secret-of-{key}-0123456789abcdef"
    return ApiClient.objects.create(**{"key": key, "name": key, "secret": secret, **columns})


# --- Records of MonetizeNow --------------------------------------------------------------------


def make_account(*, name: str = "Northwind Traders", **columns: Any) -> Account:
    defaults = {"mn_id": f"acct_{number()}", "salesforce_id": sf_id(salesforce_id.ACCOUNT)}
    return Account.objects.create(
        **{"name": name, "mn_updated_at": NOON, "website": "northwind.example", **defaults}
        | columns
    )


def make_opportunity(*, name: str = "Northwind expansion", **columns: Any) -> Opportunity:
    account = columns.pop("account", None) or make_account()
    defaults: dict[str, Any] = {
        "mn_id": f"opp_{number()}",
        "account": account,
        "status_since": NOON,
        "close_date": date(2026, 6, 30),
        "mn_updated_at": NOON,
    }
    return Opportunity.objects.create(name=name, **(defaults | columns))


def make_quote(
    *, opportunity: Opportunity | None = None, is_primary: bool = False, **columns: Any
) -> Quote:
    """A quote, of an opportunity of its own unless one is given."""
    opportunity = opportunity or make_opportunity()
    defaults: dict[str, Any] = {
        "mn_id": f"quote_{number()}",
        "account": opportunity.account,
        "status_since": NOON,
        "description": "Three year platform",
        "amount": Decimal("12000.00"),
        "contract_start": date(2026, 4, 1),
        "contract_end": date(2029, 3, 31),
        "mn_updated_at": NOON,
    }
    quote = Quote.objects.create(opportunity=opportunity, **(defaults | columns))
    if is_primary:
        make_primary(quote)
    return quote


def make_primary(quote: Quote, *, how: str = "manual", by: User | None = None) -> None:
    """Sets the quote as the primary one of its opportunity."""
    opportunity = quote.opportunity
    assert opportunity is not None
    opportunity.primary_quote = quote
    opportunity.primary_set_at = NOON
    opportunity.primary_set_how = how
    opportunity.primary_set_by = by
    opportunity.save(
        update_fields=["primary_quote", "primary_set_at", "primary_set_how", "primary_set_by"]
    )


def make_product(*, name: str = "Platform", **columns: Any) -> Product:
    defaults = {"mn_id": f"prod_{number()}", "product_type": Product.Type.ADVANCE}
    return Product.objects.create(
        **{"name": name, "mn_updated_at": NOON, "salesforce_id": sf_id("01t"), **defaults} | columns
    )


def make_pricebook_entry(*, product: Product | None = None, **columns: Any) -> PricebookEntry:
    defaults: dict[str, Any] = {
        "mn_id": f"pbe_{number()}",
        "salesforce_id": sf_id(salesforce_id.PRICEBOOK_ENTRY),
        "pricebook_salesforce_id": sf_id(salesforce_id.PRICEBOOK),
        "unit_price": Decimal("100.00"),
        "mn_updated_at": NOON,
    }
    return PricebookEntry.objects.create(product=product or make_product(), **(defaults | columns))


def make_item(quote: Quote, **columns: Any) -> QuoteItem:
    """A line of the quote, with a product and its price unless these are given."""
    if "product" not in columns:
        columns["product"] = make_product()
    if "pricebook_entry" not in columns and columns["product"] is not None:
        columns["pricebook_entry"] = make_pricebook_entry(product=columns["product"])
    defaults: dict[str, Any] = {
        "mn_id": f"item_{number()}",
        "quantity": Decimal(10),
        "unit_price": Decimal(100),
        "amount": Decimal(1000),
        "start_date": quote.contract_start,
        "end_date": quote.contract_end,
    }
    return QuoteItem.objects.create(quote=quote, **(defaults | columns))


# --- Records of the console --------------------------------------------------------------------


def make_connection(**columns: Any) -> SalesforceConnection:
    """The live connection."""
    defaults: dict[str, Any] = {
        "name": "Acme production",
        "base_url": "https://acme.my.salesforce.com",
        "client_id": "consumer-key",
        "client_secret": "consumer-secret",
        "state": SalesforceConnection.State.LIVE,
        "calls_used": 1_200,
        "calls_allowed": 100_000,
    }
    return SalesforceConnection.objects.create(**(defaults | columns))


def make_pairing(*, opportunity: Opportunity | None = None, **columns: Any) -> Association:
    """An active association with a Salesforce opportunity."""
    defaults: dict[str, Any] = {
        "salesforce_id": sf_id(),
        "linked_by": link_via_primary_quote.FLOW,
        "actor_name": "console (poll)",
    }
    return Association.objects.create(
        opportunity=opportunity or make_opportunity(), **(defaults | columns)
    )


def make_push(*, opportunity: Opportunity | None = None, **columns: Any) -> OutboundPush:
    """A push that is due."""
    defaults: dict[str, Any] = {
        "trigger": "linked",
        "actor_name": "console (poll)",
        "requested_at": NOON,
        "not_before": NOON,
    }
    return OutboundPush.objects.create(
        opportunity=opportunity or make_opportunity(), **(defaults | columns)
    )


def make_run(**columns: Any) -> ReconcileRun:
    """A comparison of everything that has ended."""
    defaults: dict[str, Any] = {
        "trigger": "schedule",
        "actor_name": "console (sweep)",
        "state": ReconcileRun.State.DONE,
        "requested_at": NOON,
        "started_at": NOON,
        "not_before": NOON,
        "finished_at": NOON,
    }
    return ReconcileRun.objects.create(**(defaults | columns))


def make_drift(*, opportunity: Opportunity | None = None, **columns: Any) -> Drift:
    """An open row: Salesforce names another primary quote than was written."""
    opportunity = opportunity or make_opportunity()
    run = columns.pop("run", None) or make_run()
    defaults: dict[str, Any] = {
        "name": opportunity.name,
        "mn_id": opportunity.mn_id,
        "salesforce_id": sf_id(),
        "field": Drift.Field.PRIMARY_QUOTE,
        "ours": "quote_1",
        "theirs": "quote_2",
        "verdict": Drift.Verdict.THEIRS_CHANGED,
        "because": "changed_there",
        "changed_by": "Blake Rivers",
        "changed_at": NOON,
        "since": NOON,
        "seen_at": NOON,
        "opened_by": run,
        "seen_by": run,
    }
    return Drift.objects.create(opportunity=opportunity, **(defaults | columns))


def make_event(**columns: Any) -> InboundEvent:
    defaults: dict[str, Any] = {
        "source": InboundEvent.Source.HTTP,
        "sender": "salesforce-flow",
        "event_id": f"event-{number()}",
        "salesforce_id": sf_id(),
        "modified_at": NOON,
        "payload": {"Name": "Northwind expansion"},
    }
    return InboundEvent.objects.create(**(defaults | columns))


def make_log_entry(
    facts: LinkFacts | PushFacts | None = None, *, reason: Reason | None = None, **columns: Any
) -> SyncLog:
    """A kept decision: what the flow's own rule says of the facts.

    `reason` is for those that only Salesforce can give, such as a refused update.
    """
    facts = facts or link_facts()
    decision = _decide(facts)
    if reason is not None:
        decision = replace(decision, reason=reason, outcome=describe(reason).outcome)
    actor = columns.pop("actor", None) or Actor.console("poll")
    entry = sync_log.entry(
        decision,
        facts,
        trigger=columns.pop("trigger", "poll"),
        actor=actor,
        salesforce_id=columns.pop("salesforce_id", None) or _record_of(facts),
        **columns,
    )
    entry.save()
    return entry


def _decide(facts: LinkFacts | PushFacts) -> Decision:
    if isinstance(facts, LinkFacts):
        return link_via_primary_quote.decide(facts)
    return push_outbound.decide(facts)


def _record_of(facts: LinkFacts | PushFacts) -> str | None:
    if isinstance(facts, LinkFacts):
        return facts.salesforce_id
    return locate(facts.opportunity, facts.pairing).salesforce_id
