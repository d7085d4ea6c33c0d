"""One row of the drift ledger: both values, why, since when, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from console import drift_repairs
from console.actor import Actor
from console.admin import addresses, drift_words, lock_passport, rights, wording
from console.admin.base import page_of
from console.admin.opportunity_page import ENTRY_COLUMNS, entry_shown
from console.admin.parts import NONE, at, badge, link
from console.admin.rights import Control
from console.admin.salesforce_links import base_url, record_link
from console.models import Drift, Opportunity, OutboundPush, Quote, SyncLog
from syncrules import push_outbound, push_products
from syncrules.drift import Because, DriftField, Verdict, describe
from syncrules.line_reasons import LineReason
from syncrules.line_reasons import describe as describe_line
from syncrules.reasons import Outcome

MAY_REPAIR: Final = "console.push_opportunity"
MAY_COMPARE: Final = "console.start_reconcile"
MAY_LINK: Final = "console.link_opportunity"
MAY_CHOOSE: Final = "console.set_primary_quote"
OTHERS_SHOWN: Final = 20
ENTRIES_SHOWN: Final = 10
_FLOWS: Final = {
    OutboundPush.Lane.LINK: push_outbound.FLOW,
    OutboundPush.Lane.PRODUCTS: push_products.FLOW,
}
_IN_STEP: Final = (Outcome.DONE, Outcome.NOTHING_TO_DO)


def context(request: HttpRequest, row: Drift) -> dict[str, Any]:
    text = describe(Because(row.because))
    _, tone, icon = drift_words.VERDICTS[row.verdict]
    field = drift_words.FIELDS[row.field]
    return {
        "title": f"Drift of {row.name}",
        "headline": f"{row.name}: {field}",
        "row": row,
        "tone": tone,
        "icon": icon,
        "text": text,
        "badges": list(_badges(row)),
        "what": drift_words.what(row),
        "ours": drift_words.value(row, row.ours),
        "theirs": drift_words.value(row, row.theirs),
        "apart": drift_words.apart(row),
        "evidence": [] if drift_words.is_hidden(row) else drift_words.evidence(row),
        "obstacle": describe_line(LineReason(row.obstacle)) if row.obstacle else None,
        "controls": list(_controls(request, row)),
        "repair": _repair(row),
        "refusal": refusal_of(row),
        "others": [_line(other) for other in _others(row)],
        "entries": [entry_shown(entry) for entry in _entries(row)],
        "about": _about(row),
    }


def _badges(row: Drift) -> Iterator[SafeString]:
    yield drift_words.verdict_badge(row.verdict)
    if row.closed_at is not None:
        yield badge("Closed", "good", "check_circle")


def _about(row: Drift) -> list[tuple[str, Any]]:
    ours = row.opportunity
    by = row.closed_by
    return [
        ("MN opportunity", link(ours.name, page_of(ours)) if ours else row.mn_id),
        ("Salesforce opportunity", record_link(row.salesforce_id, base=base_url())),
        ("Since", at(row.since)),
        ("Last seen", at(row.seen_at)),
        ("Closed", at(row.closed_at) if by else NONE),
        ("Changed in Salesforce", at(row.changed_at)),
        ("Likely by", row.changed_by or NONE),
        ("Comparison", f"{row.seen_by_id}, {drift_words.TRIGGERS[row.seen_by.trigger]}"),
    ]


# --- What is being done about it -----------------------------------------------------------------


def _repair(row: Drift) -> dict[str, Any] | None:
    push = row.push
    if push is None:
        return None
    return {
        "state": wording.push_badge(push.state),
        "link": link(f"Push {push.pk}", page_of(push)),
        "by": push.actor_name,
        "trigger": wording.trigger_in_words(push.trigger),
        "requested": at(push.requested_at),
    }


def refusal_of(row: Drift) -> dict[str, Any] | None:
    """What the latest push of it met, unless that went well."""
    lane = drift_repairs.lane_of(row)
    if lane is None or row.opportunity_id is None:
        return None
    entries = SyncLog.objects.filter(opportunity_id=row.opportunity_id, flow=_FLOWS[lane])
    entry = entries.only("outcome", "reason", "created_at", "detail").order_by("-pk").first()
    if entry is None or entry.outcome in _IN_STEP:
        return None
    text = wording.reason_text(entry.reason)
    return {
        "title": wording.reason_title(entry.reason),
        "outcome": wording.outcome_badge(entry.outcome),
        "remedy": text.remedy if text else "",
        "detail": entry.detail,
        "page": page_of(entry),
        "at": at(entry.created_at),
    }


def _controls(request: HttpRequest, row: Drift) -> Iterator[Control]:
    if row.closed_at is not None:
        return
    if drift_repairs.lane_of(row) is not None:
        yield rights.control(
            request,
            "Repair by pushing again",
            icon="cloud_upload",
            address=reverse("admin:console_drift_repair", args=[row.pk]),
            permission=MAY_REPAIR,
            lock="A push is on its way already." if is_moving(row) else "",
        )
    if row.opportunity is not None:
        yield from _doors(request, row, row.opportunity)
        yield rights.control(
            request,
            "Compare this one now",
            icon="compare_arrows",
            address=reverse("admin:console_drift_compare", args=[row.pk]),
            permission=MAY_COMPARE,
        )


def is_moving(row: Drift) -> bool:
    State = OutboundPush.State  # noqa: N806
    return row.push is not None and row.push.state in (State.QUEUED, State.SENDING)


def _doors(request: HttpRequest, row: Drift, opportunity: Opportunity) -> Iterator[Control]:
    """The flows that a person may start instead of a push, or where no push helps."""
    reader = Actor.of_user(request.user)
    if row.because == Because.ID_WITHOUT_PAIR:
        yield rights.door(
            request,
            "Link the two",
            icon="add_link",
            address=addresses.link(opportunity.pk, record=row.salesforce_id),
            permission=MAY_LINK,
        )
    elif row.verdict == Verdict.FOREIGN:
        is_copy = row.because == Because.COPIED_ID
        yield rights.door(
            request,
            "Make it the partner" if is_copy else "Unlink or change partner",
            icon="swap_horiz",
            address=addresses.relink(
                opportunity.pk,
                choice="relink" if is_copy else "",
                record=row.salesforce_id if is_copy else "",
            ),
            permission=MAY_LINK,
            passport=lock_passport.of_deal(opportunity, reader=reader),
        )
    elif _is_their_choice(row, opportunity):
        yield rights.door(
            request,
            "Take Salesforce's quote instead",
            icon="star",
            address=addresses.primary(opportunity.pk, quote=row.theirs or ""),
            permission=MAY_CHOOSE,
            passport=lock_passport.of_deal(opportunity, reader=reader),
        )


def _is_their_choice(row: Drift, opportunity: Opportunity) -> bool:
    """Whether Salesforce names a quote that may be primary here as well."""
    is_theirs = row.field == DriftField.PRIMARY_QUOTE and row.verdict == Verdict.THEIRS_CHANGED
    return is_theirs and Quote.objects.filter(mn_id=row.theirs, opportunity=opportunity).exists()


# --- What else there is --------------------------------------------------------------------------


def _others(row: Drift) -> list[Drift]:
    if row.opportunity_id is None:
        return []
    rows = Drift.objects.filter(opportunity_id=row.opportunity_id, closed_at__isnull=True)
    others = list(rows.exclude(pk=row.pk).order_by("pk")[:OTHERS_SHOWN])
    for other in others:
        # They are of the same opportunity, thus of the same quote.
        other.is_restricted = getattr(row, "is_restricted", False)  # type: ignore[attr-defined]
    return others


def _line(row: Drift) -> dict[str, Any]:
    return {
        "page": page_of(row),
        "verdict": drift_words.verdict_badge(row.verdict),
        "what": drift_words.what(row),
        "ours": drift_words.value(row, row.ours),
        "theirs": drift_words.value(row, row.theirs),
        "apart": drift_words.apart(row),
    }


def _entries(row: Drift) -> list[SyncLog]:
    if row.opportunity_id is None:
        entries = SyncLog.objects.filter(salesforce_id=row.salesforce_id)
    else:
        entries = SyncLog.objects.filter(opportunity_id=row.opportunity_id)
    return list(entries.only(*ENTRY_COLUMNS).order_by("-pk")[:ENTRIES_SHOWN])
