"""What workers, sweepers, Redis, the line and Salesforce's troubles do, as rules of the machine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from console import jobs, leases, outbox, sweep
from console.models import OutboundPush
from tests.machine import troubles
from tests.machine.base import RECORDS, Base
from tests.machine.beats import Beat, Worker
from tests.machine.line import Fate
from tests.machine.times import hours_pass, leases_run_out

State = OutboundPush.State
QUEUE = "rq:queue:outbound"
A_FEW = st.integers(1, 3)
WHICH = st.integers(0, 2)
HALTS = st.none() | st.sampled_from([Beat.CLAIMED, Beat.LOOKED, Beat.WRITTEN])


class Engine(Base):
    @property
    def idle(self) -> list[Worker]:
        return [each for each in self.workers if not each.is_busy]

    @property
    def busy(self) -> list[Worker]:
        return [each for each in self.workers if each.is_busy]

    # --- Workers ---------------------------------------------------------------------------------

    @precondition(lambda self: self.idle)
    @rule(which=WHICH, until=HALTS)
    def a_worker_takes_a_batch(self, which: int, until: Beat | None) -> None:
        worker = self.idle[which % len(self.idle)]
        self._is_led(worker, until)

    @precondition(lambda self: self.busy)
    @rule(which=WHICH, until=HALTS)
    def a_worker_goes_on(self, which: int, until: Beat | None) -> None:
        """Also one whose claims are lost meanwhile: what it records then must change nothing."""
        worker = self.busy[which % len(self.busy)]
        self._is_led(worker, None if worker in self.too_late else until)
        self.too_late.discard(worker)

    def _is_led(self, worker: Worker, until: Beat | None) -> None:
        was_paused, calls = self.is_paused and not worker.is_busy, self.line.calls
        with self.something_may_be_sent():
            worker.go_on(until=until)
        assert not was_paused or self.line.calls == calls, "I20 asked during a pause"

    @precondition(lambda self: self.busy)
    @rule(which=WHICH, at=st.none() | st.just(Beat.RECORDING), is_noticed=st.booleans())
    def a_worker_dies(self, *, which: int, at: Beat | None, is_noticed: bool) -> None:
        """`is_noticed`: by its own parent, whose next process sets free what it held."""
        worker = self.busy[which % len(self.busy)]
        if worker in self.too_late:
            return
        parent, owner = worker.parent, worker.owner
        with self.something_may_be_sent():
            worker.die(at=at)
        self.slow.discard(worker)
        if is_noticed:
            leases.give_up_those_of(parent, but=f"{parent}/2")
        else:
            self.dead.add(owner)

    @precondition(lambda self: self.busy)
    @rule(which=WHICH)
    def a_worker_stands_still_for_long(self, which: int) -> None:
        """Others may take over what it holds."""
        worker = self.busy[which % len(self.busy)]
        leases_run_out(of=worker.owner)
        self.slow.add(worker)

    @precondition(lambda self: self.dead)
    @rule()
    def the_dead_lose_their_claims(self) -> None:
        for owner in self.dead:
            leases_run_out(of=owner)
        self.dead.clear()

    @precondition(lambda self: self.busy)
    @rule()
    def claims_are_prolonged(self) -> None:
        """Those in force; what was lost stays lost."""
        for worker in self.busy:
            leases.renew(worker.owner)

    # --- Drains, sweeps, bells -------------------------------------------------------------------

    @rule()
    def somebody_drains(self) -> None:
        self._drain()

    @precondition(lambda self: self.around.redis.llen(QUEUE))
    @rule()
    def the_bell_is_heard(self) -> None:
        self.around.redis.lpop(QUEUE)
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
        """Those who live keep their claims. What was late until now does not arrive any more, and
        who has stood still for longer than Salesforce takes at most is late for good."""
        self.line.late.clear()
        self.too_late |= self.slow
        hours_pass()

    # --- Troubles --------------------------------------------------------------------------------

    @rule(what=st.sampled_from(sorted(troubles.OF_CALLS)), nth=A_FEW, times=A_FEW)
    def salesforce_is_in_trouble(self, what: str, nth: int, times: int) -> None:
        trouble = troubles.OF_CALLS[what]
        self._break(path="services/data", nth=nth, times=times, **trouble)

    @rule(
        record=RECORDS, what=st.sampled_from(sorted(troubles.OF_RECORDS)), times=st.integers(1, 9)
    )
    def a_record_is_in_trouble(self, record: int, what: str, times: int) -> None:
        trouble = troubles.OF_RECORDS[what]
        self._break(record_id=self.record(record), times=times, **trouble)

    @rule(what=st.sampled_from(sorted(troubles.OF_RECORDS)), nth=A_FEW)
    def a_product_is_in_trouble(self, what: str, nth: int) -> None:
        self._break(object="OpportunityLineItem", nth=nth, **troubles.OF_RECORDS[what])

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

    @rule()
    def tokens_expire(self) -> None:
        self.org.expire_tokens()

    @rule()
    def the_credentials_are_refused(self) -> None:
        self._break(**troubles.REFUSED_LOGIN)
        self.org.expire_tokens()

    @rule()
    def troubles_end(self) -> None:
        self.mend()

    def _break(self, **trouble: Any) -> None:
        self.has_scripted_trouble = True
        self.org.break_with(**trouble)
