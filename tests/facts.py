"""Facts for tests: what a rule looks at, valid by default, changed where the test is about it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, Final

from syncrules import link_via_primary_quote, salesforce_id
from syncrules.facts import (
    Connection,
    LinkFacts,
    LocalOpportunity,
    LocalQuote,
    OpportunityStatus,
    Pairing,
    PushFacts,
    QuoteStatus,
    RemoteOpportunity,
)

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def number() -> int:
    """A number that no other thing of this test process has."""
    return next(_numbers)


def sf_id(prefix: str = salesforce_id.OPPORTUNITY) -> str:
    """A well-formed 18-character id that nothing else has."""
    return salesforce_id.to_18(f"{prefix}Qy{number():010d}")


LIVE: Final = Connection(is_live=True, state="live")
DOWN: Final = Connection(is_live=False, state="broken", detail="INVALID_LOGIN")


def remote_opportunity(**changes: Any) -> RemoteOpportunity:
    """A Salesforce opportunity that names a primary quote and carries no MN id yet."""
    defaults: dict[str, Any] = {
        "salesforce_id": sf_id(),
        "name": "Northwind expansion",
        "account_salesforce_id": sf_id(salesforce_id.ACCOUNT),
        "mn_id": None,
        "primary_quote_salesforce_id": sf_id("a0Q"),
        "primary_quote_mn_id": "quote_1",
        "stage_name": "Negotiation",
        "currency": "USD",
        "modified_at": NOON,
    }
    return RemoteOpportunity(**(defaults | changes))


def local_opportunity(**changes: Any) -> LocalOpportunity:
    defaults: dict[str, Any] = {
        "mn_id": "opp_1",
        "name": "Northwind expansion",
        "status": OpportunityStatus.ACTIVE,
        "account_mn_id": "acct_1",
        "primary_quote_mn_id": "quote_1",
        "creation_reference": None,
    }
    return LocalOpportunity(**(defaults | changes))


def local_quote(**changes: Any) -> LocalQuote:
    defaults: dict[str, Any] = {
        "mn_id": "quote_1",
        "status": QuoteStatus.APPROVED,
        "opportunity_mn_id": "opp_1",
        "account_mn_id": "acct_1",
    }
    return LocalQuote(**(defaults | changes))


def pairing_facts(**changes: Any) -> Pairing:
    defaults: dict[str, Any] = {
        "opportunity_mn_id": "opp_1",
        "salesforce_id": sf_id(),
        "linked_at": NOON,
        "linked_by": link_via_primary_quote.FLOW,
        "actor": "console (poll)",
    }
    return Pairing(**(defaults | changes))


def link_facts(**changes: Any) -> LinkFacts:
    """Facts that lead to a link."""
    remote = changes.pop("remote", None) or remote_opportunity()
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "salesforce_id": remote.salesforce_id,
        "caller": "console (poll)",
        "remote": remote,
        "quote": local_quote(),
        "opportunity": local_opportunity(),
    }
    return LinkFacts(**(defaults | changes))


def push_facts(**changes: Any) -> PushFacts:
    """Facts that lead to a push: paired, and Salesforce has neither field yet."""
    remote = changes.pop("remote", None) or remote_opportunity(primary_quote_mn_id=None)
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "opportunity": local_opportunity(),
        "pairing": pairing_facts(salesforce_id=remote.salesforce_id),
        "remote": remote,
        "quote_records": {"quote_1": sf_id("a0Q")},
    }
    return PushFacts(**(defaults | changes))
