"""`manage.py up`: the whole console on this machine, in the foreground."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from console import environment
from console.local.errors import LocalError
from console.local.start import up


class Command(BaseCommand):
    help = (
        "Starts what is not configured (PostgreSQL, Valkey, a local Salesforce org), then web,"
        " worker and sweeper; stops them on Ctrl-C. Reads PORT, HOST and DATA_DIR."
    )
    # The database that the checks would ask is started by this very command.
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, **_options: Any) -> None:
        try:
            up(
                data_dir=environment.data_dir(),
                host=os.environ.get("HOST", "127.0.0.1"),
                port=environment.load().integer("PORT", 8000),
            )
        except (LocalError, environment.BadSetting) as error:
            raise CommandError(str(error)) from error
