"""What Salesforce says just now of some opportunities, as every inbound flow needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from console import connections
from console.salesforce.gateway import SalesforceError
from syncrules.facts import Connection, RemoteOpportunity


@dataclass(frozen=True, slots=True)
class Reading:
    """The connection, and of the records asked for those that exist.

    `at`: before Salesforce was asked, so that what happened later is known to be missing here.
    """

    connection: Connection
    remotes: dict[str, RemoteOpportunity]
    at: datetime


def read(salesforce_ids: Iterable[str]) -> Reading:
    """The records as they are now. Without a live connection: none of them.

    Errors: SalesforceError for technical trouble, which is not a decision.
    """
    now = timezone.now()
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        return Reading(connections.fact(row), {}, now)
    try:
        client = connections.gateway(row)
        remotes = client.read_opportunities(set(salesforce_ids))
    except SalesforceError as error:
        connections.note_trouble(row, error)
        if not connections.fact(row).is_live:
            return Reading(connections.fact(row), {}, now)
        raise
    connections.note_success(row, client)
    return Reading(connections.fact(row), remotes, now)
