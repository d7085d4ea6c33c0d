"""What people and programs do on both sides, in any order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    precondition,
    rule,
)

from console import inbox, intake, outbox
from console.actor import Actor
from console.flows import (
    create_from_quote_initiation,
    link_by_hand,
    link_via_primary_quote,
    relink,
    update_primary_quote,
)
from console.models import InboundEvent, Relink, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.builders import make_connection
from tests.facts import NOON, number
from tests.org import Org
from tests.stateful import settling
from tests.stateful.attempts import attempt, entries_since, latest
from tests.stateful.model import DEAD, FINAL
from tests.stateful.monetizenow import MonetizeNow
from tests.stateful.salesforce import Salesforce

VERA = Actor(name="vera")
FEW = 4  # so that what happens next often concerns what happened before
CRM = Actor(name="API client crm")


def _rarely() -> st.SearchStrategy[bool]:
    return st.sampled_from([False, False, False, True])


def _mostly() -> st.SearchStrategy[bool]:
    return st.sampled_from([True, True, True, False])


def _some(entry: SyncLog | None) -> SyncLog:
    assert entry is not None, "nobody else acts upon the event"
    return entry


class People(RuleBasedStateMachine):
    """Each rule is something that somebody does, on either side or in the console."""

    org: ClassVar[Org]

    deals: Bundle[str] = Bundle("deals")
    quotes: Bundle[str] = Bundle("quotes")
    records: Bundle[str] = Bundle("records")
    events: Bundle[dict[str, Any]] = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        self._example = transaction.atomic()
        self._example.__enter__()
        connection = make_connection(
            name=f"org {number()}",
            base_url=self.org.url,
            client_id=self.org.server.client_id,
            client_secret=self.org.server.client_secret,
            is_local=True,
        )
        self.monetizenow = MonetizeNow()
        self.model = self.monetizenow.model
        account = self.monetizenow.account.salesforce_id
        assert account is not None
        self.salesforce = Salesforce(self.org, connection, account=account)
        self._one_that_is_linked_and_one_that_could_be()
        self.explained = latest()
        self.locked: dict[str, str | None] = {}
        self.minutes = itertools.count(1)

    def _one_that_is_linked_and_one_that_could_be(self) -> None:
        """The first has a primary quote on both sides, and a second one that could replace it."""
        reference = self.salesforce.add()
        linked = self.monetizenow.create_deal(reference=reference)
        primary = self._quote(linked)
        self._quote(linked)
        self.salesforce.add(quote=self._quote(self.monetizenow.create_deal()))
        self.vera_chooses_the_primary_quote(quote=primary, deal=linked, is_its_own=True)
        self.monetizenow.absorb(settling.drain(), self.salesforce)
        assert self.model.pairs == {linked: reference}

    def _quote(self, deal: str) -> str:
        quote = self.monetizenow.create_quote(deal)
        self.salesforce.add_quote(quote)
        return quote

    @initialize(target=deals)
    def their_deals(self) -> Any:
        return multiple(*self.model.deals)

    @initialize(target=quotes)
    def their_quotes(self) -> Any:
        return multiple(*self.model.offers)

    @initialize(target=records)
    def their_records(self) -> Any:
        return multiple(*self.salesforce.records)

    # --- In MonetizeNow ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.deals) < FEW)
    @rule(target=deals, reference=st.none() | records)
    def an_opportunity_arrives(self, reference: str | None) -> str:
        return self.monetizenow.create_deal(reference=reference)

    @rule(target=quotes, deal=deals, has_a_record=st.booleans(), is_foreign=_rarely())
    def a_quote_arrives(self, *, deal: str, has_a_record: bool, is_foreign: bool) -> str:
        quote = self.monetizenow.create_quote(deal, is_foreign=is_foreign)
        if has_a_record:
            self.salesforce.add_quote(quote)
        return quote

    @rule(quote=quotes, status=st.sampled_from(["SENT", *FINAL, *DEAD]))
    def a_quote_moves_on(self, quote: str, status: str) -> None:
        if self.model.offers[quote].status not in FINAL:
            self.monetizenow.move_quote(quote, status)

    @rule(deal=deals, status=st.sampled_from(["WON", "LOST"]), primary=st.none() | quotes)
    def a_deal_is_closed(self, deal: str, status: str, primary: str | None) -> None:
        before = latest()
        entry = self.monetizenow.close(deal, status, primary=primary)
        assert entries_since(before) == ([entry] if entry else [])

    # --- In Salesforce ----------------------------------------------------------------------------

    @precondition(lambda self: len(self.salesforce.records) < FEW)
    @rule(target=records, quote=st.none() | quotes)
    def an_opportunity_is_created_in_salesforce(self, quote: str | None) -> str:
        return self.salesforce.add(quote=quote)

    @rule(quote=quotes)
    def a_quote_gets_its_record(self, quote: str) -> None:
        self.salesforce.add_quote(quote)

    @precondition(lambda self: not self.salesforce.is_away)
    @rule(record=records, quote=st.none() | quotes)
    def somebody_names_a_primary_quote(self, record: str, quote: str | None) -> None:
        self._type_into(record, **{PRIMARY_QUOTE_FIELD: self.salesforce.record_of(quote)})

    @precondition(lambda self: not self.salesforce.is_away)
    @rule(record=records)
    def somebody_clears_the_mn_id(self, record: str) -> None:
        self._type_into(record, **{MN_ID_FIELD: None})

    @precondition(lambda self: not self.salesforce.is_away)
    @rule(record=records)
    def somebody_closes_the_opportunity(self, record: str) -> None:
        self._type_into(record, StageName="Closed Won")

    @precondition(lambda self: not self.salesforce.is_away)
    @rule(record=consumes(records))
    def somebody_deletes_the_opportunity(self, record: str) -> None:
        self.salesforce.delete(record)

    def _type_into(self, record: str, **fields: Any) -> None:
        self.salesforce.type_into(record, **fields)
        if not fields.keys() <= {"StageName"}:
            self.monetizenow.edited.add(record)

    # --- Salesforce tells us ----------------------------------------------------------------------

    @rule(target=events, record=records, is_late=_rarely(), is_left_behind=_rarely())
    def salesforce_tells(
        self, *, record: str, is_late: bool, is_left_behind: bool
    ) -> dict[str, Any]:
        minute = timedelta(minutes=next(self.minutes))
        event: dict[str, Any] = {
            "sender": "crm",
            "event_id": f"msg-{number()}",
            "salesforce_id": record,
            "modified_at": NOON - minute if is_late else NOON + minute,
            "payload": {},
        }
        if is_left_behind:
            inbox.receive(**event)
        else:
            self._receive(event)
        return event

    @rule(event=events)
    def the_same_event_comes_again(self, event: dict[str, Any]) -> None:
        self._receive(event)

    def _receive(self, event: dict[str, Any]) -> None:
        """As the endpoint does it: an event that was acted upon is answered, and no more."""
        kept, _ = inbox.receive(**event)
        before = latest()
        if kept.state != InboundEvent.State.RECEIVED:
            return
        if inbox.newer_seen(kept):
            assert intake.act_on(kept, actor=CRM) is None
            assert entries_since(before) == []
            return
        record = kept.salesforce_id
        self._attempt(
            lambda: link_via_primary_quote.preview(record, actor=CRM)[1],
            lambda: _some(intake.act_on(kept, actor=CRM)),
        )

    @rule(target=deals, record=records)
    def a_quote_is_started_from_salesforce(self, record: str) -> Any:
        known = set(self.model.deals)
        self._attempt(
            lambda: create_from_quote_initiation.preview(record)[1],
            lambda: create_from_quote_initiation.run(record, trigger="quote_initiation", actor=CRM),
        )
        return multiple(*(set(self.model.deals) - known))

    # --- People of the console --------------------------------------------------------------------

    @rule(deal=deals, record=records)
    def vera_links_by_hand(self, deal: str, record: str) -> None:
        pk = self.monetizenow.pk_of(deal)
        self._attempt(
            lambda: link_by_hand.preview(pk, salesforce_id=record)[1],
            lambda: link_by_hand.run(pk, salesforce_id=record, trigger="page", actor=VERA),
        )

    @precondition(lambda self: bool(self.model.pairs))
    @rule(data=st.data(), partner=st.none() | records)
    def vera_changes_the_partner(self, data: st.DataObject, partner: str | None) -> None:
        deal = data.draw(st.sampled_from(list(self.model.pairs)))
        pk = self.monetizenow.pk_of(deal)
        self._attempt(
            lambda: relink.preview(pk, target=partner)[1],
            lambda: relink.run(
                pk, target=partner, reason_text="wrong record", trigger="page", actor=VERA
            ),
        )

    @precondition(lambda self: bool(self._undoable()))
    @rule(data=st.data())
    def vera_undoes_a_change(self, data: st.DataObject) -> None:
        change = Relink.objects.get(pk=data.draw(st.sampled_from(self._undoable())))
        target = change.old.salesforce_id if change.old else None
        entry = self._attempt(
            lambda: relink.preview(change.opportunity_id, target=target, is_undo=True)[1],
            lambda: relink.undo(change.pk, trigger="page", actor=VERA),
        )
        if entry is not None and entry.decision["effects"]:
            self.model.deals[entry.opportunity_mn_id].reference = change.old_reference

    def _undoable(self) -> list[int]:
        pks = Relink.objects.order_by("pk").values_list("pk", flat=True)
        return [pk for pk in pks if not relink.why_not_undo(pk)]

    @rule(quote=quotes, deal=deals, is_its_own=_mostly())
    def vera_chooses_the_primary_quote(self, *, quote: str, deal: str, is_its_own: bool) -> None:
        deal = self.model.offers[quote].deal if is_its_own else deal
        pk = self.monetizenow.pk_of(deal)
        self._attempt(
            lambda: update_primary_quote.preview(pk, quote_mn_id=quote, actor=VERA)[1],
            lambda: update_primary_quote.run(
                pk, quote_mn_id=quote, how="manual", trigger="page", actor=VERA
            ),
        )

    @rule(deal=deals)
    def vera_pushes(self, deal: str) -> None:
        pk = self.monetizenow.pk_of(deal)
        outbox.request_push(opportunity_id=pk, trigger="push_button", actor=VERA)

    def _attempt(self, preview: Any, run: Any) -> SyncLog | None:
        entry = attempt(preview, run)
        if entry is not None:
            self.monetizenow.absorb([entry], self.salesforce)
        return entry
