"""The connection to Salesforce that is in force: as a fact, and whether it works."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, Protocol

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Now

from console.durability import durably
from console.models import SalesforceConnection
from console.salesforce.gateway import (
    Crowded,
    LimitReached,
    Misconfigured,
    SalesforceError,
    Unavailable,
)
from syncrules import facts, retry

logger = logging.getLogger(__name__)

State = SalesforceConnection.State
PROBE_EVERY: Final = timedelta(seconds=30)
"""How often a broken connection is asked whether it is back."""
_A_CROWD: Final = 50
_ITS_OWN: Final = (Misconfigured, LimitReached, Crowded)
"""Troubles of the connection, even where a single record tells of them."""


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


# --- Whether it works ----------------------------------------------------------------------------


# Each of these is told after Salesforce has answered, so a database that lets go for a moment must
# not make the answer be forgotten.


def note_success(connection: SalesforceConnection) -> None:
    """An answer has come: it is live."""
    if connection.state != State.LIVE:
        _is_live(connection)
    elif connection.detail:
        _set(connection.pk, detail="")


def note_writes(connection: SalesforceConnection, results: Iterable[Written]) -> None:
    """Writes were answered, or there was nothing to write: the pause is over, if there was one.

    Errors of the connection among them begin a new one.
    """
    done = list(results)
    errors = [each.error for each in done if each.error is not None]
    wholes = [each.error for each in done if each.error is not None and each.is_whole]
    # One record alone may be unavailable; when all of them say so, Salesforce is.
    is_outage = len(errors) == len(done) and all(isinstance(e, Unavailable) for e in errors)
    meant = errors if is_outage else [*wholes, *(e for e in errors if isinstance(e, _ITS_OWN))]
    note_success(connection)
    for trouble in {type(each): each for each in meant}.values():
        note_trouble(connection, trouble)
    if not meant:
        _is_over(connection, proves_it=bool(done))


def _is_over(connection: SalesforceConnection, *, proves_it: bool) -> None:
    proven = connection.is_proven or proves_it
    if connection.failures or connection.paused_until or proven != connection.is_proven:
        _set(connection.pk, failures=0, paused_until=None, is_proven=proven)
        connection.failures, connection.paused_until, connection.is_proven = 0, None, proven


def note_pace(connection: SalesforceConnection, *, records: int, seconds: float) -> None:
    """How long Salesforce took to write so many records, as a moving average. Of a few records
    hardly more than the way there and back is seen, so these say only that it is no slower."""
    if not records:
        return
    now = seconds * 1000 / records
    before = now if connection.write_ms is None else connection.write_ms
    if records < _A_CROWD and (connection.write_ms is None or now > before):
        return
    _set(connection.pk, write_ms=(3 * before + now) / 4)


def note_pushed() -> None:
    """Pushes went through, and were recorded."""
    active = SalesforceConnection.objects.filter(is_active=True)
    durably(lambda: active.update(succeeded_at=Now()))


def note_trouble(connection: SalesforceConnection, error: SalesforceError) -> None:
    """Breaks the connection when the error means that nothing works until someone acts; pauses it
    when time will help."""
    if isinstance(error, Misconfigured):
        _is_broken(connection, detail=_words(error))
        return
    failures = connection.failures + 1
    jitter = random.random()  # noqa: S311  spreads processes; guards nothing
    pause = retry.pause(error.trouble, failures=failures, jitter=jitter)
    if pause is not None:
        # Of several processes that met the same trouble, one counts it.
        first = _rows(connection.pk).filter(failures=connection.failures)
        changes = {"failures": failures, "paused_until": Now() + pause, "detail": _words(error)}
        durably(lambda: first.update(**changes))
        connection.failures = failures


def may_send(connection: SalesforceConnection) -> bool:
    """Whether pushes may go out now. After a pause, or when it has just come back, one process
    tries, and the others wait for what comes of it."""
    if connection.paused_until is None:
        return True
    # What comes of the try ends this before, unless its process dies; one that takes longer is not
    # waited for.
    trying = Now() + settings.PUSH_LEASE
    over = _rows(connection.pk).filter(paused_until__lte=Now())
    return over.update(paused_until=trying) == 1


def nothing_to_try(connection: SalesforceConnection) -> None:
    """Salesforce was not asked after all: if this was a try, the next one may."""
    if connection.paused_until is not None:
        # A pause that somebody else has met meanwhile is longer, and stands.
        tried = _rows(connection.pk).filter(paused_until__lte=Now() + settings.PUSH_LEASE)
        durably(lambda: tried.update(paused_until=Now()))


def is_paused(connection: SalesforceConnection) -> bool:
    """Whether Salesforce is left alone for a while."""
    return _rows(connection.pk).filter(paused_until__gt=Now()).exists()


def _rows(connection_id: int) -> QuerySet[SalesforceConnection]:
    return SalesforceConnection.objects.filter(pk=connection_id)


def _set(connection_id: int, **values: Any) -> int:
    return durably(lambda: _rows(connection_id).update(**values))


def _is_live(connection: SalesforceConnection) -> None:
    """One that was broken must first show that it takes writes: that Salesforce answers says only
    that it can be read."""
    rows = _rows(connection.pk).filter(~Q(state=State.LIVE))
    tried_first = Case(When(is_proven=False, then=Now()), default=F("paused_until"))
    changes = {"state": State.LIVE, "state_since": Now(), "paused_until": tried_first}
    durably(lambda: rows.update(**changes, detail=""))
    connection.state, connection.detail = State.LIVE, ""


def _is_broken(connection: SalesforceConnection, *, detail: str) -> None:
    """No longer proven first, so that nobody finds it broken and yet trusts it."""
    proven = _rows(connection.pk).filter(is_proven=True)
    is_news = durably(lambda: proven.update(is_proven=False))
    # Conditional, so that `state_since` is when the state really changed.
    sound = _rows(connection.pk).filter(~Q(state=State.BROKEN))
    changes = {"state": State.BROKEN, "state_since": Now(), "next_poll_at": Now() + PROBE_EVERY}
    durably(lambda: sound.update(**changes))
    _set(connection.pk, detail=detail, paused_until=None)
    connection.state, connection.detail, connection.is_proven = State.BROKEN, detail, False
    if is_news:
        # Once until a write goes through again, however many processes notice, and however often
        # it can be read in between.
        logger.error("alert: the connection %s is broken, pushes are held: %s", connection, detail)


def _words(error: SalesforceError) -> str:
    return str(error)[:500]
