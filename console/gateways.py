"""Ways to the org of a connection, whose calls are counted and whose log-in all processes share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from django.conf import settings
from django.db import Error
from django.db import connection as database
from django.db.models import QuerySet

from console import budget
from console.durability import durably
from console.models import SalesforceConnection
from console.salesforce.client import Timeouts, connect
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import ApiUsage, Gateway, Misconfigured

_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 25


def to(connection: SalesforceConnection, *, is_patient: bool = False) -> Gateway:
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
    try:
        budget.count_call(connection_id)
        if usage is not None:
            _rows(connection_id).update(calls_used=usage.used, calls_allowed=usage.maximum)
    except Error:
        database.close()


@dataclass(frozen=True, slots=True)
class _Session:
    """Keeps the token of a connection, for all processes."""

    connection_id: int

    def load(self) -> str:
        rows = _rows(self.connection_id).values_list("session", flat=True)
        return durably(rows.first) or ""

    def save(self, text: str) -> None:
        durably(lambda: _rows(self.connection_id).update(session=text))


def _rows(connection_id: int) -> QuerySet[SalesforceConnection]:
    return SalesforceConnection.objects.filter(pk=connection_id)
