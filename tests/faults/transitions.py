"""Every step of every push as the database committed it, whichever process took it.

A trigger writes them down, for tests only: the rows themselves show where a push is, not where it
has been. What a transaction took back was never there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class Step:
    """A push went from one state to another, or from one pair of hands to another.

    `lease_until`: what it was before the step, for one that was being sent; `held_until`: what it
    is since. `txid` tells what was claimed together.
    """

    push: int
    opportunity: int
    account: int
    lane: str
    at: datetime
    txid: int
    was: str | None
    state: str
    was_fence: int
    fence: int
    owner: str
    lease_until: datetime | None
    held_until: datetime | None
    was_attempts: int
    attempts: int
    not_before: datetime
    reason: str
    detail: str
    was_owner: str = ""

    @property
    def is_claim(self) -> bool:
        return self.state == "sending"

    @property
    def is_takeover(self) -> bool:
        return self.was == self.state == "sending"

    @property
    def is_ending(self) -> bool:
        return self.was == "sending" and self.state != "sending"

    def __str__(self) -> str:
        return (
            f"{self.at:%H:%M:%S.%f} push {self.push} {self.lane} {self.was} -> {self.state}"
            f" fence {self.fence} {self.owner[-14:]} {self.reason} {self.detail[:60]}"
        )


_COLUMNS: Final = ", ".join(field.name for field in fields(Step))

_WATCH: Final = """
CREATE TABLE fault_step (
  id bigserial PRIMARY KEY, push bigint, opportunity bigint, account bigint, lane text,
  at timestamptz, txid bigint, was text, state text, was_fence bigint, fence bigint, owner text,
  lease_until timestamptz, held_until timestamptz, was_attempts int, attempts int,
  not_before timestamptz, reason text, detail text, was_owner text
);
CREATE FUNCTION fault_note_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fault_step (
    push, opportunity, account, lane, at, txid, was, state, was_fence, fence, owner, lease_until,
    held_until, was_attempts, attempts, not_before, reason, detail, was_owner
  )
  SELECT NEW.id, NEW.opportunity_id, opportunity.account_id, NEW.lane, clock_timestamp(),
         txid_current(), OLD.state, NEW.state, coalesce(OLD.fence, 0), NEW.fence, NEW.claimed_by,
         OLD.lease_until, NEW.lease_until, coalesce(OLD.attempts, 0), NEW.attempts,
         NEW.not_before, NEW.reason, NEW.detail, coalesce(OLD.claimed_by, '')
  FROM console_opportunity AS opportunity WHERE opportunity.id = NEW.opportunity_id;
  RETURN NULL;
END $$;
CREATE TRIGGER fault_first_step AFTER INSERT ON console_outboundpush
  FOR EACH ROW EXECUTE FUNCTION fault_note_step();
CREATE TRIGGER fault_step AFTER UPDATE ON console_outboundpush FOR EACH ROW
  WHEN (OLD.state <> NEW.state OR OLD.fence <> NEW.fence OR OLD.attempts <> NEW.attempts)
  EXECUTE FUNCTION fault_note_step();
"""
_UNWATCH: Final = """
DROP FUNCTION IF EXISTS fault_note_step CASCADE;
DROP TABLE IF EXISTS fault_step;
"""


@contextmanager
def watched() -> Iterator[None]:
    """Within it every step is written down. No other process may be at work at either end."""
    with connection.cursor() as cursor:
        cursor.execute(_UNWATCH)
        cursor.execute(_WATCH)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_UNWATCH)


def steps(*, lane: str | None = None) -> list[Step]:
    """What was written down so far, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM fault_step WHERE %s::text IS NULL OR lane = %s ORDER BY id",
            [lane, lane],
        )
        return [Step(*row) for row in cursor.fetchall()]
