"""`manage.py seed_demo`: the sample data on both sides, so that there is something to look at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from console import environment
from console.demo import Book, access, build, mn_side, salesforce_side
from console.management.commands.connect_local_org import is_real_org_configured
from console.models import Account, Opportunity


class Command(BaseCommand):
    help = "Fills the database and the local Salesforce org with a sample company's book."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="write nothing when there is data already"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="also when these services were not started by `up`; makes no sign-ins then",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        self._require_local(force=options["force"])
        book = build(timezone.localdate())
        if mn_side.is_there(book):
            self.stdout.write("The sample data is there already; nothing was changed.")
        elif options["if_empty"] and _has_data():
            self.stdout.write("The database holds other data; nothing was changed.")
        else:
            self._fill(book)

    def _require_local(self, *, force: bool) -> None:
        if is_real_org_configured():
            raise CommandError(
                "A real Salesforce org is configured, and the sample would be pushed to it."
            )
        if not (settings.LOCAL or force):
            raise CommandError(
                "These services were not started by `manage.py up`. If the database is meant for "
                "trials, repeat with --force."
            )

    def _fill(self, book: Book) -> None:
        """The org first: rows without their records would make pushes fail, not the reverse."""
        url = environment.load().text("LOCALORG_URL")
        if not url:
            raise CommandError("LOCALORG_URL is not set: start the local org with `manage.py up`.")
        try:
            taken = salesforce_side.load(url, salesforce_side.records(book))
        except salesforce_side.OrgRefused as error:
            raise CommandError(str(error)) from error
        with transaction.atomic():
            written = mn_side.write(book, as_of=timezone.now())
            access.show_a_broken_connection()
            if settings.LOCAL:
                access.open_locally()
        call_command("connect_local_org", stdout=self.stdout)
        self._tell("MonetizeNow", written)
        self._tell("Salesforce", taken)
        if settings.LOCAL:
            self._tell_who_may_enter()

    def _tell(self, side: str, counts: dict[str, int]) -> None:
        words = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"{side}: {words}")

    def _tell_who_may_enter(self) -> None:
        names = ", ".join(f"{name} / {word}" for name, (word, _) in access.SIGN_INS.items())
        self.stdout.write(f"Sign in as {names}")
        self.stdout.write(f"API client {access.API_CLIENT}, secret {access.API_SECRET}")


def _has_data() -> bool:
    return Account.objects.exists() or Opportunity.objects.exists()
