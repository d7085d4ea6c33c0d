"""The checker of histories objects to bad ones: each is the good one with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from syncrules.reasons import Reason
from tests.deal import ITEM_ID
from tests.facts import NOON
from tests.faults.deals import Commit, Deal, Version
from tests.faults.history import Entry, History, Record, Waiting, Write
from tests.faults.invariants import INVARIANTS, violations
from tests.faults.transitions import Step

SECOND: Final = timedelta(seconds=1)
VERSIONS: Final = tuple(
    Version(number, f"quote_{number}", f"a0B{number}", frozenset({f"item_{number}"}))
    for number in range(4)
)


def deal() -> Deal:
    """It went through three versions, a second apart, and never to the fourth."""
    commits = [Commit(each, NOON + place * SECOND) for place, each in enumerate(VERSIONS[:3])]
    return Deal(1, "opp_1", 7, "006A", VERSIONS, commits)


def write(place: int, **changes: Any) -> Write:
    """The version of this place arrives half a second after it was committed."""
    at = NOON + place * SECOND + SECOND / 2
    quote = {PRIMARY_QUOTE_FIELD: VERSIONS[place].record}
    made = Write(place, at, f"request {place}", "update", "Opportunity", "006A", {}, quote)
    return replace(made, **changes)


def product(seq: int, action: str, record: str) -> Write:
    values = {"OpportunityId": "006A", ITEM_ID: "item_2"}
    at = NOON + seq * SECOND
    before, after = (values, {}) if action == "delete" else ({}, values)
    return Write(seq, at, "products", action, "OpportunityLineItem", record, before, after)


def step(was: str | None, state: str, at: float, **changes: Any) -> Step:
    """Of push 5, in the hands of its first worker."""
    fence = 1 if "sending" in (was, state) else 0
    made = Step(
        push=5,
        opportunity=1,
        account=7,
        lane="link",
        at=NOON + at * SECOND,
        txid=round(at * 10),
        was=was,
        state=state,
        was_fence=fence - (state == "sending"),
        fence=fence,
        owner="worker",
        lease_until=NOON + 20 * SECOND if was == "sending" else None,
        held_until=NOON + 60 * SECOND if state == "sending" else None,
        was_attempts=0,
        attempts=0,
        not_before=NOON,
        reason="",
        detail="",
    )
    return replace(made, **changes)


ASKED: Final = step(None, "queued", 0)
CLAIMED: Final = step("queued", "sending", 1)
SENT: Final = step("sending", "sent", 2)
TOLD: Final = Entry(1, 5, 1, "push_outbound", "done", Reason.PUSHED, "", has_sent=True, text="")

GOOD: Final = History(
    deals=[deal()],
    writes=[write(1), write(2)],
    steps=[ASKED, CLAIMED, SENT],
    entries=[TOLD],
    records={"006A": Record("opp_1", "a0B2", frozenset({"item_2"}))},
    requests=[{"collections": [200, 200, 1]}],
    secrets=["canary"],
    syncs_products=True,
)
TAKEN_OVER: Final = step("sending", "sending", 30, was_fence=1, fence=2)
LOST: Final = replace(TOLD, pk=0, reason=Reason.OUTCOME_UNKNOWN, has_sent=False)


def with_steps(*steps: Step, **changes: Any) -> History:
    return replace(GOOD, steps=steps, **changes)


def after(*writes: Write, **changes: Any) -> History:
    return replace(GOOD, writes=[*GOOD.writes, *writes], **changes)


BAD: Final[dict[str, tuple[str, History]]] = {
    "the last version never arrived": (
        "I1",
        replace(GOOD, records={"006A": Record("opp_1", "a0B1", frozenset({"item_2"}))}),
    ),
    "the record is gone": ("I1", replace(GOOD, records={})),
    "the record carries no id": (
        "I1",
        replace(GOOD, records={"006A": Record(None, "a0B2", frozenset({"item_2"}))}),
    ),
    "a version that was rolled back was sent": ("I2", after(write(3))),
    "a version was sent before it was committed": (
        "I2",
        replace(GOOD, writes=[write(1), write(2, at=NOON)]),
    ),
    "somebody else's record was written": ("I2", after(write(2, record="006B"))),
    "another opportunity's id was written": ("I2", after(write(2, after={MN_ID_FIELD: "opp_2"}))),
    "an older version replaced a newer one": (
        "I3",
        replace(GOOD, writes=[write(2), write(1, at=NOON + 9 * SECOND)]),
    ),
    "the late write of a worker that stood still stayed": (
        "I3",
        after(
            write(1, at=NOON + 40 * SECOND, request="late"),
            steps=[ASKED, CLAIMED, TAKEN_OVER],
        ),
    ),
    "a push was taken over in its lease": (
        "I5",
        with_steps(ASKED, CLAIMED, replace(TAKEN_OVER, at=NOON + 3 * SECOND)),
    ),
    "a lease was over as it began": (
        "I5",
        with_steps(ASKED, replace(CLAIMED, held_until=NOON - timedelta(hours=2)), SENT),
    ),
    "a claim did not raise the fence": (
        "I5",
        with_steps(ASKED, replace(CLAIMED, fence=0), SENT),
    ),
    "an ending changed the fence": ("I5", with_steps(ASKED, CLAIMED, replace(SENT, fence=2))),
    "an account was in two batches at once": (
        "I5",
        with_steps(
            ASKED,
            CLAIMED,
            replace(CLAIMED, push=6, txid=99, at=NOON + 1.5 * SECOND),
            replace(SENT, push=6),
            SENT,
        ),
    ),
    "a version was written twice without need": (
        "I6",
        after(write(2, seq=3, request="again")),
    ),
    "a quote item had two products": (
        "I7",
        after(product(3, "create", "00kA"), product(4, "create", "00kB")),
    ),
    "the products are those of another quote": (
        "I7",
        replace(GOOD, records={"006A": Record("opp_1", "a0B2", frozenset({"item_1"}))}),
    ),
    "something was sent and then called skipped": (
        "I9",
        replace(GOOD, entries=[replace(TOLD, outcome="skipped")]),
    ),
    "a push that had ended began again": (
        "I12",
        with_steps(ASKED, CLAIMED, SENT, replace(CLAIMED, was="sent", was_fence=1, fence=2)),
    ),
    "a push was left in somebody's hands": (
        "I12",
        replace(GOOD, waiting=[Waiting(5, 1, "link", "sending", "")]),
    ),
    "an outage burnt an attempt": (
        "I13",
        with_steps(ASKED, CLAIMED, replace(SENT, state="queued", attempts=1, detail="TIMEOUT: x")),
    ),
    "a push was given up early": (
        "I13",
        with_steps(
            ASKED,
            CLAIMED,
            replace(SENT, state="parked", attempts=1, reason=Reason.RETRIES_EXHAUSTED),
        ),
    ),
    "a retry waits until tomorrow": (
        "I14",
        with_steps(
            ASKED, CLAIMED, replace(SENT, state="queued", not_before=NOON + timedelta(days=1))
        ),
    ),
    "an attempt was not told": ("I16", replace(GOOD, entries=[])),
    "an attempt was told twice": ("I16", replace(GOOD, entries=[TOLD, TOLD])),
    "an attempt was told that never was": (
        "I16",
        replace(GOOD, entries=[TOLD, replace(TOLD, push=6)]),
    ),
    "a lost attempt was not told": (
        "I16",
        with_steps(ASKED, CLAIMED, TAKEN_OVER, replace(SENT, was_fence=2, fence=2)),
    ),
    "a secret was told": ("I16", replace(GOOD, entries=[replace(TOLD, text="the canary")])),
    "a collection was too large": ("I18", replace(GOOD, requests=[{"collections": [201]}])),
    "a collection was empty": ("I18", replace(GOOD, requests=[{"collections": [0]}])),
    "a call carried six collections": (
        "I18",
        replace(GOOD, requests=[{"collections": [1] * 6}]),
    ),
    "a record was twice in one call": ("I18", after(write(2, seq=3))),
}


def codes(history: History) -> set[str]:
    return {each.split(" ", 1)[0] for each in violations(history)}


def test_a_good_history_is_accepted() -> None:
    assert violations(GOOD) == []


def test_a_late_write_that_was_corrected_is_accepted() -> None:
    history = after(
        write(1, seq=3, at=NOON + 40 * SECOND, request="late"),
        write(2, seq=4, at=NOON + 50 * SECOND, request="corrected"),
        steps=[ASKED, CLAIMED, TAKEN_OVER, replace(SENT, was_fence=2, fence=2)],
        entries=[LOST, TOLD],
    )

    assert violations(history) == []


def test_a_push_that_was_set_aside_excuses_what_salesforce_lacks() -> None:
    history = replace(
        GOOD,
        records={"006A": Record("opp_1", "a0B1", frozenset({"item_2"}))},
        waiting=[Waiting(5, 1, "link", "parked", Reason.REJECTED_BY_SALESFORCE)],
    )

    assert violations(history) == []


@pytest.mark.parametrize(("code", "history"), BAD.values(), ids=BAD.keys())
def test_a_bad_history_is_objected_to(code: str, history: History) -> None:
    assert code in codes(history)


def test_every_invariant_objects_to_some_bad_history() -> None:
    def objects(invariant: Callable[[History], Any]) -> bool:
        return any([*invariant(history)] for _, history in BAD.values())

    assert [each.__name__ for each in INVARIANTS if not objects(each)] == []


def test_an_objection_tells_the_deal_its_versions_and_what_was_written() -> None:
    _, history = BAD["an older version replaced a newer one"]

    (told,) = [each for each in violations(history) if each.startswith("I3")]

    assert "opp_1 in 006A" in told
    assert "committed a0B2" in told
    assert "journal 1" in told
    assert "entry 1 of push 5" in told
