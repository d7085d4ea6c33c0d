"""Whatever a page may have to say has words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from console.admin import wording
from console.models import OutboundPush, Relink, SalesforceConnection
from syncrules.decisions import Effect, StepStatus
from syncrules.reasons import Outcome


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (wording.EFFECTS, Effect),
        (wording.STEPS, StepStatus),
        (wording.OUTCOMES, Outcome),
        (wording.RELINKS, Relink.State),
    ],
)
def test_every_kind_has_its_words(words: dict[str, object], kinds: Iterable[str]) -> None:
    assert words.keys() == set(kinds)


@pytest.mark.parametrize(
    ("badge", "states"),
    [
        (wording.push_badge, OutboundPush.State),
        (wording.connection_badge, SalesforceConnection.State),
    ],
)
def test_every_state_has_a_badge(badge: Callable[[str], str], states: Iterable[str]) -> None:
    assert all(badge(state) for state in states)
