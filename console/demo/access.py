"""Who may enter the sample: the local sign-ins, an API client, and a connection that broke."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import Group, User
from django.utils import timezone

from console.backend import LOCAL_API_SECRET, LOCAL_DOMAIN
from console.models import ApiClient, SalesforceConnection
from console.roles import ADMINISTRATOR, OPERATOR, VIEWER

SIGN_INS: Final = {
    "admin": ("admin-local", ADMINISTRATOR),
    "operator": ("operator-local", OPERATOR),
    "viewer": ("viewer-local", VIEWER),
}
API_CLIENT: Final = "demo"
API_SECRET: Final = LOCAL_API_SECRET
BROKEN_CONNECTION: Final = "Retired sandbox"


def open_locally() -> None:
    """The well-known sign-ins and API client. Only for a console that nobody else can reach."""
    for name, (password, role) in SIGN_INS.items():
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(
                name, email=f"{name}@{LOCAL_DOMAIN}", password=password, is_staff=True
            )
            user.groups.add(Group.objects.get(name=role))
    ApiClient.objects.get_or_create(
        key=API_CLIENT, defaults={"name": "Local trials", "secret": API_SECRET}
    )


def show_a_broken_connection() -> None:
    """A second connection, switched off, whose credentials Salesforce no longer takes."""
    SalesforceConnection.objects.get_or_create(
        name=BROKEN_CONNECTION,
        defaults={
            "base_url": "https://retired--uat.sandbox.my.salesforce.com",
            "client_id": "retired-consumer-key",
            "is_active": False,
            "state": SalesforceConnection.State.BROKEN,
            "state_since": timezone.now(),
            "detail": "invalid_client_id: client identifier invalid",
        },
    )
