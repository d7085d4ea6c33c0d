"""A worker of the released version works beside a schema of today, and migrating stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from console import claims, endings
from console.models import OutboundPush
from syncrules.reasons import Reason
from tests.builders import make_opportunity, make_push

RELEASED: Final = "0003_resync"
"""The last migration of the released version; raise it together with the statements below."""

# What the released version says to the database, word for word.
REQUEST: Final = """
INSERT INTO "console_outboundpush" ("opportunity_id", "lane", "state", "trigger", "actor_name",
  "requests", "requested_at", "not_before", "attempts", "fence", "lease_until", "reason", "detail",
  "finished_at")
VALUES (%s, 'link', 'queued', 'linked', 'console (poll)', 1, (STATEMENT_TIMESTAMP()),
  (STATEMENT_TIMESTAMP()), 0, 0, NULL, '', '', NULL)
RETURNING "console_outboundpush"."id"
"""
CLAIM: Final = """
WITH due AS (
  SELECT id FROM console_outboundpush AS push
  WHERE lane = %s
    AND ((state = 'queued' AND not_before <= statement_timestamp()
          AND NOT EXISTS (SELECT 1 FROM console_outboundpush AS other
                          WHERE other.opportunity_id = push.opportunity_id
                            AND other.lane IN (push.lane, 'link')
                            AND other.state = 'sending'))
      OR (state = 'sending' AND lease_until < statement_timestamp()))
  ORDER BY not_before, id
  LIMIT %s
  FOR UPDATE SKIP LOCKED
)
UPDATE console_outboundpush AS push
SET state = 'sending', fence = fence + 1, lease_until = statement_timestamp() + %s::interval
FROM due WHERE push.id = due.id
RETURNING push.id, push.opportunity_id, push.fence, push.attempts, push.trigger, push.actor_name,
          push.lane
"""
FINISH: Final = """
UPDATE "console_outboundpush"
SET "state" = 'sent', "reason" = 'pushed', "detail" = '',
    "attempts" = ("console_outboundpush"."attempts" + 0),
    "not_before" = "console_outboundpush"."not_before", "lease_until" = NULL,
    "finished_at" = STATEMENT_TIMESTAMP()
WHERE ("console_outboundpush"."fence" = %s AND "console_outboundpush"."id" = %s
       AND "console_outboundpush"."state" = 'sending')
"""


def _say(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


# --- The worker of the version before ------------------------------------------------------------


@pytest.mark.django_db
def test_the_worker_of_before_asks_claims_and_ends() -> None:
    opportunity = make_opportunity()

    ((push_id,),) = _say(REQUEST, opportunity.pk)
    ((claimed, _, fence, *_),) = _say(CLAIM, "link", 200, "20 s")
    ((changed,),) = _say(FINISH, fence, push_id)

    assert (claimed, changed) == (push_id, 1)
    push = OutboundPush.objects.get()
    assert (push.state, push.urgency, push.covers, push.strikes) == ("sent", 1, [], 0)


@pytest.mark.django_db
def test_what_one_version_asks_for_the_other_sends() -> None:
    ((push_id,),) = _say(REQUEST, make_opportunity().pk)
    (claim,) = claims.claim()
    assert claim.push_id == push_id

    newer = make_push()
    assert [row[0] for row in _say(CLAIM, "link", 200, "20 s")] == [newer.pk]


@pytest.mark.django_db
def test_what_one_version_left_in_the_middle_the_other_takes_over() -> None:
    make_push()
    ((push_id, _, fence, *_),) = _say(CLAIM, "link", 200, "-1 s")

    (claim,) = claims.claim()

    assert (claim.push_id, claim.fence) == (push_id, fence + 1)
    assert claim.lost_by is not None
    assert _say(FINISH, fence, push_id) == [(0,)], "the old worker comes too late"
    ending = endings.Ending(OutboundPush.State.SENT, Reason.PUSHED)
    assert endings.finish([(claim, ending)]) == {push_id}


# --- The schema ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_columns_that_the_version_before_does_not_know_need_nothing_of_it() -> None:
    """Whatever it reads is there, and whatever it leaves out has a default of the database."""
    released = MigrationLoader(None).project_state(("console", RELEASED)).apps
    missing, needed = [], []
    for model in released.get_app_config("console").get_models():
        table = model._meta.db_table
        known = {field.column for field in model._meta.concrete_fields}
        today = dict(_say(_COLUMNS, table))
        missing += [f"{table}.{name}" for name in known - today.keys()]
        needed += [f"{table}.{name}" for name in today.keys() - known if today[name]]

    assert (missing, needed) == ([], [])


_COLUMNS: Final = """
SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'
"""


# --- Migrating -----------------------------------------------------------------------------------


@pytest.fixture
def a_migration(settings: Settings, transactional_db: None) -> Iterator[None]:
    """A migration of an app that has none otherwise, which needs the table of what waits."""
    settings.MIGRATION_MODULES = {"ninja": "tests.locking_migration"}
    yield
    MigrationRecorder(connection).migration_qs.filter(app="ninja").delete()


@pytest.mark.usefixtures("a_migration")
def test_a_migration_gives_up_on_a_table_that_somebody_holds() -> None:
    """Such as a report that looks at it within a transaction that goes on and on."""
    with _somebody() as other:
        other.execute("SELECT count(*) FROM console_waiting")
        with pytest.raises(CommandError, match=r"stayed locked by somebody else for 0\.2 s"):
            call_command("migrate", "ninja", lock_timeout=0.2, verbosity=0)
        assert not _is_applied()

    call_command("migrate", "ninja", lock_timeout=0.2, verbosity=0)
    assert _is_applied()
    assert _say("SHOW lock_timeout") == [("0",)], "others of this session wait as before"


def _somebody() -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params()
    return psycopg.connect(**{**parameters, "cursor_factory": None})


def _is_applied() -> bool:
    applied = MigrationRecorder(connection).applied_migrations().keys()
    return ("ninja", "wants_a_table") in applied


@pytest.mark.django_db(transaction=True)
def test_another_trouble_is_told_as_it_is() -> None:
    with pytest.raises(CommandError, match="Cannot find a migration matching"):
        call_command("migrate", "console", "9999", verbosity=0)
