"""What Salesforce says just now of some opportunities, as every inbound flow needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console import connections
from console.salesforce.gateway import SalesforceError
from syncrules.facts import Connection, RemoteOpportunity


@dataclass(frozen=True, slots=True)
class Reading:
    """The connection, and of the records asked for those that exist."""

    connection: Connection
    remotes: dict[str, RemoteOpportunity]


def read(salesforce_ids: Iterable[str]) -> Reading:
    """The records as they are now. Without a live connection: none of them.

    Errors: SalesforceError for technical trouble, which is not a decision.
    """
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        return Reading(connections.fact(row), {})
    try:
        client = connections.gateway(row)
        remotes = client.read_opportunities(set(salesforce_ids))
    except SalesforceError as error:
        connections.note_trouble(row, error)
        if not connections.fact(row).is_live:
            return Reading(connections.fact(row), {})
        raise
    connections.note_success(row, client)
    return Reading(connections.fact(row), remotes)
