"""`manage.py connect_local_org`: the connection that this machine's settings ask for."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from console import environment
from console.models import SalesforceConnection
from console.salesforce.credentials import Credentials

LOCAL: Final = "local org"
ENVIRONMENT: Final = "environment"

State = SalesforceConnection.State


class Command(BaseCommand):
    help = (
        "Connects to the org that the settings name: SALESFORCE_URL when it is set, else the "
        "local one, which never displaces a real connection."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample",
            action="store_true",
            help="then fill both sides with the sample data, if they are empty",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.SALESFORCE["URL"]:
            self._connect(ENVIRONMENT, _from_settings(), is_local=False, activate=True)
        else:
            activate = not is_real_org_configured()
            self._connect(LOCAL, _of_local_org(), is_local=True, activate=activate)
        if options["sample"]:
            call_command("seed_demo", if_empty=True, stdout=self.stdout)

    def _connect(
        self, name: str, wanted: dict[str, Any], *, is_local: bool, activate: bool
    ) -> None:
        with transaction.atomic():
            if activate:
                others = SalesforceConnection.objects.exclude(name=name).filter(is_active=True)
                others.update(is_active=False)
            changed = _store(name, {**wanted, "is_local": is_local, "is_active": activate})
        what = "set up" if changed else "unchanged"
        force = "in force" if activate else "kept aside, a real connection is in force"
        self.stdout.write(f"Connection {name!r} to {wanted['base_url']}: {what}, {force}.")


def is_real_org_configured() -> bool:
    """Whether the settings or the active connection name an org other than the local one."""
    active = SalesforceConnection.objects.filter(is_active=True, is_local=False)
    return bool(settings.SALESFORCE["URL"]) or active.exists()


def _store(name: str, wanted: dict[str, Any]) -> bool:
    """Whether anything changed. A changed or broken connection counts as not tried yet."""
    row = SalesforceConnection.objects.filter(name=name).first()
    if row is None:
        SalesforceConnection.objects.create(name=name, **wanted)
        return True
    changes = {field: value for field, value in wanted.items() if getattr(row, field) != value}
    if not changes and row.state != State.BROKEN:
        return False
    changes |= {"state": State.UNTRIED, "state_since": timezone.now(), "detail": ""}
    for field, value in changes.items():
        setattr(row, field, value)
    row.save(update_fields=[*changes, "updated_at"])
    return True


def _of_local_org() -> dict[str, Any]:
    env = environment.load()  # the org may have a new port since this process read its settings
    url = env.text("LOCALORG_URL")
    if not url:
        raise CommandError("LOCALORG_URL is not set: start the local org with `manage.py up`.")
    return {
        "base_url": url,
        "client_id": env.text("LOCALORG_CLIENT_ID", "local-console"),
        "client_secret": env.secret("LOCALORG_CLIENT_SECRET", "local-secret"),
    }


def _from_settings() -> dict[str, Any]:
    """The columns of a connection. Errors: CommandError when nobody could log in with them."""
    given = settings.SALESFORCE
    has_key = bool(given["PRIVATE_KEY"])
    try:
        Credentials(
            base_url=given["URL"],
            client_id=given["CLIENT_ID"],
            client_secret=None if has_key else given["CLIENT_SECRET"],
            username=given["USERNAME"] if has_key else None,
            private_key=given["PRIVATE_KEY"] or None,
        )
    except ValueError as error:
        raise CommandError(f"the SALESFORCE_ settings cannot be used: {error}") from error
    return {
        "base_url": given["URL"],
        "client_id": given["CLIENT_ID"],
        "client_secret": given["CLIENT_SECRET"],
        "username": given["USERNAME"],
        "private_key": given["PRIVATE_KEY"],
    }
