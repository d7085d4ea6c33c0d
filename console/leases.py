"""How long a claim holds: as long as its process lives, and a little longer; and how it is given up
by who cannot bring it to an end, or given back by who has not begun it.

All times are the database's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Concat, Least, Now, Power

from console import heartbeats
from console.claims import RESTING, Claim
from console.durability import durably
from console.locks import lock_opportunities
from console.models import OutboundPush

State = OutboundPush.State
_LONGEST_REST_SECONDS: Final = 60
_MOST_DOUBLINGS: Final = 6
"""So many are longer than the longest rest."""


@contextmanager
def kept_alive(run: str) -> Iterator[None]:
    """Within it the leases of a drain do not run out, unless its process dies or stands still."""
    stop = threading.Event()
    beat = settings.PUSH_LEASE.total_seconds() / 4

    def keep_alive() -> None:
        while not stop.wait(beat):
            try:
                renew(run)
            except Error:  # without a database nobody can take the pushes over either
                connection.close()
            heartbeats.beat()
        connection.close()

    thread = threading.Thread(target=keep_alive, name="leases", daemon=True)
    thread.start()
    heartbeats.beat()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def renew(run: str) -> int:
    """How many leases were prolonged; one that ran out stays lost.

    What another transaction holds just now is coming to its end, or is prolonged by the next beat:
    nobody waits here, so that two who take many pushes in different orders do not block each other.
    """
    mine = _in_force().filter(claimed_by__startswith=run).select_for_update(skip_locked=True)
    with transaction.atomic():
        return _rows(mine).update(lease_until=Now() + settings.PUSH_LEASE)


def is_anybody_at_work() -> bool:
    """Whether a push is in the hands of somebody who is alive."""
    return _in_force().exclude(claimed_by__startswith=RESTING).exists()


def give_up_those_of(worker: str, *, but: str) -> int:
    """How many claims of a worker's dead processes were set free.

    A worker has one job at a time, and the processes of a job die with its first one: what those of
    an earlier job held is nobody's.
    """
    left = _in_force().filter(claimed_by__startswith=f"{worker}/")
    return _to_rest(left.exclude(claimed_by__startswith=but))


def give_up(owner: str) -> int:
    """How many claims were set free that their own process can bring to no end."""
    # What failed may have been the connection to the database.
    return durably(lambda: _to_rest(_in_force().filter(claimed_by=owner)))


# A newer push of the opportunity takes over what the returned one covered, with its place in the
# queue: there is no entry that would tell of it, and who is edited all the time must not starve.
# What had been taken over from somebody who was lost goes back as lost, and no more often struck.
_GIVE_BACK: Final = """
WITH returned AS (
  SELECT push.*, given.lost_by
  FROM jsonb_to_recordset(%s::jsonb) AS given (id bigint, fence bigint, lost_by text)
  JOIN console_outboundpush AS push
    ON push.id = given.id AND push.fence = given.fence AND push.state = 'sending'
   AND (given.lost_by IS NULL OR push.lease_until >= statement_timestamp())
),
joined AS (
  UPDATE console_outboundpush AS newer
  SET requests = newer.requests + returned.requests,
      covers = jsonb_path_query_array(returned.covers || newer.covers, '$[last - 49 to last]'),
      urgency = least(newer.urgency, returned.urgency),
      not_before = least(newer.not_before, returned.not_before),
      attempts = greatest(newer.attempts, returned.attempts),
      strikes = greatest(newer.strikes, returned.strikes),
      struck_at = least(newer.struck_at, returned.struck_at),
      unsure_until = greatest(newer.unsure_until, returned.unsure_until)
  FROM returned
  WHERE newer.opportunity_id = returned.opportunity_id AND newer.lane = returned.lane
    AND newer.state IN ('queued', 'held', 'parked') AND returned.lost_by IS NULL
  RETURNING returned.id
)
UPDATE console_outboundpush AS push
SET state = CASE WHEN returned.lost_by IS NOT NULL THEN 'sending'
                 WHEN joined.id IS NOT NULL THEN 'superseded'
                 ELSE 'queued' END,
    claimed_by = coalesce(returned.lost_by, ''),
    lease_until = CASE WHEN returned.lost_by IS NOT NULL
                       THEN statement_timestamp() - interval '1 microsecond' END,
    strikes = push.strikes - (returned.lost_by IS NOT NULL)::int,
    finished_at = CASE WHEN joined.id IS NOT NULL THEN statement_timestamp() END
FROM returned LEFT JOIN joined ON joined.id = returned.id
WHERE push.id = returned.id
"""


def give_back(claims: Sequence[Claim]) -> None:
    """The pushes are queued as if they had never been claimed: nothing was sent of them."""
    if not claims:
        return
    given = [{"id": each.push_id, "fence": each.fence, "lost_by": each.lost_by} for each in claims]

    def put_back() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            lock_opportunities(each.opportunity_id for each in claims)
            cursor.execute(_GIVE_BACK, [json.dumps(given)])

    durably(put_back)


def _in_force() -> QuerySet[OutboundPush]:
    return OutboundPush.objects.filter(state=State.SENDING, lease_until__gte=Now())


def _rows(wanted: QuerySet[OutboundPush]) -> QuerySet[OutboundPush]:
    """The wanted rows, taken in the order in which claims take them."""
    return OutboundPush.objects.filter(
        pk__any_of=list(wanted.order_by("pk").values_list("pk", flat=True))
    )


def _to_rest(pushes: QuerySet[OutboundPush]) -> int:
    """They are taken over when they have rested: not at all the first time, then ever longer, so
    that what fails each time does not fail without end. Nobody prolongs them until then."""
    seconds = Least(
        Power(Value(2.0), Least(F("strikes"), Value(_MOST_DOUBLINGS))) - 1,
        Value(float(_LONGEST_REST_SECONDS)),
    )
    with transaction.atomic():
        return _rows(pushes.select_for_update()).update(
            lease_until=Now() + _interval(seconds) - timedelta(microseconds=1),
            claimed_by=Concat(Value(RESTING), F("claimed_by")),
        )


def _interval(seconds: Any) -> Func:
    return Func(seconds, template="make_interval(secs => %(expressions)s)")
