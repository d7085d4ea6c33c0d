"""Is Salesforce there, and are the credentials good? What waited for it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console import budget, claims, connections, gateways, outbox
from console.claims import Lane
from console.models import SalesforceConnection
from console.salesforce.gateway import SalesforceError

_A_FEW: Final = 100


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether it works, in a sentence for the person who asked."""

    is_live: bool
    sentence: str


def run(connection_id: int) -> CheckResult:
    """Logs in and asks the org who it is; a success releases the pushes that were held."""
    connection = SalesforceConnection.objects.get(pk=connection_id)
    try:
        client = gateways.to(connection)
        org = client.describe_org()
    except SalesforceError as error:
        connections.note_trouble(connection, error)
        return CheckResult(is_live=False, sentence=f"Salesforce said no. {error}")
    connections.note_success(connection)
    SalesforceConnection.objects.filter(pk=connection.pk).update(
        organization_id=org.organization_id
    )
    released = release(connection) if connection.is_active else 0
    if released and connection.is_proven:
        waiting = f" {released} held pushes go out now."
    elif released:
        waiting = " One of the held pushes goes out now, the others once one went through."
    else:
        waiting = ""
    return CheckResult(
        is_live=True, sentence=f"Connected to organization {org.organization_id}.{waiting}"
    )


def release(connection: SalesforceConnection) -> int:
    """How many held pushes go out over a live connection: all of them, or a few, as long as the
    connection has to show that it takes writes again. One of the few is tried alone; if it has
    nothing to write, it shows nothing, and the next ones follow.

    Links that may go are tried in their stead. Products are not: they may wait for a held link.
    """
    if connection.is_proven:
        return outbox.release_held()
    allowed = budget.allowed(connection)
    may_go = any(lane == Lane.LINK and urgency in allowed for lane, urgency in claims.due())
    return 0 if may_go else outbox.release_held(at_most=_A_FEW)
