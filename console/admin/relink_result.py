"""How a change of partner went: its recorded steps, the push that does Salesforce's half, undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from console.admin import addresses, rights, subpage, wording
from console.admin.base import DetailPage, list_of
from console.admin.opportunity_page import ENTRY_COLUMNS, entry_shown, push_shown
from console.admin.parts import Tone, ago, at, badge
from console.admin.salesforce_links import base_url, record_link
from console.flows import relink
from console.models import Association, OutboundPush, Relink, SyncLog
from syncrules import push_outbound

PERMISSION: Final = "console.link_opportunity"
ENTRIES_SHOWN: Final = 5
_STEPS: Final[dict[str, tuple[Tone, str]]] = {
    "done": ("good", "check"),
    "pending": ("info", "schedule"),
    "taken back": ("bad", "undo"),
    "refused": ("bad", "block"),
}


def find(relink_id: int) -> Relink:
    """Errors: Http404."""
    try:
        return Relink.objects.select_related("opportunity", "old", "new").get(pk=relink_id)
    except Relink.DoesNotExist as error:
        raise Http404("There is no such change.") from error


def view(page: DetailPage, request: HttpRequest, relink_id: int) -> HttpResponse:
    change = find(relink_id)
    page.find(request, str(change.opportunity_id))
    return subpage.render(
        page,
        request,
        change.opportunity,
        template="console/relink_result.html",
        title=f"Change of partner {change.pk}",
        context=_context(request, change),
    )


def _context(request: HttpRequest, change: Relink) -> dict[str, Any]:
    why_not = relink.why_not_undo(change.pk)
    text, tone, icon = wording.RELINKS[change.state]
    push = _push(change) if change.state == Relink.State.PENDING else None
    return {
        "change": change,
        "state": text,
        "tone": tone,
        "icon": icon,
        "headline": _headline(change),
        "steps": [_step(each) for each in _steps(change)],
        "push": push_shown(push) if push else None,
        "push_detail": push.detail if push else "",
        "entries": [entry_shown(entry) for entry in _pushed(change)],
        "refresh_seconds": _refresh_seconds(change, push),
        "controls": [] if why_not else [_undo(request, change)],
        "why_not_undo": why_not,
        "about": _about(change),
        "links": [("Log entries of this opportunity", list_of(SyncLog, _query(change)))],
    }


def _headline(change: Relink) -> str:
    old = change.old.salesforce_id if change.old else "nobody"
    if change.new is None:
        return f"Unlinked from {old}"
    return f"From {old} to {change.new.salesforce_id}"


def _query(change: Relink) -> str:
    return f"q={change.opportunity.mn_id}"


def _steps(change: Relink) -> list[dict[str, str]]:
    """What was recorded, and the one step that is still to come."""
    recorded: list[dict[str, str]] = list(change.steps)
    if change.state == Relink.State.PENDING:
        what = "Salesforce empties the link fields of the old record"
        recorded.append({"what": what, "status": "pending", "at": ""})
    return recorded


def _step(step: dict[str, str]) -> dict[str, Any]:
    tone, icon = _STEPS.get(step["status"], ("calm", "remove"))
    what = step["what"]
    return {
        "what": what[:1].upper() + what[1:],
        "detail": step.get("detail", ""),
        "mark": badge(wording.in_words(step["status"]), tone, icon),
        "tone": tone,
        "icon": icon,
        "at": ago(datetime.fromisoformat(step["at"])) if step.get("at") else "",
    }


def _push(change: Relink) -> OutboundPush | None:
    """The push that is to do Salesforce's half: the newest one that is not over."""
    open_states = (*OutboundPush.WAITING, OutboundPush.State.SENDING)
    return change.opportunity.pushes.filter(state__in=open_states).first()


def _pushed(change: Relink) -> QuerySet[SyncLog]:
    """How the pushes since the change went, the first of them first."""
    entries = SyncLog.objects.filter(
        opportunity_id=change.opportunity_id,
        flow=push_outbound.FLOW,
        created_at__gte=change.created_at,
    )
    return entries.only(*ENTRY_COLUMNS).order_by("pk")[:ENTRIES_SHOWN]


def _refresh_seconds(change: Relink, push: OutboundPush | None) -> int | None:
    """Often while the push is on its way; rarely once it is held, set aside, or takes long."""
    if change.state != Relink.State.PENDING:
        return None
    under_way = (OutboundPush.State.QUEUED, OutboundPush.State.SENDING)
    is_young = timezone.now() - change.created_at < timedelta(minutes=1)
    return 2 if is_young and push is not None and push.state in under_way else 20


def _undo(request: HttpRequest, change: Relink) -> rights.Control:
    return rights.control(
        request,
        "Undo this change",
        icon="undo",
        address=addresses.relink_undo(change.pk),
        permission=PERMISSION,
    )


def _about(change: Relink) -> list[tuple[str, Any]]:
    base = base_url()
    return [
        ("Reason", change.reason_text),
        ("By", change.actor_name),
        ("When", at(change.created_at)),
        ("Finished", at(change.finished_at)),
        ("Old partner", _record(change.old, base=base)),
        ("New partner", _record(change.new, base=base)),
        ("Referenced at creation, before", record_link(change.old_reference, base=base)),
    ]


def _record(pair: Association | None, *, base: str) -> SafeString:
    return record_link(pair.salesforce_id if pair else None, base=base)
