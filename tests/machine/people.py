"""What people, MonetizeNow and Salesforce do, as rules of the machine."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from console import inbox, intake, outbox
from console.actor import Actor
from console.flows import link_by_hand, relink, update_primary_quote
from console.models import InboundEvent, OutboundPush, Relink, SyncLog
from console.models.outbound_push import PushUrgency
from console.salesforce.gateway import SalesforceError
from console.upstream import opportunities
from syncrules.facts import OpportunityStatus
from syncrules.reasons import Reason
from tests.facts import NOON
from tests.faults.deals import VERA, Deal, edit_all, edit_with
from tests.machine.base import DEALS, RECORDS, Base
from tests.machine.company import VERSIONS

URGENCIES = st.sampled_from(list(PushUrgency))


class People(Base):
    # --- Primary quotes --------------------------------------------------------------------------

    @rule(number=DEALS)
    def somebody_chooses_a_quote(self, number: int) -> None:
        deal = self.deal(number)
        if not self._has_more(deal):
            return
        before = len(deal.commits)
        with edit_with(deal) as version:
            entry = update_primary_quote.run(
                deal.opportunity_id,
                quote_mn_id=version.quote_mn_id,
                how="chosen by hand",
                trigger="primary_quote_page",
                actor=VERA,
            )
        if entry.reason != Reason.PRIMARY_QUOTE_SET:
            del deal.commits[before:]
        assert entry.reason == self._foreseen(deal)

    def _has_more(self, deal: Deal) -> bool:
        return len(deal.commits) <= VERSIONS

    def _foreseen(self, deal: Deal) -> Reason:
        if not self.is_live:
            return Reason.NO_SALESFORCE_CONNECTION
        return Reason.ENTITY_FINALIZED if self.company.is_won(deal) else Reason.PRIMARY_QUOTE_SET

    @rule(numbers=st.sets(DEALS, min_size=1), urgency=URGENCIES, then_fail=st.booleans())
    def many_are_changed(
        self, numbers: set[int], urgency: PushUrgency, *, then_fail: bool = False
    ) -> None:
        edit_all(self._open(numbers), urgency=urgency, then_fail=then_fail)

    def _open(self, numbers: set[int]) -> list[Deal]:
        deals = [self.deal(each) for each in sorted(numbers)]
        return [each for each in deals if self._has_more(each) and not self.company.is_won(each)]

    @precondition(lambda self: not self.company.won)
    @rule(number=DEALS)
    def a_deal_is_won(self, number: int) -> None:
        deal = self.deal(number)
        self.days += 1
        opportunities.store(
            deal.mn_id,
            at=NOON + timedelta(days=self.days),
            values={"status": OpportunityStatus.WON},
            actor=Actor(name="MonetizeNow"),
        )
        self.company.won.add(deal.opportunity_id)

    # --- Pairs -----------------------------------------------------------------------------------

    @rule(number=DEALS, record=RECORDS)
    def somebody_links(self, number: int, record: int) -> None:
        deal, target = self.deal(number), self.record(record)
        allowed = self._may_be_linked(deal, target)
        with suppress(SalesforceError), self.something_may_be_sent():
            entry = link_by_hand.run(
                deal.opportunity_id, salesforce_id=target, trigger="link_page", actor=VERA
            )
            self._note_partner(deal, entry, target=target, allowed=allowed)

    def _may_be_linked(self, deal: Deal, target: str) -> bool:
        held = self.company.held[target]
        is_free = self.company.owner_of(target) is None
        return is_free and not self.company.partner(deal) and held.mn_id in (None, deal.mn_id)

    @rule(number=DEALS, record=st.none() | RECORDS)
    def somebody_changes_the_partner(self, number: int, record: int | None) -> None:
        deal = self.deal(number)
        target = None if record is None else self.record(record)
        allowed = bool(self.company.partner(deal)) and not self.company.is_won(deal)
        if target is not None:
            held, owner = self.company.held[target], self.company.owner_of(target)
            allowed = allowed and owner is None and held.mn_id in (None, deal.mn_id)
        with suppress(SalesforceError, relink.PlanIsOld), self.something_may_be_sent():
            entry = relink.run(
                deal.opportunity_id,
                target=target,
                reason_text="it was the wrong one",
                trigger="relink_page",
                actor=VERA,
            )
            self._note_partner(deal, entry, target=target, allowed=allowed)

    @rule(number=DEALS)
    def somebody_takes_a_change_back(self, number: int) -> None:
        deal = self.deal(number)
        change = Relink.objects.filter(opportunity_id=deal.opportunity_id).order_by("pk").last()
        if change is None or relink.why_not_undo(change.pk):
            return
        target = change.old.salesforce_id if change.old else None
        with suppress(SalesforceError, relink.PlanIsOld), self.something_may_be_sent():
            entry = relink.undo(change.pk, trigger="relink_page", actor=VERA)
            self._note_partner(deal, entry, target=target, allowed=None)

    def _note_partner(
        self, deal: Deal, entry: SyncLog, *, target: str | None, allowed: bool | None
    ) -> None:
        """`allowed`: whether the pair may come about, as far as is foreseen."""
        has_changed = entry.reason in (Reason.LINKED, Reason.RELINKED, Reason.UNLINKED)
        if allowed is not None and self.is_live and not self.may_be_troubled:
            assert has_changed == allowed, (entry.reason, target)
        if has_changed:
            assert allowed is not False, (entry.reason, target)
            self.company.partners[deal.opportunity_id] = target

    # --- Salesforce tells ------------------------------------------------------------------------

    @rule(record=RECORDS, minute=st.integers(0, 3), is_acted_upon=st.booleans())
    def salesforce_tells(self, *, record: int, minute: int, is_acted_upon: bool) -> None:
        """In whatever order; some calls are left behind, for the sweeper."""
        self._told(
            f"event-{len(self.events)}", self.record(record), minute, is_acted_upon=is_acted_upon
        )

    @precondition(lambda self: self.events)
    @rule(number=st.integers(0, 20), is_acted_upon=st.booleans())
    def salesforce_repeats_itself(self, *, number: int, is_acted_upon: bool) -> None:
        kept = self.events[number % len(self.events)]
        minute = round((kept.modified_at - NOON).total_seconds() / 60) if kept.modified_at else 0
        self._told(kept.event_id, kept.salesforce_id, minute, is_acted_upon=is_acted_upon)

    def _told(self, event_id: str, record: str, minute: int, *, is_acted_upon: bool) -> None:
        known = {each.event_id for each in self.events}
        event, is_new = inbox.receive(
            sender=self.client.key,
            event_id=event_id,
            salesforce_id=record,
            modified_at=NOON + timedelta(minutes=minute),
            payload={"Id": record},
        )
        assert is_new == (event_id not in known)
        if is_new:
            self.events.append(event)
        if is_acted_upon and event.state == InboundEvent.State.RECEIVED:
            with suppress(SalesforceError), self.something_may_be_sent():
                intake.act_on(event, actor=Actor.of_client(self.client))

    # --- What was set aside ----------------------------------------------------------------------

    @rule()
    def somebody_pushes_again(self) -> None:
        parked = OutboundPush.objects.filter(state=OutboundPush.State.PARKED)
        outbox.retry(list(parked.values_list("pk", flat=True)), actor=VERA)
