"""`manage.py migrate`: Django's own, which gives up on a table that somebody holds.

A migration that waits for a lock makes everybody wait behind it who comes after. One that gives up
has changed nothing, and is run again.
"""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from psycopg.errors import LockNotAvailable

PATIENCE_SECONDS = 5.0


class Command(migrate.Command):
    help = f"{migrate.Command.help} Gives up when a table stays locked."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=PATIENCE_SECONDS,
            help="How many seconds to wait for a table that somebody holds.",
        )

    def handle(self, *args: Any, lock_timeout: float = PATIENCE_SECONDS, **options: Any) -> None:
        connection = connections[options["database"]]
        usual = connection.SchemaEditorClass
        connection.SchemaEditorClass = _impatient(usual, seconds=lock_timeout)
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise CommandError(_WORDS.format(seconds=lock_timeout)) from error
        finally:
            connection.SchemaEditorClass = usual


_WORDS = (
    "\nA table stayed locked by somebody else for {seconds:g} s, so this migration was taken back"
    " before everybody had to wait behind it. Nothing of it was applied. Run migrate again; who"
    " holds the lock is in pg_stat_activity, with the oldest xact_start."
)


def _impatient(
    usual: type[BaseDatabaseSchemaEditor] | None, *, seconds: float
) -> type[BaseDatabaseSchemaEditor]:
    """The editor of a migration, which says in its transaction how long to wait for a lock.

    A migration without a transaction, such as one that makes an index concurrently, waits in
    nobody's way.
    """
    assert usual is not None, "the database has a schema"

    class Impatient(usual):  # type: ignore[misc,valid-type]
        def __enter__(self) -> Any:
            entered = super().__enter__()
            if self.atomic_migration:
                self.execute(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")
            return entered

    return Impatient
