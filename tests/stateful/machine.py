"""The state machine: what people do, workers and trouble in between, and what holds throughout."""

from __future__ import annotations

import sys
from typing import Any

from django.db import connection as database
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, multiple, precondition, rule

from console import claims, outbox
from console.explain import foresight
from console.flows import push_outbound
from console.models import OutboundPush, SyncLog
from syncrules.facts import PRIMARY_QUOTE_FIELD
from tests.stateful import settling
from tests.stateful.attempts import assert_explains_itself, entries_since, latest
from tests.stateful.people import People
from tests.waiting_times import leases_run_out


class BothSystems(People):
    """Each invariant holds after everything that somebody does."""

    stalled: Bundle[claims.Claim] = Bundle("stalled")

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # else a step has failed, and that is the news
                self.everything_settles()
        finally:
            transaction.set_rollback(True)
            self._example.__exit__(None, None, None)

    # --- Workers and the sweep --------------------------------------------------------------------

    @precondition(lambda self: outbox.due_count() > 0)
    @rule()
    def a_worker_sends_one_push(self) -> None:
        claimed = claims.claim(limit=1)
        if claimed:
            self._attempt(
                lambda: foresight.of_push(claimed[0].opportunity_id)[1].decision,
                lambda: self._push(claimed),
            )

    @precondition(lambda self: outbox.due_count() > 0)
    @rule(target=stalled)
    def a_worker_stalls(self) -> Any:
        return multiple(*claims.claim(limit=1))

    @rule(claim=consumes(stalled))
    def the_stalled_worker_goes_on(self, claim: claims.Claim) -> None:
        """Whose lease was taken over in the meantime records nothing."""
        held = OutboundPush.objects.filter(
            pk=claim.push_id, fence=claim.fence, state=OutboundPush.State.SENDING
        )
        is_held, before = held.exists(), latest()
        assert push_outbound.run([claim]) == int(is_held)
        entries = entries_since(before)
        assert len(entries) == int(is_held)
        self.monetizenow.absorb(entries, self.salesforce)

    @precondition(lambda self: outbox.due_count() > 0)
    @rule()
    def everything_due_is_drained(self) -> None:
        self.monetizenow.absorb(settling.drain(), self.salesforce)

    @rule()
    def the_sweep_takes_a_turn(self) -> None:
        self.monetizenow.absorb(settling.sweep(), self.salesforce)

    @rule()
    def time_passes(self) -> None:
        leases_run_out()
        settling.time_passes()

    def _push(self, claimed: list[claims.Claim]) -> SyncLog:
        assert push_outbound.run(claimed) == 1
        return SyncLog.objects.latest("pk")

    # --- Trouble ----------------------------------------------------------------------------------

    @rule(is_silent=st.booleans())
    def salesforce_makes_trouble(self, *, is_silent: bool) -> None:
        if is_silent:
            self.salesforce.go_away()
        else:
            self.salesforce.refuse_sign_in()

    @rule(record=People.records)
    def a_rule_in_salesforce_refuses_writes(self, record: str) -> None:
        self.salesforce.refuse_writes(record)

    @precondition(lambda self: not self.salesforce.is_untroubled)
    @rule()
    def all_trouble_ends(self) -> None:
        self.salesforce.come_back()
        self.salesforce.accept_writes()
        settling.reconnect(self.salesforce)

    # --- What always holds ------------------------------------------------------------------------

    @invariant()
    def pairs_are_one_to_one_and_as_expected(self) -> None:
        assert self.monetizenow.stored_pairs() == self.model.pairs

    @invariant()
    def a_primary_quote_is_one_of_its_opportunity(self) -> None:
        database.check_constraints()
        assert self.monetizenow.strayed_primaries() == []
        assert self.monetizenow.stored_primaries() == self.model.primaries

    @invariant()
    def a_finalized_deal_keeps_its_primary_quote_on_both_sides(self) -> None:
        for mn_id, primary in self.locked.items():
            assert self.model.deals[mn_id].primary == primary
        for write in self.salesforce.written():
            owner = self.model.owner(write["record_id"])
            was = write["before"].get(PRIMARY_QUOTE_FIELD)
            if owner is not None and owner.mn_id in self.locked and was is not None:
                assert write["after"][PRIMARY_QUOTE_FIELD] == was
        for deal in self.model.deals.values():
            if self.model.is_locked(deal):
                self.locked.setdefault(deal.mn_id, deal.primary)

    @invariant()
    def every_entry_explains_itself(self) -> None:
        for entry in entries_since(self.explained):
            assert_explains_itself(entry)
            self.explained = entry.pk

    # --- What holds once nothing moves ------------------------------------------------------------

    @rule()
    def everything_settles(self) -> None:
        settling.settle(self.monetizenow, self.salesforce)
        self.pairs_are_one_to_one_and_as_expected()
        self.both_sides_say_the_same()
        self.a_finalized_deal_keeps_its_primary_quote_on_both_sides()
        self.nothing_more_is_written()
        self.every_entry_explains_itself()

    def both_sides_say_the_same(self) -> None:
        ours = [each for each in self.salesforce.records if each not in self.monetizenow.edited]
        for salesforce_id in ours:
            record, owner = self.salesforce.look(salesforce_id), self.model.owner(salesforce_id)
            assert record is not None
            assert record.mn_id == (owner.mn_id if owner else None)
            if owner is None or owner.primary not in self.salesforce.quotes:
                continue
            if record.names is None or not self.model.is_locked(owner):
                assert record.names == owner.primary

    def nothing_more_is_written(self) -> None:
        """Even when a push is asked for every pair."""
        for deal in self.model.deals.values():
            if deal.partner and deal.partner not in self.monetizenow.edited:
                self.vera_pushes(deal.mn_id)
        self.everything_due_is_drained()
        assert self.salesforce.written() == []
