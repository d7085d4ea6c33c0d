"""The MonetizeNow side of the machine, and the model that follows every entry of the sync log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from console.actor import Actor
from console.models import Association, Opportunity, OutboundPush, Quote, SyncLog
from console.upstream import opportunities, quotes
from syncrules import (
    create_from_quote_initiation,
    link_by_hand,
    link_via_primary_quote,
    push_outbound,
    relink,
    update_primary_quote,
)
from syncrules.decisions import Effect, StepStatus
from syncrules.reasons import Outcome, Reason
from tests.builders import make_account, make_quote
from tests.facts import NOON, number
from tests.stateful.attempts import decision_of
from tests.stateful.model import Deal, Model, Offer
from tests.stateful.salesforce import Salesforce

_UPSTREAM = Actor(name="API client mn", reads_everything=True)


class MonetizeNow:
    """Its records arrive as versions, each newer than the last."""

    def __init__(self) -> None:
        self.model = Model()
        self.account = make_account()
        self.other_account = make_account(name="Initech")
        self.edited: set[str] = set()
        """Records whose link fields somebody typed into, and that no push has repaired since."""

    # --- What arrives from upstream ---------------------------------------------------------------

    def create_deal(self, *, reference: str | None = None) -> str:
        mn_id = f"opp_{number()}"
        values: dict[str, Any] = {"name": "Northwind expansion", "account_id": self.account.mn_id}
        if reference:
            values["creation_reference"] = reference
        opportunities.store(mn_id, at=NOON, values=values, actor=_UPSTREAM)
        self._know(mn_id, reference=reference)
        return mn_id

    def create_quote(self, deal: str, *, is_foreign: bool = False) -> str:
        account = self.other_account if is_foreign else self.account
        quote = make_quote(opportunity=self._row(deal), account=account)
        self.model.offers[quote.mn_id] = Offer(quote.mn_id, deal, account.mn_id)
        return quote.mn_id

    def close(self, deal: str, status: str, *, primary: str | None) -> SyncLog | None:
        """A version that closes the deal, and may name its primary quote. The entry of flow C."""
        values = {"status": status} | ({"primary_quote_id": primary} if primary else {})
        entry = self._store_deal(deal, values)
        self.model.deals[deal].status = status
        return entry

    def _store_deal(self, deal: str, values: dict[str, Any]) -> SyncLog | None:
        at = self._row(deal).mn_updated_at + timedelta(days=1)
        entry = opportunities.store(deal, at=at, values=values, actor=_UPSTREAM).entry
        if entry is not None:
            self._primary(entry)
        return entry

    def move_quote(self, quote: str, status: str) -> None:
        at = Quote.objects.get(mn_id=quote).mn_updated_at + timedelta(days=1)
        quotes.store(
            quote, at=at, values={"status": status}, items=[], reader_groups=None, actor=_UPSTREAM
        )
        self.model.offers[quote].status = status

    # --- What the log entries ought to have changed -----------------------------------------------

    def absorb(self, entries: Iterable[SyncLog], salesforce: Salesforce) -> None:
        """The model after these attempts. Errors: AssertionError where one should have ended
        otherwise."""
        for entry in entries:
            match entry.flow:
                case link_via_primary_quote.FLOW:
                    self._through_its_quote(entry, salesforce)
                case link_by_hand.FLOW:
                    self._by_hand(entry, salesforce)
                case create_from_quote_initiation.FLOW:
                    self._initiation(entry, salesforce)
                case update_primary_quote.FLOW:
                    self._primary(entry)
                case relink.FLOW:
                    self._change_of_partner(entry, salesforce)
                case push_outbound.FLOW:
                    self._push(entry)

    def _through_its_quote(self, entry: SyncLog, salesforce: Salesforce) -> None:
        record = salesforce.look(entry.salesforce_id) if _is_live(entry) else None
        deal = self.model.through_its_quote(record)
        assert (entry.reason == Reason.LINKED) == (deal is not None), entry
        if deal is not None:
            self.model.pair(deal, entry.salesforce_id)

    def _by_hand(self, entry: SyncLog, salesforce: Salesforce) -> None:
        deal = self._deal(entry)
        record = salesforce.look(entry.salesforce_id) if _is_live(entry) else None
        is_linked = self.model.by_hand(deal, record)
        assert (entry.reason == Reason.LINKED) == is_linked, entry
        if is_linked:
            self.model.pair(deal, entry.salesforce_id)

    def _initiation(self, entry: SyncLog, salesforce: Salesforce) -> None:
        record = salesforce.look(entry.salesforce_id) if _is_live(entry) else None
        owner = self.model.owner(entry.salesforce_id)
        created_for = [] if owner else self.model.created_for(entry.salesforce_id)
        theirs = {each.mn_id for each in (owner, *created_for) if each}
        if record is None or record.mn_id not in (None, *theirs) or len(created_for) > 1:
            assert entry.outcome == Outcome.FAILED, entry
            return
        if not theirs:
            assert entry.reason == Reason.OPPORTUNITY_CREATED, entry
            created_for = [self._know(entry.opportunity_mn_id, reference=entry.salesforce_id)]
        else:
            assert entry.reason == Reason.OPPORTUNITY_REUSED, entry
        deal = owner or created_for[0]
        assert entry.opportunity_mn_id == deal.mn_id
        if owner is None:
            self.model.pair(deal, entry.salesforce_id)
        self.model.offers[entry.quote_mn_id] = Offer(entry.quote_mn_id, deal.mn_id, deal.account)

    def _primary(self, entry: SyncLog) -> None:
        deal = self._deal(entry)
        is_set = _is_live(entry) and self.model.may_be_primary(deal, entry.quote_mn_id)
        assert (entry.reason == Reason.PRIMARY_QUOTE_SET) == is_set, entry
        if is_set:
            deal.primary = entry.quote_mn_id

    def _change_of_partner(self, entry: SyncLog, salesforce: Salesforce) -> None:
        deal, target = self._deal(entry), entry.facts["target"]
        if not _is_live(entry) or not (deal.partner or entry.facts["is_undo"]):
            assert entry.outcome == Outcome.FAILED or entry.reason == Reason.LINK_NEVER_ESTABLISHED
            return
        old, new = salesforce.look(deal.partner), salesforce.look(target)
        is_changed = (target is None or target != deal.partner) and self.model.partner_may_change(
            deal, old=old, target=new, is_ending=target is None
        )
        assert (entry.outcome == Outcome.DONE) == is_changed, entry
        if not is_changed:
            return
        if old is not None and old.mn_id == deal.mn_id:
            deal.left = (deal.partner, deal.reference)
        deal.partner = deal.reference = None
        if target is not None:
            self.model.pair(deal, target)

    def _push(self, entry: SyncLog) -> None:
        deal, decision = self._deal(entry), decision_of(entry)
        if decision.has(Effect.STORE_ASSOCIATION) and decision.outcome is not Outcome.DEFERRED:
            assert deal.reference == entry.salesforce_id
            self.model.pair(deal, entry.salesforce_id)
        if deal.left is not None:
            self._salesforce_answered(deal, entry)
        if decision.outcome is Outcome.DEFERRED:
            # Until time passes by a rule, and not while the machine happens to be slow.
            queued = OutboundPush.objects.filter(state=OutboundPush.State.QUEUED)
            queued.filter(opportunity_id=deal.pk, lane=OutboundPush.Lane.LINK).update(
                not_before=Now() + timedelta(days=1)
            )
        if decision.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO):
            self.edited.discard(entry.salesforce_id)

    def _salesforce_answered(self, deal: Deal, entry: SyncLog) -> None:
        """Refused for good: the partner of before is back, and so is the reference."""
        assert deal.left is not None
        released = [s for s in decision_of(entry).steps if s.key == "old_partner_is_released"]
        if not released or entry.outcome == Outcome.DEFERRED:
            return
        former, reference = deal.left
        if released[0].status is StepStatus.BLOCKED:
            deal.partner, deal.reference, deal.left = None, reference, None
            if former is not None:
                self.model.pair(deal, former)
        elif released[0].status is StepStatus.PASSED:
            deal.left = None

    # --- Rows -------------------------------------------------------------------------------------

    def stored_pairs(self) -> dict[str, str]:
        rows = Association.objects.filter(ended_at__isnull=True)
        pairs = list(rows.values_list("opportunity__mn_id", "salesforce_id"))
        assert len({mn_id for mn_id, _ in pairs}) == len({record for _, record in pairs})
        assert len(pairs) == len({mn_id for mn_id, _ in pairs})
        return dict(pairs)

    def stored_primaries(self) -> dict[str, str | None]:
        rows = Opportunity.objects.filter(mn_id__in=self.model.deals)
        return dict(rows.values_list("mn_id", "primary_quote__mn_id"))

    def strayed_primaries(self) -> list[str]:
        """Deals whose primary quote is another's."""
        with_one = Opportunity.objects.filter(primary_quote__isnull=False)
        strayed = with_one.exclude(primary_quote__opportunity_id=F("pk"))
        return list(strayed.values_list("mn_id", flat=True))

    def pk_of(self, deal: str) -> int:
        return self.model.deals[deal].pk

    def _row(self, deal: str) -> Opportunity:
        return Opportunity.objects.get(mn_id=deal)

    def _know(self, mn_id: str, *, reference: str | None) -> Deal:
        deal = Deal(mn_id, self._row(mn_id).pk, self.account.mn_id, reference=reference)
        self.model.deals[mn_id] = deal
        return deal

    def _deal(self, entry: SyncLog) -> Deal:
        return self.model.deals[entry.opportunity_mn_id]


def _is_live(entry: SyncLog) -> bool:
    """Whether the attempt found the connection live."""
    return bool(entry.facts["connection"]["is_live"])
