"""Signs of life of the processes that work by themselves, by the database's time."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import Error, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from console import doorbell
from console.models import Heartbeat

Kind = Heartbeat.Kind
REMEMBERED: Final = timedelta(days=1)

_BEAT: Final = """
INSERT INTO console_heartbeat (kind, host, seen_at) VALUES (%s, %s, statement_timestamp())
ON CONFLICT (kind, host) DO UPDATE SET seen_at = excluded.seen_at
"""


def beat() -> None:
    """This process is at work: for a worker, or else for the sweeper."""
    kind = Kind.WORKER if doorbell.worker_name() else Kind.SWEEPER
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [kind, socket.gethostname()[:255]])
    except Error:  # that it is missing tells enough
        connection.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """A kind of process on a host, and for how long nothing was seen of it."""

    kind: str
    host: str
    ago: timedelta


def seen() -> list[Seen]:
    """Those that were at work within the last day, the latest first."""
    ago = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    rows = Heartbeat.objects.filter(seen_at__gte=Now() - REMEMBERED).annotate(ago=ago)
    return [Seen(row.kind, row.host, row.ago) for row in rows.order_by("-seen_at")]
