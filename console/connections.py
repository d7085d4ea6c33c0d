"""The connection to Salesforce that is in force: as a fact, as a gateway, and its state."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now

from console.models import SalesforceConnection
from console.salesforce.client import Timeouts, connect
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import (
    Gateway,
    LimitReached,
    Misconfigured,
    SalesforceError,
    Unavailable,
)
from syncrules import facts

State = SalesforceConnection.State
# A lease on a push outlives any one call.
TIMEOUTS = Timeouts(connect=5, read=25)

NO_CONNECTION = facts.Connection(is_live=False, state="none", detail="no connection is set up")


def in_force() -> SalesforceConnection | None:
    """The one active connection, if there is one."""
    return SalesforceConnection.objects.filter(is_active=True).first()


def fact(connection: SalesforceConnection | None) -> facts.Connection:
    """What the rules may know of it. One that was never tried counts as live until it fails."""
    if connection is None:
        return NO_CONNECTION
    is_live = connection.state in (State.LIVE, State.UNTRIED)
    return facts.Connection(
        is_live=is_live, state=connection.state, detail=connection.detail or None
    )


# What the rules may know of a connection that has just answered.
ANSWERED = facts.Connection(is_live=True, state=State.LIVE)


def broken_by(error: Misconfigured) -> facts.Connection:
    """What the rules may know of a connection that has just failed for good."""
    return facts.Connection(is_live=False, state=State.BROKEN, detail=_words(error))


def gateway(connection: SalesforceConnection) -> Gateway:
    """A client for the org. Errors: Misconfigured when address or credentials cannot be right."""
    has_key = bool(connection.private_key)
    try:
        credentials = Credentials(
            base_url=connection.base_url,
            client_id=connection.client_id,
            client_secret=None if has_key else connection.client_secret,
            username=connection.username if has_key else None,
            private_key=connection.private_key if has_key else None,
        )
    except ValueError as error:
        raise Misconfigured("CREDENTIALS", str(error)) from error
    return connect(credentials, timeouts=TIMEOUTS)


def note_success(connection: SalesforceConnection, client: Gateway) -> None:
    """Marks it live and keeps the latest API usage."""
    usage = client.usage
    _move_to(connection, State.LIVE, detail="")
    if usage is not None:
        SalesforceConnection.objects.filter(pk=connection.pk).update(
            calls_used=usage.used, calls_allowed=usage.maximum
        )


def note_trouble(connection: SalesforceConnection, error: SalesforceError) -> None:
    """Breaks the connection when the error means that nothing works until someone acts."""
    if isinstance(error, Misconfigured):
        _move_to(connection, State.BROKEN, detail=_words(error))
    elif isinstance(error, Unavailable | LimitReached):
        SalesforceConnection.objects.filter(pk=connection.pk).update(detail=_words(error))


def _move_to(connection: SalesforceConnection, state: str, *, detail: str) -> None:
    """One conditional UPDATE, so that `state_since` is when the state really changed."""
    rows = SalesforceConnection.objects.filter(pk=connection.pk)
    rows.filter(~Q(state=state)).update(state=state, state_since=Now(), detail=detail)
    rows.filter(~Q(detail=detail)).update(detail=detail)
    connection.state, connection.detail = state, detail


def _words(error: SalesforceError) -> str:
    return str(error)[:500]
