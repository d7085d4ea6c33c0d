"""An explanation as text for a terminal, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from console.explain.answer import Explanation, LogLine, NothingFound, Side
from syncrules.decisions import Decision, Evidence, StepStatus
from syncrules.reasons import Outcome, Owner

WIDTH: Final = 80
_NAMES: Final = 28
_STEPS: Final = {
    StepStatus.PASSED: "✓",
    StepStatus.BLOCKED: "✗",
    StepStatus.NOT_REACHED: "·",
}
_OUTCOMES: Final = {
    Outcome.DONE: "✓",
    Outcome.NOTHING_TO_DO: "=",
    Outcome.SKIPPED: "↷",
    Outcome.FAILED: "✗",
    Outcome.DEFERRED: "…",
}


def render(answer: Explanation | NothingFound) -> str:
    """The whole answer, ending in a newline."""
    lines = _nothing(answer) if isinstance(answer, NothingFound) else _explanation(answer)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _nothing(answer: NothingFound) -> Iterator[str]:
    yield from _heading(f"Nothing is known by “{answer.asked}”")
    yield from _wrapped(answer.because)
    if answer.looked_in:
        yield from _list("Looked in", answer.looked_in)
    yield from _list("What can be asked", answer.accepted)


def _explanation(answer: Explanation) -> Iterator[str]:
    yield from _heading(f"{answer.subject.kind.label} {answer.subject.id}")
    for note in (*answer.subject.notes, *answer.remarks):
        yield from _wrapped(note, first="! ", rest="  ")
    yield from _verdict(answer)
    yield from _steps(answer.decision)
    for side in answer.sides:
        yield from _side(side)
    if answer.actions:
        yield from _list("What can be done here", _actions(answer))
    if answer.waits:
        yield from _list("What waits", (wait.sentence for wait in answer.waits))
    if answer.lately:
        yield from _section("Lately")
        yield from map(_log_line, answer.lately)
    yield ""
    yield f"Page: {answer.page}"
    yield f"As of {answer.at:%d %b %Y %H:%M:%S} UTC. Nothing was changed by asking."


def _verdict(answer: Explanation) -> Iterator[str]:
    decision, words = answer.decision, answer.words
    yield from _section(f"If it ran now: {_in_words(decision.flow)}")
    yield from _wrapped(answer.why_this_flow, first="  ", rest="  ")
    yield ""
    outcome = _in_words(decision.outcome).upper()
    yield from _wrapped(
        f"{_OUTCOMES[decision.outcome]} {outcome}: {words.title}", first="  ", rest="    "
    )
    yield from _wrapped(words.explanation, first="    ", rest="    ")
    yield ""
    yield from _pair("What to do", words.remedy, indent=4, width=15)
    if words.owner is not Owner.NOBODY:
        yield from _pair("Who can do it", words.owner, indent=4, width=15)


def _steps(decision: Decision) -> Iterator[str]:
    yield from _section("Step by step")
    for number, step in enumerate(decision.steps, start=1):
        mark = _STEPS[step.status]
        yield from _wrapped(step.question, first=f"  {mark} {number:>2}  ", rest=" " * 8)
        yield from _evidence(step.evidence, indent=8)


def _side(side: Side) -> Iterator[str]:
    yield from _section(side.system)
    yield from _wrapped(f"{side.title} ({side.source})", first="  ", rest="  ")
    yield from _evidence(side.facts, indent=4)


def _actions(answer: Explanation) -> Iterator[str]:
    for action in answer.actions:
        needs = f" It needs the right {action.permission}." if action.permission else ""
        yield f"{action.label}: {action.why_not or f'a button on the page.{needs}'}"


def _log_line(line: LogLine) -> str:
    mark = _OUTCOMES[line.outcome]
    text = f"  {mark} {line.at:%d %b %Y %H:%M}  #{line.entry}  {line.title}"
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _evidence(evidence: Evidence, *, indent: int) -> Iterator[str]:
    for name, value in evidence.items():
        yield from _pair(name, _shown(value), indent=indent, width=_NAMES)


def _shown(value: str | None) -> str:
    if value is None:
        return "(empty)"
    moment = moment_in(value)
    return f"{moment:%d %b %Y %H:%M:%S} UTC" if moment else value


def moment_in(text: str) -> datetime | None:
    """The time that an ISO text with a zone stands for; evidence holds times as such texts."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _pair(name: str, value: str, *, indent: int, width: int) -> Iterator[str]:
    """A name and its value; a name that is longer than its column has the line to itself."""
    pad = " " * (indent + width)
    first = f"{' ' * indent}{name:<{width}}"
    if len(name) >= width:
        yield first
        first = pad
    yield from _wrapped(value, first=first, rest=pad)


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    yield from _section(title)
    for item in items:
        yield from _wrapped(item, first="  - ", rest="    ")


def _heading(text: str) -> Iterator[str]:
    yield text
    yield "=" * min(len(text), WIDTH)


def _section(title: str) -> Iterator[str]:
    yield ""
    yield title
    yield "-" * len(title)


def _wrapped(text: str, *, first: str = "", rest: str = "") -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    ) or [first]


def _in_words(code: str) -> str:
    return code.replace("_", " ").capitalize()
