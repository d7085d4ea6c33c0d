"""Pairing on an opportunity's page: the ways to link, unlink and choose, and what was changed."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from console.actor import Actor
from console.admin import addresses, lock_passport, rights, wording
from console.admin.parts import ago
from console.admin.rights import Control
from console.flows import update_primary_quote
from console.models import Opportunity, Quote, SyncLog
from syncrules.reasons import Reason

CHANGES_SHOWN: Final = 10


def controls(request: HttpRequest, opportunity: Opportunity, *, is_linked: bool) -> list[Control]:
    """Link, or unlink and change partner; and the primary quote. A finalized deal closes both."""
    lock = lock_passport.of_deal(opportunity, reader=Actor.of_user(request.user))
    if is_linked:
        first = rights.door(
            request,
            "Unlink or change partner",
            icon="swap_horiz",
            address=addresses.relink(opportunity.pk),
            permission="console.link_opportunity",
            passport=lock,
        )
    else:
        first = rights.door(
            request,
            "Link by hand",
            icon="add_link",
            address=addresses.link(opportunity.pk),
            permission="console.link_opportunity",
        )
    choose = rights.door(
        request,
        "Choose primary quote",
        icon="star",
        address=addresses.primary(opportunity.pk),
        permission="console.set_primary_quote",
        passport=lock,
    )
    return [first, choose]


def quote_controls(request: HttpRequest, quote: Quote) -> list[Control]:
    """Make the quote primary; closed where flow C would refuse it. None for the primary one."""
    opportunity = quote.opportunity
    if opportunity is None or opportunity.primary_quote_id == quote.pk:
        return []
    actor = Actor.of_user(request.user)
    _, decision = update_primary_quote.preview(opportunity.pk, quote_mn_id=quote.mn_id, actor=actor)
    make_primary = rights.door(
        request,
        "Make primary",
        icon="star",
        address=addresses.primary(opportunity.pk, quote=quote.mn_id),
        permission="console.set_primary_quote",
        passport=lock_passport.of_quote(decision, opportunity, quote, reader=actor),
    )
    return [make_primary]


def entry_controls(request: HttpRequest, entry: SyncLog) -> list[Control]:
    """Both ways out of half a reassignment: finish it, or restore what was cleared."""
    if entry.reason != Reason.HALF_REASSIGNMENT or entry.opportunity_id is None:
        return []
    finish = rights.door(
        request,
        "Unlink or change partner",
        icon="swap_horiz",
        address=addresses.relink(entry.opportunity_id),
        permission="console.link_opportunity",
    )
    restore = rights.control(
        request,
        "Push again to restore it",
        icon="cloud_upload",
        address=reverse("admin:console_opportunity_push", args=[entry.opportunity_id]),
        permission="console.push_opportunity",
    )
    return [finish, restore]


def changes_shown(opportunity: Opportunity) -> list[dict[str, Any]]:
    """Changes of partner, newest first, each with the way to its steps and its undo."""
    rows = opportunity.relinks.select_related("old", "new")[:CHANGES_SHOWN]
    return [
        {
            "address": addresses.relink_result(change.pk),
            "what": "Partner changed" if change.new else "Unlinked",
            "state": wording.relink_badge(change.state),
            "why": change.reason_text,
            "by": change.actor_name,
            "ago": ago(change.created_at),
        }
        for change in rows
    ]
