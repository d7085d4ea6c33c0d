"""`manage.py prune_sync_log`: removes log entries and events older than they are to be kept."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

_BATCH = 5000
_TABLES = {"console_synclog": "created_at", "console_inboundevent": "received_at"}


class Command(BaseCommand):
    help = "Removes what is older than SYNC_LOG_KEPT_DAYS, a few thousand rows at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.SYNC_LOG_KEPT.days)

    def handle(self, *_args: Any, **options: Any) -> None:
        for table, column in _TABLES.items():
            removed = 0
            while batch := self._remove_some(table, column, days=options["days"]):
                removed += batch
            self.stdout.write(f"{table}: {removed} rows removed")

    def _remove_some(self, table: str, column: str, *, days: int) -> int:
        """Small transactions, so that nobody who writes waits for long."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL console.pruning = 'on'")
            cursor.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "  # noqa: S608  constants
                f"WHERE {column} < now() - make_interval(days => %s) LIMIT %s)",
                [days, _BATCH],
            )
            return int(cursor.rowcount)
