"""What Salesforce says just now of some records, as every flow that starts there needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from console import clock, connections, gateways
from console.salesforce.gateway import Gateway, Misconfigured, SalesforceError
from syncrules.account_facts import RemoteAccount
from syncrules.facts import Connection, RemoteOpportunity

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reading:
    """The connection, and of the records asked for those that exist.

    `at`: before Salesforce was asked, so that what happened later is known to be missing here.
    """

    connection: Connection
    remotes: dict[str, RemoteOpportunity]
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountReading:
    """The connection, and of the accounts asked for those that exist."""

    connection: Connection
    accounts: dict[str, RemoteAccount]


def read(salesforce_ids: Iterable[str], *, is_preview: bool = False) -> Reading:
    """The records as they are now. Without a live connection: none of them.

    A preview leaves no trace, not even on the connection's health.
    Errors: SalesforceError for technical trouble, which is not a decision.
    """
    before = clock.now()
    connection, remotes = _ask(
        lambda client: client.read_opportunities(set(salesforce_ids)), is_noted=not is_preview
    )
    return Reading(connection, remotes or {}, before)


def read_accounts(salesforce_ids: Iterable[str]) -> AccountReading:
    """The accounts as they are now. Without a live connection: none of them.

    Errors: SalesforceError for technical trouble, which is not a decision.
    """
    connection, accounts = _ask(lambda client: client.read_accounts(set(salesforce_ids)))
    return AccountReading(connection, accounts or {})


def read_opportunities_of(account_id: str, *, limit: int) -> list[RemoteOpportunity]:
    """The latest opportunities of an account. Without a live connection: none.

    Errors: SalesforceError for technical trouble.
    """
    _, found = _ask(lambda client: client.opportunities_of_account(account_id, limit=limit))
    return found or []


def read_unlinked(*, limit: int) -> list[RemoteOpportunity]:
    """The latest opportunities that carry no MN id. Without a live connection: none.

    Errors: SalesforceError for technical trouble.
    """
    _, found = _ask(lambda client: client.unlinked_opportunities(limit=limit))
    return found or []


def _ask(
    question: Callable[[Gateway], _T], *, is_noted: bool = True
) -> tuple[Connection, _T | None]:
    """The connection and the answer; no answer where the connection is not live, or breaks."""
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        return connections.fact(row), None
    try:
        client = gateways.to(row)
        answer = question(client)
    except SalesforceError as error:
        if is_noted:
            connections.note_trouble(row, error)
        if isinstance(error, Misconfigured):
            return connections.broken_by(error), None
        raise
    if is_noted:
        connections.note_success(row)
    return connections.ANSWERED, answer
