"""A button and whether this person may press it; one they may not press says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from console.admin.lock_passport import Passport
from console.roles import ADMINISTRATOR, OPERATOR, VIEWER

RIGHTS: Final = {
    "console.link_opportunity": ("link and unlink opportunities", OPERATOR),
    "console.set_primary_quote": ("set the primary quote", OPERATOR),
    "console.push_opportunity": ("push to Salesforce", OPERATOR),
    "console.start_reconcile": ("compare both sides", OPERATOR),
    "console.override_product_sync": ("override which lines are synced", OPERATOR),
    "console.pin_quote": ("pin quotes", OPERATOR),
    "console.save_product_settings": ("save the product settings", ADMINISTRATOR),
    "console.map_account": ("match accounts", OPERATOR),
    "console.change_salesforceconnection": ("change the connection", ADMINISTRATOR),
    "console.view_amountfield": ("see currency fields", VIEWER),
    "console.add_amountfield": ("write currency fields", ADMINISTRATOR),
    "console.change_amountfield": ("write currency fields", ADMINISTRATOR),
    "console.change_apiclient": ("change API clients", ADMINISTRATOR),
}


@dataclass(frozen=True, slots=True)
class Control:
    """A button that posts `fields` to an address, or leads to a page. `why_not` is empty when it
    may be pressed; `passport` tells more of the lock, where it is one."""

    label: str
    icon: str
    address: str
    why_not: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    is_link: bool = False
    passport: Passport | None = None


def control(
    request: HttpRequest,
    label: str,
    *,
    icon: str,
    address: str,
    permission: str,
    lock: str = "",
    fields: tuple[tuple[str, str], ...] = (),
    passport: Passport | None = None,
) -> Control:
    """The button, disabled for want of the right or for the given reason."""
    no_right = missing(request, permission)
    return Control(
        label,
        icon,
        address,
        why_not=no_right or lock,
        fields=fields,
        passport=None if no_right else passport,
    )


def door(
    request: HttpRequest,
    label: str,
    *,
    icon: str,
    address: str,
    permission: str,
    passport: Passport | None = None,
) -> Control:
    """The way to a page that does something, closed for want of the right or by a lock."""
    shut = control(
        request,
        label,
        icon=icon,
        address=address,
        permission=permission,
        lock=passport.sentence if passport else "",
        passport=passport,
    )
    return replace(shut, is_link=True)


def require(request: HttpRequest, permission: str) -> None:
    """Errors: PermissionDenied, naming the right that is missing."""
    if why_not := missing(request, permission):
        raise PermissionDenied(why_not)


def missing(request: HttpRequest, permission: str) -> str:
    """Which right is missing, and which role has it; empty when nothing is."""
    if request.user.has_perm(permission):
        return ""
    right, role = RIGHTS[permission]
    return f"You need the right to {right}, which the role “{role}” has."
