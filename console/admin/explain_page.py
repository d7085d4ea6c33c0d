"""An explanation, a failed search and a replayed log entry, prepared for their templates."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.dataclasses import SearchResult

from console.admin import explanation, rights, wording
from console.admin.parts import EMPTY, ago, at, code, link
from console.admin.salesforce_links import base_url, record_link
from console.explain.actions import CHECK, LINK, PUSH, SET_PRIMARY
from console.explain.answer import (
    ACCEPTED,
    Action,
    Explanation,
    LogLine,
    NothingFound,
    Side,
    Subject,
)
from console.explain.subject import identify
from console.explain.text import moment_in
from console.models import SyncLog
from console.replay import Difference, Replay, replay
from syncrules import push_outbound, salesforce_id, update_primary_quote
from syncrules.decisions import Decision, Step
from syncrules.reasons import Owner, Reason

NEEDED: Final = ("console.view_opportunity", "console.view_synclog")
_ICONS: Final = {
    PUSH: "cloud_upload",
    LINK: "add_link",
    SET_PRIMARY: "star",
    CHECK: "network_check",
}


def box(request: HttpRequest) -> SafeString | str:
    """The box for the head of every page; nothing for those who may not ask."""
    if not request.user.has_perms(NEEDED):
        return ""
    return render_to_string("console/explain_box.html", request=request)


def empty() -> dict[str, Any]:
    return {"accepted": ACCEPTED}


def nothing(answer: NothingFound) -> dict[str, Any]:
    return {"asked": answer.asked, "answer": answer, "accepted": answer.accepted}


def shown(request: HttpRequest, answer: Explanation) -> dict[str, Any]:
    base = base_url()
    decision, words = answer.decision, answer.words
    _, tone, icon = wording.OUTCOMES[decision.outcome]
    return {
        "title": f"Explain {answer.subject.id}",
        "asked": answer.asked,
        "answer": answer,
        "subject": code(answer.subject.id),
        "notes": answer.subject.notes,
        "flow": wording.in_words(decision.flow),
        "outcome": wording.outcome_badge(decision.outcome),
        "tone": tone,
        "icon": icon,
        "words": words,
        "owner": wording.sentence_case(words.owner),
        "needs_nobody": words.owner is Owner.NOBODY,
        "ladder": explanation.ladder(decision, base_url=base),
        "sides": [_side(side, base=base) for side in answer.sides],
        "controls": [_control(request, each) for each in answer.actions if each.method == "POST"],
        "visits": [each for each in answer.actions if each.method == "GET"],
        "waits": [{"wait": wait, "since": ago(wait.since)} for wait in answer.waits],
        # Of a quote that the caller may not read, not even that nothing happened is said.
        "has_story": bool(answer.lately) or decision.reason is not Reason.QUOTE_INACCESSIBLE,
        "entries": [_entry(line) for line in answer.lately],
        "at": at(answer.at),
        "permalink": request.build_absolute_uri(answer.page),
    }


def _control(request: HttpRequest, action: Action) -> rights.Control:
    return rights.control(
        request,
        action.label,
        icon=_ICONS[action.key],
        address=action.path,
        permission=action.permission,
        lock=action.why_not,
    )


def _side(side: Side, *, base: str) -> dict[str, Any]:
    return {
        "system": side.system,
        "title": link(side.title, side.page) if side.page else side.title,
        "source": side.source,
        "about": [(name, _value(value, base=base)) for name, value in side.facts.items()],
    }


def _value(value: str | None, *, base: str) -> SafeString | str:
    if value is None:
        return EMPTY
    if len(value) == 18 and salesforce_id.is_valid(value, prefix=salesforce_id.OPPORTUNITY):
        return record_link(value, base=base)
    if len(value) == 18 and salesforce_id.is_valid(value, prefix=salesforce_id.ACCOUNT):
        return record_link(value, base=base, sobject="Account")
    if (moment := moment_in(value)) is not None:
        return at(moment)
    return code(value) if " " not in value and any(char.isdigit() for char in value) else value


def _entry(line: LogLine) -> dict[str, Any]:
    words, tone, icon = wording.OUTCOMES[line.outcome]
    return {
        "page": line.page,
        "outcome_words": words,
        "tone": tone,
        "icon": icon,
        "title": line.title,
        "flow": wording.in_words(line.flow),
        "actor": line.actor,
        "ago": ago(line.at),
    }


# --- A log entry, decided again ------------------------------------------------------------------


def replayed(entry: SyncLog, *, base: str) -> dict[str, Any]:
    """What today's rules say of the kept facts, and the address of what today's facts say."""
    found = replay(entry)
    return {
        "replay": found,
        "difference": found.difference and _difference(found, found.difference, base=base),
        "now_address": explain_address(entry),
    }


def _difference(found: Replay, difference: Difference, *, base: str) -> dict[str, Any]:
    then, now = found.then, found.now
    assert then is not None
    assert now is not None
    question = difference.now or difference.then
    return {
        "number": difference.number,
        "question": question.question if question else "How does it end?",
        "columns": [
            _column("Then", then, difference.then, base=base),
            _column("By today's rules", now, difference.now, base=base),
        ],
    }


def _column(title: str, decision: Decision, step: Step | None, *, base: str) -> dict[str, Any]:
    """One step as it was or is, and how the whole decision ends."""
    alone = Decision(decision.flow, decision.outcome, decision.reason, (step,)) if step else None
    return {
        "title": title,
        "ladder": explanation.ladder(alone, base_url=base) if alone else None,
        "end": wording.outcome_badge(decision.outcome),
        "reason": wording.reason_title(decision.reason),
    }


def explain_address(entry: SyncLog) -> str:
    """Where what the entry was about is explained with today's facts; empty when unknown."""
    own = {
        push_outbound.FLOW: entry.opportunity_mn_id,
        update_primary_quote.FLOW: entry.quote_mn_id,
    }
    candidates = (own.get(entry.flow), entry.salesforce_id, entry.opportunity_mn_id)
    subject = next((each for each in candidates if each), "")
    return reverse("admin:console_explain_id", args=[subject]) if subject else ""


def palette_results(request: HttpRequest, term: str) -> list[SearchResult]:
    """What the command palette offers first when the term names something."""
    subject = identify(term) if request.user.has_perms(NEEDED) else None
    if not isinstance(subject, Subject):
        return []
    return [
        SearchResult(
            title=f"Explain {subject.kind.label} {subject.id}",
            description="which flow would run now, which step blocks, and why",
            link=reverse("admin:console_explain_id", args=[subject.id]),
            icon="troubleshoot",
        )
    ]
