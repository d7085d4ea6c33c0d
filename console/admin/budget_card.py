"""How much may still be sent, whether Salesforce is left alone, and when the queue is empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console import budget
from console.admin.parts import ago, badge
from console.budget import Forecast
from console.models import SalesforceConnection
from console.models.outbound_push import PushUrgency
from syncrules import api_budget
from syncrules.api_budget import Budget, Urgency

_WHO: Final = {
    Urgency.CLICK: "Clicks",
    Urgency.EVENT: "What happens in either system",
    Urgency.BULK: "Work in bulk",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """Something used of something allowed."""

    title: str
    used: str
    allowed: str
    percent: int


def is_paused(row: SalesforceConnection) -> bool:
    return row.paused_until is not None and row.paused_until > timezone.now()


def pause_badge(row: SalesforceConnection) -> SafeString | str:
    """Empty when the connection is not paused."""
    if not is_paused(row):
        return ""
    return badge("Paused", "warn", "pause_circle", title="Salesforce is left alone for a while")


def _pause(row: SalesforceConnection) -> SafeString | str:
    if not is_paused(row):
        return ""
    failures = "a failed call" if row.failures == 1 else f"{row.failures} failed calls in a row"
    return format_html("After {} nothing is sent until {}.", failures, ago(row.paused_until))


def card(row: SalesforceConnection) -> dict[str, Any]:
    """Everything about it, for a page: read once."""
    spent = budget.usage(row)
    now = api_budget.budget(spent, budget.allowance(row))
    return {
        "paused": pause_badge(row),
        "pause": _pause(row),
        "bars": [*_of_budget(now), *_of_org(row)],
        "who_waits": _who_waits(now),
        "forecast": _forecast(budget.forecast(row, spent)),
        "left": [(_WHO[each], f"{now.left(each):,}") for each in Urgency if now.limit is not None],
    }


def _of_budget(now: Budget) -> Iterator[Bar]:
    if now.limit is not None:
        yield _bar("The console's calls of its budget", now.spent, now.limit)


def _of_org(row: SalesforceConnection) -> Iterator[Bar]:
    if row.calls_used is not None and row.calls_allowed:
        yield _bar("All clients' calls of the org's allocation", row.calls_used, row.calls_allowed)


def _bar(title: str, used: int, allowed: int) -> Bar:
    percent = min(100, round(100 * used / allowed)) if allowed else 100
    return Bar(title, f"{used:,}", f"{allowed:,}", percent)


def _who_waits(now: Budget) -> str:
    """Empty while there are calls left for everybody."""
    waiting = [_WHO[each] for each in Urgency if not now.allows(each)]
    if not waiting:
        return ""
    if now.is_at_the_brim:
        return "The org's allocation is nearly used up: nothing is sent until calls are free again."
    return f"Out of calls until those of yesterday leave the window: {', '.join(waiting).lower()}."


def _forecast(found: Forecast) -> SafeString | str:
    """When what waits will have gone out; empty when nothing waits."""
    if not found.backlog:
        return ""
    more = " or more" if found.is_capped else ""
    noun = "push goes" if found.backlog == 1 else "pushes go"
    what = f"{found.backlog:,}{more} {noun} out in about {found.calls:,} API calls"
    if found.waits_until is not None:
        return format_html("{}, for which there is room {}.", what, ago(found.waits_until))
    if found.drained_at is None:
        return f"{what}; nothing went out lately by which to tell when."
    return format_html("{}, at the present pace {}.", what, ago(found.drained_at))


def urgency_in_words(urgency: int) -> str:
    return PushUrgency(urgency).label.capitalize()
