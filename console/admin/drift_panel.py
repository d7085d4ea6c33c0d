"""What stands above the list of drift, and on the overview: sums, the last comparison, a button."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console import drift_ledger
from console.admin import drift_words, rights, wording
from console.admin.base import CappedPaginator, list_of
from console.admin.drift_page import MAY_COMPARE
from console.admin.parts import NONE, ago, badge
from console.models import Drift, ReconcileRun
from syncrules.drift import Verdict

State = ReconcileRun.State
COUNTED: Final = CappedPaginator.COUNT_CAP
_COUNTS: Final = (Verdict.OURS_NEWER, Verdict.THEIRS_CHANGED, Verdict.MISSING, Verdict.FOREIGN)


def context(request: HttpRequest) -> dict[str, Any]:
    sums = drift_ledger.sums()
    run = ReconcileRun.objects.filter(only__isnull=True).order_by("-pk").first()
    return {
        "sums": [
            {
                "badge": drift_words.verdict_badge(each.verdict),
                "meaning": drift_words.MEANINGS[each.verdict],
                "rows": f"{each.rows:,}",
                "money": drift_words.moneys(dict(each.money)),
                "address": list_of(Drift, f"verdict={each.verdict.value}"),
            }
            for each in sums
        ],
        "is_capped": sum(each.rows for each in sums) >= drift_ledger.SUMMED,
        "summed": f"{drift_ledger.SUMMED:,}",
        "run": _run(run) if run else None,
        "controls": [
            rights.control(
                request,
                "Compare now",
                icon="compare_arrows",
                address=reverse("admin:console_reconcile"),
                permission=MAY_COMPARE,
                lock="A comparison is under way." if run and run.state == State.RUNNING else "",
            )
        ],
    }


def _run(run: ReconcileRun) -> dict[str, Any]:
    return {
        "number": run.pk,
        "state": run.state,
        "phase": run.get_phase_display(),
        "is_waiting": run.state == State.RUNNING and bool(run.detail),
        "detail": run.detail,
        "began": ago(run.started_at or run.requested_at),
        "ended": ago(run.finished_at),
        "trigger": drift_words.TRIGGERS.get(run.trigger, run.trigger),
        "by": run.actor_name,
        "took": drift_words.took(run),
        "counts": [
            ("Pairs compared", run.compared),
            ("Equal", run.equal),
            *((drift_words.VERDICTS[each][0], getattr(run, each.value)) for each in _COUNTS),
            ("New rows", run.opened),
            ("Closed rows", run.closed),
            ("API calls", run.calls),
        ],
    }


def overview() -> dict[str, Any]:
    """The line of the overview: how many records have drifted; two queries."""
    records = Drift.objects.filter(closed_at__isnull=True).order_by()
    count = records.values("salesforce_id").distinct()[:COUNTED].count()
    ended = ReconcileRun.objects.filter(only__isnull=True, state=State.DONE).order_by("-pk")
    run = ended.first()
    return {
        "badge": badge("Drift", "warn" if count else "good", "difference"),
        "meaning": "record drifted" if count == 1 else "records drifted",
        "count": f"{count:,}+" if count >= COUNTED else f"{count:,}",
        "compared": ago(run.finished_at) if run else "never",
        "address": list_of(Drift),
    }


def repair(row: Drift) -> SafeString | str:
    """The push that is to mend it, with what it met."""
    if row.push is None:
        return NONE
    state = wording.push_badge(row.push.state)
    reason = wording.reason_title(row.push.reason) if row.push.reason else ""
    return format_html('{}<br><span class="c-quiet">{}</span>', state, reason) if reason else state
