"""A button and whether this person may press it; one they may not press says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from console.roles import ADMINISTRATOR, OPERATOR

RIGHTS: Final = {
    "console.link_opportunity": ("link and unlink opportunities", OPERATOR),
    "console.set_primary_quote": ("set the primary quote", OPERATOR),
    "console.push_opportunity": ("push to Salesforce", OPERATOR),
    "console.change_salesforceconnection": ("change the connection", ADMINISTRATOR),
    "console.change_apiclient": ("change API clients", ADMINISTRATOR),
}


@dataclass(frozen=True, slots=True)
class Control:
    """A button that posts to an address. `why_not` is empty when it may be pressed."""

    label: str
    icon: str
    address: str
    why_not: str = ""


def control(
    request: HttpRequest, label: str, *, icon: str, address: str, permission: str, lock: str = ""
) -> Control:
    """The button, disabled for want of the right or for the given reason."""
    why_not = lock if request.user.has_perm(permission) else _missing(permission)
    return Control(label, icon, address, why_not)


def require(request: HttpRequest, permission: str) -> None:
    """Errors: PermissionDenied, naming the right that is missing."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(_missing(permission))


def _missing(permission: str) -> str:
    right, role = RIGHTS[permission]
    return f"You need the right to {right}, which the role “{role}” has."
