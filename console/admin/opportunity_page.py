"""One opportunity: both sides of its pair, its quotes, its pushes and its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from console.admin import addresses, last_read, pairing, rights, salesforce_links, wording
from console.admin.base import list_of, page_of
from console.admin.last_read import LastRead
from console.admin.parts import EMPTY, NONE, ago, at, badge, code, day, link, money
from console.admin.readable import quotes_for
from console.admin.salesforce_links import record_link
from console.models import Account, Association, Drift, Opportunity, OutboundPush, Quote, SyncLog
from syncrules.facts import RemoteOpportunity

QUOTES_SHOWN: Final = 50
PUSHES_SHOWN: Final = 10
PAIRS_SHOWN: Final = 20
ENTRIES_SHOWN: Final = 20

IN_STEP = badge("In step", "good", "check")
DIFFERS = badge("Differs", "warn", "difference")
NOT_YET = badge("Not there yet", "calm", "remove")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison: what either side has, and whether they agree."""

    label: str
    here: SafeString | str
    there: SafeString | str
    verdict: SafeString | str = ""


def context(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    pairs = list(opportunity.associations.order_by("-pk")[:PAIRS_SHOWN])
    pair = next((each for each in pairs if each.ended_at is None), None)
    entries = list(
        SyncLog.objects.filter(opportunity=opportunity)
        .only(*ENTRY_COLUMNS)
        .order_by("-pk")[:ENTRIES_SHOWN]
    )
    seen = _of_no_former_partner(last_read.among([entry.pk for entry in entries]), pair, pairs)
    base = salesforce_links.base_url()
    return {
        "headline": opportunity.name,
        "badges": [
            wording.opportunity_status_badge(opportunity.status),
            *([] if pair else [badge("Not linked", "calm", "link_off")]),
        ],
        "pair": pair_shown(pair, base=base) if pair else None,
        "past_pairs": [pair_shown(each, base=base) for each in pairs if each.ended_at],
        "lines": lines(opportunity, seen.remote if seen else None),
        "seen": seen and {"at": ago(seen.entry.created_at), "page": page_of(seen.entry)},
        "drift": _drift(opportunity),
        "about": about(opportunity),
        "quotes": _quotes(request, opportunity),
        "pushes": [push_shown(p) for p in opportunity.pushes.order_by("-pk")[:PUSHES_SHOWN]],
        "entries": [entry_shown(entry) for entry in entries],
        "all_entries": list_of(SyncLog, f"q={opportunity.mn_id}"),
        "changes": pairing.changes_shown(opportunity),
        "primary_address": addresses.primary(opportunity.pk),
        "controls": [
            *pairing.controls(request, opportunity, is_linked=pair is not None),
            _push_control(request, opportunity),
        ],
    }


def _drift(opportunity: Opportunity) -> dict[str, Any] | None:
    """What the latest comparison found apart, if anything."""
    count = Drift.objects.filter(opportunity=opportunity, closed_at__isnull=True).count()
    noun = "difference" if count == 1 else "differences"
    address = list_of(Drift, f"q={opportunity.mn_id}")
    return {"words": f"{count} {noun} found", "address": address} if count else None


def _push_control(request: HttpRequest, opportunity: Opportunity) -> rights.Control:
    return rights.control(
        request,
        "Push to Salesforce",
        icon="cloud_upload",
        address=reverse("admin:console_opportunity_push", args=[opportunity.pk]),
        permission="console.push_opportunity",
    )


def pair_shown(pair: Association, *, base: str) -> dict[str, Any]:
    return {
        "record": record_link(pair.salesforce_id, base=base),
        "page": page_of(pair),
        "by": wording.in_words(pair.linked_by),
        "actor": pair.actor_name,
        "linked": at(pair.linked_at),
        "ended": at(pair.ended_at),
        "because": pair.ended_because,
    }


def _of_no_former_partner(
    seen: LastRead | None, pair: Association | None, pairs: Sequence[Association]
) -> LastRead | None:
    """What was read last, unless that was a record the opportunity has been parted from."""
    present = pair.salesforce_id if pair else None
    former = {each.salesforce_id for each in pairs} - {present}
    return None if seen and seen.remote.salesforce_id in former else seen


def lines(opportunity: Opportunity, remote: RemoteOpportunity | None) -> list[Line]:
    """Both records, line by line."""
    primary = opportunity.primary_quote.mn_id if opportunity.primary_quote else None
    return [
        Line("Name", opportunity.name, remote.name if remote else NONE),
        Line(
            "Account",
            link(opportunity.account.name, page_of(opportunity.account)),
            code(remote.account_salesforce_id) if remote else NONE,
            _account_verdict(opportunity.account, remote),
        ),
        Line(
            "MN id",
            code(opportunity.mn_id),
            _there(remote.mn_id) if remote else NONE,
            _verdict(opportunity.mn_id, remote.mn_id) if remote else "",
        ),
        Line(
            "Primary quote",
            code(primary),
            _there(remote.primary_quote_mn_id) if remote else NONE,
            _verdict(primary, remote.primary_quote_mn_id) if remote else "",
        ),
        Line(
            "Status",
            wording.opportunity_status_badge(opportunity.status),
            (remote.stage_name or EMPTY) if remote else NONE,
        ),
        Line("Currency", opportunity.currency, (remote.currency or EMPTY) if remote else NONE),
    ]


def _there(value: str | None) -> SafeString:
    return code(value) if value else EMPTY


def _verdict(here: str | None, there: str | None) -> SafeString | str:
    if here == there:
        return IN_STEP if here else ""
    return NOT_YET if there is None else DIFFERS


def _account_verdict(account: Account, remote: RemoteOpportunity | None) -> SafeString | str:
    if remote is None or remote.account_salesforce_id is None:
        return ""
    if account.salesforce_id is None:
        return badge("Not matched", "warn", "link_off")
    return IN_STEP if account.salesforce_id == remote.account_salesforce_id else DIFFERS


def about(opportunity: Opportunity) -> list[tuple[str, Any]]:
    by = opportunity.primary_set_by
    is_set = opportunity.primary_set_at is not None
    how = wording.in_words(opportunity.primary_set_how) if opportunity.primary_set_how else NONE
    return [
        ("Status since", at(opportunity.status_since)),
        ("Owner", opportunity.owner_name or NONE),
        ("Close date", day(opportunity.close_date)),
        ("Primary quote set", at(opportunity.primary_set_at) if is_set else "Not set"),
        ("Set by", by.get_username() if by else how),
        ("Referenced at creation", code(opportunity.creation_reference)),
        ("Updated in MN", at(opportunity.mn_updated_at)),
    ]


def _quotes(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    """Those the person may read, and how many more there are."""
    every = opportunity.quotes.order_by("-pk")
    rows = list(quotes_for(request, every)[:QUOTES_SHOWN])
    hidden = every.exclude(pk__in=[row.pk for row in rows])[:QUOTES_SHOWN].count()
    primary_id = opportunity.primary_quote_id
    return {"rows": [_quote(row, primary_id) for row in rows], "hidden": hidden}


def _quote(quote: Quote, primary_id: int | None) -> dict[str, Any]:
    return {
        "link": link(quote.mn_id, page_of(quote)),
        "description": quote.description,
        "primary": wording.primary_mark(quote, primary_id),
        "status": wording.quote_status_badge(quote.status),
        "type": wording.in_words(quote.type),
        "amount": money(quote.amount, quote.currency),
    }


def push_shown(push: OutboundPush) -> dict[str, Any]:
    return {
        "link": link(f"Push {push.pk}", page_of(push)),
        "state": wording.push_badge(push.state),
        "reason": wording.reason_title(push.reason) if push.reason else "",
        "trigger": wording.trigger_in_words(push.trigger),
        "actor": push.actor_name,
        "requested": ago(push.requested_at),
        "attempts": push.attempts,
    }


ENTRY_COLUMNS: Final = ("created_at", "outcome", "reason", "flow", "actor_name")


def entry_shown(entry: SyncLog, *, subject: str = "") -> dict[str, Any]:
    """One line of a story. Reads ENTRY_COLUMNS only."""
    return {
        "subject": subject,
        "page": page_of(entry),
        "outcome_words": wording.OUTCOMES[entry.outcome][0],
        "tone": wording.OUTCOMES[entry.outcome][1],
        "icon": wording.OUTCOMES[entry.outcome][2],
        "title": wording.reason_title(entry.reason),
        "flow": wording.in_words(entry.flow),
        "actor": entry.actor_name,
        "ago": ago(entry.created_at),
    }
