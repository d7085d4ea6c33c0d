"""`manage.py prune_sync_log`: removes the months that are older than they are to be kept."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from console import pruning


class Command(BaseCommand):
    help = (
        "Removes whole months that are older than SYNC_LOG_KEPT_DAYS, a few thousand rows at a "
        "time, but for what is still needed. The sweeper does the same by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.SYNC_LOG_KEPT.days)
        parser.add_argument(
            "--dry-run", action="store_true", help="only count, by month, what would go"
        )

    def handle(self, *_args: Any, days: int, dry_run: bool, **_options: Any) -> None:
        before = pruning.first_kept(days=days)
        self.stdout.write(f"what is older than {before:%Y-%m-%d} may go")
        if dry_run:
            self._count(before)
        else:
            self._remove(before)

    def _count(self, before: Any) -> None:
        for store in pruning.STORES:
            for month, may_go, rows in pruning.preview(store, before=before):
                self.stdout.write(f"{store.table} {month}: {may_go} of {rows} rows would go")

    def _remove(self, before: Any) -> None:
        """Told at once, so that whoever stops it knows what it did."""
        removed = dict.fromkeys((store.table for store in pruning.STORES), 0)
        months: Counter[tuple[str, str]] = Counter()
        for step in pruning.steps(before=before):
            removed[step.table] += sum(step.removed.values())
            months.update({(step.table, month): n for month, n in step.removed.items()})
        for (table, month), rows in sorted(months.items()):
            self.stdout.write(f"{table} {month}: {rows} rows removed")
        for table, rows in removed.items():
            self.stdout.write(f"{table}: {rows} rows removed")
