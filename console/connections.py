"""The connection to Salesforce that is in force: as a fact, as a gateway, and its state."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from django.conf import settings
from django.db import Error
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from console import budget
from console.models import SalesforceConnection
from console.salesforce.client import Timeouts, connect
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import (
    ApiUsage,
    Gateway,
    LimitReached,
    Misconfigured,
    SalesforceError,
)
from syncrules import facts, retry

logger = logging.getLogger(__name__)

State = SalesforceConnection.State
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 25
_A_CROWD: Final = 50
_OF_CONNECTION: Final = (Misconfigured, LimitReached)


class Written(Protocol):
    """What became of one record, of either lane."""

    @property
    def error(self) -> SalesforceError | None: ...

    @property
    def is_whole(self) -> bool: ...


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


def gateway(connection: SalesforceConnection, *, is_patient: bool = False) -> Gateway:
    """A client for the org. `is_patient`: nobody looks on, so a slow answer is waited for.

    Errors: Misconfigured when address or credentials cannot be right.
    """
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
    read = settings.SALESFORCE_PATIENCE.total_seconds() if is_patient else _READ_SECONDS
    timeouts = Timeouts(connect=_CONNECT_SECONDS, read=read)
    return connect(
        credentials,
        timeouts=timeouts,
        keeper=_Session(connection.pk),
        meter=partial(_count_call, connection.pk),
    )


def _count_call(connection_id: int, usage: ApiUsage | None) -> None:
    """Counts a call, whatever became of it, and keeps what Salesforce says of all clients' calls.

    What is not counted, because the database is away, is no reason to lose the answer.
    """
    with suppress(Error):
        budget.count_call(connection_id)
        if usage is not None:
            _rows(connection_id).update(calls_used=usage.used, calls_allowed=usage.maximum)


@dataclass(frozen=True, slots=True)
class _Session:
    """Keeps the token of a connection, for all processes."""

    connection_id: int

    def load(self) -> str:
        kept = _rows(self.connection_id).values_list("session", flat=True).first()
        return kept or ""

    def save(self, text: str) -> None:
        _rows(self.connection_id).update(session=text)


# --- Whether it works ----------------------------------------------------------------------------


def note_success(connection: SalesforceConnection) -> None:
    """An answer has come: it is live."""
    if connection.state != State.LIVE:
        _move_to(connection, State.LIVE, detail="")
    elif connection.detail:
        _rows(connection.pk).update(detail="")


def note_writes(connection: SalesforceConnection, results: Iterable[Written]) -> None:
    """Writes were answered, or there was nothing to write: the pause is over, if there was one.

    Errors of the connection among them begin a new one.
    """
    done = list(results)
    troubles = {
        type(each.error): each.error
        for each in done
        if each.error is not None and (each.is_whole or isinstance(each.error, _OF_CONNECTION))
    }
    note_success(connection)
    if not troubles and (connection.failures or connection.paused_until):
        _rows(connection.pk).update(failures=0, paused_until=None)
        connection.failures, connection.paused_until = 0, None
    for trouble in troubles.values():
        note_trouble(connection, trouble)


def note_pace(connection: SalesforceConnection, *, records: int, seconds: float) -> None:
    """How long Salesforce took to write so many records, as a moving average. Of a few records
    hardly more than the way there and back is seen, so these say nothing."""
    if records < _A_CROWD:
        return
    now = seconds * 1000 / records
    before = now if connection.write_ms is None else connection.write_ms
    _rows(connection.pk).update(write_ms=(3 * before + now) / 4)


def note_pushed() -> None:
    """Pushes went through, and were recorded."""
    SalesforceConnection.objects.filter(is_active=True).update(succeeded_at=Now())


def note_trouble(connection: SalesforceConnection, error: SalesforceError) -> None:
    """Breaks the connection when the error means that nothing works until someone acts; pauses it
    when time will help."""
    if isinstance(error, Misconfigured):
        _move_to(connection, State.BROKEN, detail=_words(error))
        return
    failures = connection.failures + 1
    jitter = random.random()  # noqa: S311  spreads processes; guards nothing
    pause = retry.pause(error.trouble, failures=failures, jitter=jitter)
    if pause is not None:
        # Of several processes that met the same trouble, one counts it.
        _rows(connection.pk).filter(failures=connection.failures).update(
            failures=failures, paused_until=Now() + pause, detail=_words(error)
        )
        connection.failures = failures


def may_send(connection: SalesforceConnection) -> bool:
    """Whether pushes may go out now. After a pause one process tries, and the others wait for what
    comes of it."""
    if connection.paused_until is None:
        return True
    # What comes of the try ends this before, unless its process dies.
    trying = Now() + settings.PUSH_LEASE
    over = _rows(connection.pk).filter(paused_until__lte=Now())
    return over.update(paused_until=trying) == 1


def is_paused(connection: SalesforceConnection) -> bool:
    """Whether Salesforce is left alone for a while."""
    return _rows(connection.pk).filter(paused_until__gt=Now()).exists()


def _rows(connection_id: int) -> QuerySet[SalesforceConnection]:
    return SalesforceConnection.objects.filter(pk=connection_id)


def _move_to(connection: SalesforceConnection, state: str, *, detail: str) -> None:
    """One conditional UPDATE, so that `state_since` is when the state really changed."""
    rows = _rows(connection.pk)
    has_changed = rows.filter(~Q(state=state)).update(state=state, state_since=Now(), detail=detail)
    rows.filter(~Q(detail=detail)).update(detail=detail)
    connection.state, connection.detail = state, detail
    if has_changed and state == State.BROKEN:
        # Once for each time it breaks, however many processes notice.
        logger.error("alert: the connection %s is broken, pushes are held: %s", connection, detail)


def _words(error: SalesforceError) -> str:
    return str(error)[:500]
