"""`manage.py prepare_database`: the first that `up` asks of a database, in one process."""

from __future__ import annotations

import sys
from typing import Any, Final

from django.core.management import call_command
from django.core.management.base import BaseCommand

from console.management.commands.connect_local_org import is_real_org_configured

REAL_ORG: Final = 3


class Command(BaseCommand):
    help = (
        f"Migrates the database. Exits with {REAL_ORG} when a real Salesforce org is configured, "
        "in the settings or as the active connection, else with 0."
    )

    def handle(self, **_options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if is_real_org_configured():
            self.stdout.write("A real Salesforce org is configured.")
            sys.exit(REAL_ORG)
        self.stdout.write("No real Salesforce org is configured.")
