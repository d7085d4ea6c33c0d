"""Paste any id: which flow would run now, which step passes or blocks, and what to do about it.

The page, the command and the endpoint all render the one structure made here. Nothing is
written: the flows are asked for their previews.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from console.actor import Actor
from console.explain import actions, sides, story
from console.explain.answer import Explanation, NothingFound
from console.explain.choice import verdict
from console.explain.subject import identify
from console.explain.verdict import Verdict
from syncrules.reasons import describe

__all__ = ["Explanation", "NothingFound", "explain"]


def explain(text: str, *, actor: Actor) -> Explanation | NothingFound:
    """What would happen now to the thing that the text names, and why, for this caller."""
    asked = text.strip()
    subject = identify(asked)
    if isinstance(subject, NothingFound):
        return subject
    found = verdict(subject, asked=asked, actor=actor)
    if isinstance(found, NothingFound):
        return found
    return Explanation(
        asked=asked,
        subject=subject,
        at=timezone.now(),
        why_this_flow=found.why,
        decision=found.decision,
        words=describe(found.decision.reason),
        remarks=(*_trouble(found), *found.remarks),
        sides=sides.of(subject, found, actor=actor),
        actions=actions.of(subject, found),
        waits=story.waits(found),
        lately=story.lately(subject, found),
        page=reverse("admin:console_explain_id", args=[subject.id]),
    )


def _trouble(found: Verdict) -> tuple[str, ...]:
    if not found.foresight.trouble:
        return ()
    said = (
        f"Salesforce could not be read just now ({found.foresight.trouble}). What follows is what "
        "can be said without it; ask again in a moment."
    )
    return (said,)
