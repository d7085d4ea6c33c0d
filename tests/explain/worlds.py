"""States of both sides for the property test: any mixture, not only the sensible ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from hypothesis import strategies as st

from console.actor import Actor
from console.models import Opportunity, Quote, Relink, SalesforceConnection
from syncrules.facts import OpportunityStatus, QuoteStatus
from tests.builders import (
    make_account,
    make_connection,
    make_opportunity,
    make_pairing,
    make_primary,
    make_quote,
)
from tests.facts import number, sf_id
from tests.org import Org


@dataclass(frozen=True)
class World:
    """What differs between the examples. Each field is one thing that a rule looks at."""

    connection: str
    record_exists: str
    record_carries: str | None
    record_names: str | None
    pairs: str
    left_behind: str | None
    opportunity_status: OpportunityStatus
    quote_status: QuoteStatus
    quote_is: str
    present_primary: str | None
    present_status: QuoteStatus
    present_has_record: bool
    created_from: str | None
    caller_reads_everything: bool


@dataclass(frozen=True)
class Built:
    """The rows and ids that a world was made of. `quote` is the one in question."""

    opportunity: Opportunity
    quote: Quote
    quote_mn_id: str
    record: str
    caller: Actor


_PAIRS = [*["none"] * 2, *["together"] * 3, "ours elsewhere", "record elsewhere", "both elsewhere"]


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The usual in three of four examples, so that the later rungs are reached as well."""
    return st.sampled_from([usual] * 3 * len(others) + list(others))


def _statuses(statuses: type[OpportunityStatus] | type[QuoteStatus]) -> st.SearchStrategy[Any]:
    """One that hinders nothing in half of the examples."""
    first, *others = statuses
    return st.sampled_from([first] * len(others) + others)


worlds = st.builds(
    World,
    connection=_mostly("live", "untried", "broken", "wrong secret", "none"),
    record_exists=_mostly("yes", "no"),
    record_carries=_mostly(None, "ours", "another's"),
    record_names=_mostly("the quote", None, "a quote unknown here", "a record without MN id"),
    pairs=st.sampled_from(_PAIRS),
    left_behind=_mostly(None, "still linked", "emptied", "gone"),
    opportunity_status=_statuses(OpportunityStatus),
    quote_status=_statuses(QuoteStatus),
    quote_is=_mostly("ours", "another's", "nobody's", "restricted", "of another account"),
    present_primary=st.sampled_from([None, "the quote", "another quote"]),
    present_status=_statuses(QuoteStatus),
    present_has_record=st.booleans(),
    created_from=_mostly(None, "the record", "a record that is gone"),
    caller_reads_everything=st.booleans(),
)


def build(world: World, org: Org) -> Built:
    """The world on both sides; the org is emptied first."""
    org.reset()
    _connect(world, org)
    record = sf_id()
    references = {"the record": record, "a record that is gone": sf_id(), None: None}
    opportunity = make_opportunity(
        status=world.opportunity_status, creation_reference=references[world.created_from]
    )
    quote = _quote(world, opportunity)
    _primary(world, opportunity, quote, org)
    _pairs(world, opportunity, record)
    if world.left_behind:
        _leave_behind(world, opportunity, org)
    if world.record_exists == "yes":
        _record(world, org, record, opportunity, quote)
    caller = Actor(name="caller", reads_everything=world.caller_reads_everything)
    return Built(opportunity, quote, quote.mn_id, record, caller)


def _connect(world: World, org: Org) -> None:
    if world.connection == "none":
        return
    is_wrong = world.connection == "wrong secret"
    make_connection(
        name=f"org {number()}",
        base_url=org.url,
        client_id=org.server.client_id,
        client_secret="not the secret" if is_wrong else org.server.client_secret,
        state=SalesforceConnection.State.LIVE if is_wrong else world.connection,
        is_local=True,
    )


def _quote(world: World, opportunity: Opportunity) -> Quote:
    columns: dict[str, Any] = {"status": world.quote_status}
    if world.quote_is == "another's":
        return make_quote(opportunity=make_opportunity(), **columns)
    if world.quote_is == "of another account":
        return make_quote(opportunity=opportunity, account=make_account(), **columns)
    quote = make_quote(opportunity=opportunity, **columns)
    if world.quote_is == "nobody's":
        Quote.objects.filter(pk=quote.pk).update(opportunity=None)
        quote.refresh_from_db()
    if world.quote_is == "restricted":
        quote.readers.add(Group.objects.create(name=f"group {number()}"))
    return quote


def _primary(world: World, opportunity: Opportunity, quote: Quote, org: Org) -> None:
    is_ours = quote.opportunity_id == opportunity.pk
    if world.present_primary == "the quote" and is_ours:
        make_primary(quote)
    if world.present_primary == "another quote":
        other = make_quote(opportunity=opportunity, status=world.present_status, is_primary=True)
        if world.present_has_record:
            org.add_quote(sf_id("a0B"), other.mn_id)
    opportunity.refresh_from_db()


def _pairs(world: World, opportunity: Opportunity, record: str) -> None:
    if world.pairs == "together":
        make_pairing(opportunity=opportunity, salesforce_id=record)
    if world.pairs in ("ours elsewhere", "both elsewhere"):
        make_pairing(opportunity=opportunity)
    if world.pairs in ("record elsewhere", "both elsewhere"):
        make_pairing(salesforce_id=record)


def _leave_behind(world: World, opportunity: Opportunity, org: Org) -> None:
    """A change of partner whose Salesforce half is still to be done by the push."""
    former = make_pairing(
        opportunity=opportunity, ended_at=timezone.now(), ended_because="the wrong record"
    )
    Relink.objects.create(
        opportunity=opportunity, old=former, reason_text="the wrong record", actor_name="vera"
    )
    if world.left_behind != "gone":
        carried = opportunity.mn_id if world.left_behind == "still linked" else None
        org.add_opportunity(former.salesforce_id, monetize__Id__c=carried)


def _record(world: World, org: Org, record: str, opportunity: Opportunity, quote: Quote) -> None:
    quote_record = sf_id("a0B")
    carried = {"ours": opportunity.mn_id, "another's": f"opp_{number()}", None: None}
    named = {
        "the quote": quote.mn_id,
        "a quote unknown here": f"quote_{number()}",
        "a record without MN id": None,
        None: None,
    }
    org.add_quote(quote_record, named[world.record_names])
    org.add_opportunity(
        record,
        monetize__Id__c=carried[world.record_carries],
        monetize__PrimaryQuote__c=quote_record if world.record_names else None,
    )
