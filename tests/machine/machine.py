"""The outbox as a state machine: what holds after every step, and once nothing moves any more."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from hypothesis.stateful import invariant

from console import inbox, jobs, outbox, sweep
from console.locks import lock_opportunities
from console.models import Association, InboundEvent, Opportunity, OutboundPush, SyncLog
from syncrules.reasons import Reason
from tests.faults.deals import VERA, Deal
from tests.machine import books
from tests.machine.base import open_pushes
from tests.machine.beats import Beat
from tests.machine.company import actual_pairs
from tests.machine.engine import Engine
from tests.machine.times import hours_pass, leases_run_out

State = OutboundPush.State
_TURNS: Final = 40
_FOR_GOOD: Final = {Reason.ENTITY_FINALIZED, Reason.CONFLICTING_ASSOCIATION}
"""What stays set aside however often it is pushed again: a person must decide."""


class Machine(Engine):
    # --- After every step ------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        self.pairs_are_one_to_one()
        self.what_salesforce_lacks_is_on_its_way()
        self.the_primary_quote_is_what_was_chosen_last()
        self.nothing_is_complained_of()

    def what_salesforce_lacks_is_on_its_way(self) -> None:
        """I1, at any moment: a record that does not hold what is committed has an open push."""
        on_their_way = open_pushes() | self._about_to_be_told()
        for deal in self.company.deals:
            is_safe = self.company.is_in_step(deal) or deal.opportunity_id in on_their_way
            assert is_safe, f"I1 nobody will tell {deal}"
        for record, held in self.company.held.items():
            if held.mn_id and self.company.owner_of(record) is None:
                deal = self._named(held.mn_id)
                is_safe = (
                    deal.opportunity_id in on_their_way or record in books.kept_by_salesforce()
                )
                assert is_safe, f"I1 nobody will empty {record}"

    def _about_to_be_told(self) -> set[int]:
        """Of whom somebody has just written, and will find that it was too late."""
        return {
            claim.opportunity_id
            for worker in self.workers
            if worker.stands_at is Beat.WRITTEN
            for claim in worker.claims
        }

    def _named(self, mn_id: str) -> Deal:
        return next(each for each in self.company.deals if each.mn_id == mn_id)

    def the_primary_quote_is_what_was_chosen_last(self) -> None:
        """I10, I11: and what a deal was won with is never replaced."""
        chosen = dict(Opportunity.objects.values_list("pk", "primary_quote_id"))
        for deal in self.company.deals:
            assert chosen[deal.opportunity_id] == deal.present.quote_id, f"I10 {deal}"

    def pairs_are_one_to_one(self) -> None:
        """I8: what nobody asked for was told by Salesforce, or taken back after its refusal."""
        actual = actual_pairs()
        assert len({*actual.values()}) == len(actual), f"I8 {actual}"
        for deal in self.company.deals:
            found = actual.get(deal.opportunity_id)
            if found != self.company.partner(deal):
                self._explain(deal, found)

    def _explain(self, deal: Deal, found: str | None) -> None:
        newest = (
            Association.objects.filter(opportunity_id=deal.opportunity_id).order_by("pk").last()
        )
        assert newest is not None, f"I8 {deal} has lost its pair"
        is_told = newest.linked_by == "link_via_primary_quote" and found == deal.salesforce_id
        is_taken_back = newest.actor_name.endswith("(compensation)") or (
            newest.ended_because.startswith("taken back")
        )
        assert is_told or is_taken_back, f"I8 {deal} is paired with {found} by {newest.linked_by}"
        self.company.partners[deal.opportunity_id] = found

    def nothing_is_complained_of(self) -> None:
        assert not self.around.complaints, self.around.complaints[0]

    # --- Once nothing moves any more -------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if hasattr(self, "company"):
                self._comes_to_rest()
                self._is_judged()
        finally:
            for worker in self.workers:
                worker.dismiss()

    def _comes_to_rest(self) -> None:
        self.mend()
        for worker in self.busy:
            with self.something_may_be_sent():
                worker.go_on()
        self.what_is_late_arrives()
        self.everything_holds()
        self._settle()
        self.somebody_pushes_again()
        self._settle()
        self._writes_seen = -1
        self.look_at_salesforce()
        self.pairs_are_one_to_one()

    def _settle(self) -> None:
        for _ in range(_TURNS):
            hours_pass()
            leases_run_out()
            sweep.turn()
            jobs.drain_outbound()
            moving = OutboundPush.objects.filter(
                state__in=(State.QUEUED, State.SENDING, State.HELD)
            )
            if not moving.exists():
                return
        raise AssertionError(f"I1 does not come to rest: {[*moving.values()]}")

    def _is_judged(self) -> None:
        parked = OutboundPush.objects.filter(state=State.PARKED)
        for push in parked:
            assert push.reason in _FOR_GOOD, f"I12 {push} stays: {push.reason} {push.detail}"
        found = books.violations(books.read(self.company))
        assert not found, "\n".join(found)
        self.nothing_is_complained_of()
        self._an_event_once_more_changes_nothing()
        self._a_push_of_all_writes_nothing()

    def _an_event_once_more_changes_nothing(self) -> None:
        """I15: in any order."""
        entries = SyncLog.objects.count()
        for event in reversed(self.events):
            kept, is_new = inbox.receive(
                sender=self.client.key,
                event_id=event.event_id,
                salesforce_id=event.salesforce_id,
                modified_at=event.modified_at,
                payload={},
            )
            assert not is_new
            assert kept.state != InboundEvent.State.RECEIVED, "I15 never acted upon"
        assert SyncLog.objects.count() == entries

    def _a_push_of_all_writes_nothing(self) -> None:
        """I4; and then nothing is left to ask Salesforce."""
        parked = OutboundPush.objects.filter(state=State.PARKED)
        excused = set(parked.values_list("opportunity_id", flat=True))
        wanted = [each for each in self.company.pairs if each not in excused]
        writes, pairs = self.line.writes, actual_pairs()
        with transaction.atomic():
            lock_opportunities(wanted)
            asked = dict.fromkeys(wanted, ("push_again", VERA.name, int(outbox.Urgency.CLICK)))
            outbox.request_many(asked, lane=outbox.Lane.LINK)
        self._settle()
        assert self.line.writes == writes, "I4 written although both sides are equal"
        assert actual_pairs() == pairs
        calls = self.line.calls
        jobs.drain_outbound()
        assert self.line.calls == calls, "I4 asked with nothing to do"
