"""What workers, sweepers, Redis, the line and Salesforce's troubles do, as rules of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from console import jobs, leases, outbox, sweep
from console.models import OutboundPush
from console.models.outbound_push import PushUrgency
from tests.machine import troubles
from tests.machine.base import DEALS, RECORDS, WORKERS
from tests.machine.beats import Beat, Worker
from tests.machine.company import LINKED
from tests.machine.line import Fate
from tests.machine.people import People
from tests.machine.times import hours_pass, leases_run_out, minutes_pass

State = OutboundPush.State
_PRODUCT: Final = {"object": "OpportunityLineItem"}
A_FEW = st.integers(1, 3)
SOME = st.sets(DEALS, max_size=2)


class Fare(StrEnum):
    """How a worker with a batch in hand fares."""

    GOES_ON = "goes on"
    IS_RELIEVED = "stands still for so long that others take over, and send something newer"
    DIES = "dies where it stands"
    DIES_RECORDING = "dies in the transaction that records"
    IS_MISSED = "dies where it stands, and its parent sets free what it held"


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, how he fares, and how far he comes; which deals change before, and what
    becomes of the next write. `is_later`: minutes after the turn before."""

    which: int
    fare: Fare
    until: Beat | None
    changed: set[int]
    fate: Fate | None
    is_later: bool


TURN = st.builds(
    Turn,
    which=st.integers(0, len(WORKERS) - 1),
    fare=st.sampled_from([Fare.GOES_ON, Fare.GOES_ON, Fare.IS_RELIEVED, *Fare]),
    until=st.sampled_from([None, Beat.CLAIMED, Beat.LOOKED, Beat.WRITTEN]),
    changed=SOME,
    fate=st.sampled_from([*[None] * 6, *Fate]),
    is_later=st.booleans(),
)


class Engine(People):
    @initialize(
        accounts=st.integers(1, LINKED),
        with_products=st.booleans(),
        late=st.none() | DEALS,
        turns=st.lists(TURN, min_size=6, max_size=12),
    )
    def two_sides_begin(
        self, *, accounts: int, with_products: bool, late: int | None, turns: list[Turn]
    ) -> None:
        """Each example has workers at work, whatever else is among its rules."""
        self.found(accounts=accounts, with_products=with_products)
        if late is not None:
            self.a_deal_changes_while_a_write_of_it_is_late(late)
        self.workers_take_turns(turns)

    @property
    def busy(self) -> list[Worker]:
        return [each for each in self.workers if each.is_busy]

    # --- Workers ---------------------------------------------------------------------------------

    @rule(turns=st.lists(TURN, min_size=1, max_size=6))
    def workers_take_turns(self, turns: list[Turn]) -> None:
        """Who is idle takes a batch, with what has just changed; who has one in hand fares with
        it. Either comes as far as the next beat at most."""
        for turn in turns:
            worker = self.workers[turn.which]
            if turn.is_later:
                minutes_pass()
            self.many_are_changed(turn.changed, PushUrgency.CLICK)
            if turn.fate is not None:
                self.line.next_write(turn.fate)
            if worker.is_busy and turn.fare is Fare.IS_RELIEVED:
                self._is_relieved(worker)
            elif worker.is_busy and turn.fare is not Fare.GOES_ON and worker not in self.too_late:
                self._dies(worker, turn.fare)
            else:
                self._goes_on(worker, turn.until)

    def _goes_on(self, worker: Worker, until: Beat | None) -> None:
        """Also when its claims are lost: what it records then must change nothing."""
        was_paused, calls = self.is_paused and not worker.is_busy, self.line.calls
        with self.something_may_be_sent():
            worker.go_on(until=None if worker in self.too_late else until)
        if not worker.is_busy:
            self.slow.discard(worker)
            self.too_late.discard(worker)
        assert not was_paused or self.line.calls == calls, "I20 asked during a pause"

    def _is_relieved(self, worker: Worker) -> None:
        leases_run_out(of=worker.owner)
        self.slow.add(worker)
        self.many_are_changed({self.number(each) for each in worker.claims}, PushUrgency.CLICK)
        for other in self.workers:
            if not other.is_busy:
                self._goes_on(other, None)

    def _dies(self, worker: Worker, fare: Fare) -> None:
        parent, owner = worker.parent, worker.owner
        with self.something_may_be_sent():
            worker.die(at=Beat.RECORDING if fare is Fare.DIES_RECORDING else None)
        self.slow.discard(worker)
        if fare is Fare.IS_MISSED:
            leases.give_up_those_of(parent, but=f"{parent}/2")
        else:
            self.dead.add(owner)

    @rule(number=DEALS)
    def a_deal_changes_while_a_write_of_it_is_late(self, number: int) -> None:
        """What is late may arrive at any time from now on."""
        self.line.next_write(Fate.LATE)
        for _ in range(2):
            self.somebody_drains({number})
            minutes_pass()

    # --- Drains and sweeps -----------------------------------------------------------------------

    @rule(changed=SOME)
    def somebody_drains(self, changed: set[int]) -> None:
        self.many_are_changed(changed, PushUrgency.EVENT)
        self._drain()

    def _drain(self) -> None:
        was_paused, calls = self.is_paused, self.line.calls
        with self.something_may_be_sent():
            jobs.drain_outbound()
        assert not was_paused or self.line.calls == calls, "I20 asked during a pause"
        is_free = not OutboundPush.objects.filter(state=State.SENDING).exists()
        if is_free and self.is_live and not self.is_paused:
            assert outbox.due_count() == 0, "I17 held up by others"

    @rule()
    def redis_forgets_everything(self) -> None:
        self.around.redis.flushdb()

    @rule()
    def a_sweeper_comes_by(self) -> None:
        with self.something_may_be_sent():
            sweep.turn()

    @rule()
    def hours_pass(self) -> None:
        """Who lives prolongs what is still his, the dead do not. What was late until now does not
        arrive any more, and who has stood still for so long is late for good."""
        self.line.late.clear()
        self.too_late |= self.slow
        for owner in self.dead:
            leases_run_out(of=owner)
        self.dead.clear()
        for worker in self.busy:
            leases.renew(worker.owner)
        hours_pass()

    # --- Troubles --------------------------------------------------------------------------------

    @rule(what=st.sampled_from(sorted(troubles.OF_CALLS)), nth=A_FEW)
    def salesforce_is_in_trouble(self, what: str, nth: int) -> None:
        self._break(path="services/data", nth=nth, **troubles.OF_CALLS[what])

    @rule(where=RECORDS, what=st.sampled_from(sorted(troubles.OF_RECORDS)), nth=A_FEW)
    def a_record_is_in_trouble(self, where: int, what: str, nth: int) -> None:
        """Or the nth product, as often as not."""
        target = {"record_id": self.record(where)} if where % 2 else _PRODUCT
        self._break(nth=nth, **target, **troubles.OF_RECORDS[what])

    @rule(fate=st.sampled_from(Fate), is_write=st.booleans())
    def the_line_breaks(self, *, fate: Fate, is_write: bool) -> None:
        if is_write:
            self.line.next_write(fate)
        elif fate is not Fate.LATE:
            self.line.next_call(fate)

    @precondition(lambda self: self.line.late)
    @rule()
    def what_is_late_arrives(self) -> None:
        self.line.bring_what_is_late()
        self._writes_seen = -1
        self.look_at_salesforce()

    @rule(are_refused=st.booleans())
    def tokens_expire(self, *, are_refused: bool) -> None:
        """`are_refused`: our credentials, at the next login."""
        if are_refused:
            self._break(**troubles.REFUSED_LOGIN)
        self.org.expire_tokens()

    @rule()
    def calm_returns(self) -> None:
        self.mend()
        self.hours_pass()
        self.a_sweeper_comes_by()

    def _break(self, **trouble: Any) -> None:
        self.has_scripted_trouble = True
        self.org.break_with(**trouble)
