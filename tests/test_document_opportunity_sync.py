"""MonetizeNow's page "Opportunity Creation and Quote Sync", statement by statement.

docs/flows.md has the whole table. What another test proves already is not proved here again.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console import claims, outbox, release
from console.actor import Actor
from console.flows import (
    create_from_quote_initiation,
    link_by_hand,
    link_via_primary_quote,
    push_outbound,
    relink,
    update_primary_quote,
)
from console.models import Association, Opportunity, OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")


# --- What people and programs do -----------------------------------------------------------------


def arrives(pair: Pair) -> SyncLog:
    return link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=VERA)


def start_quote(pair: Pair) -> SyncLog:
    return create_from_quote_initiation.run(
        pair.salesforce_id, trigger="quote_initiation", actor=VERA
    )


def link_both(pair: Pair) -> SyncLog:
    return link_by_hand.run(
        pair.opportunity.pk, salesforce_id=pair.salesforce_id, trigger="page", actor=VERA
    )


def unlink(pair: Pair) -> SyncLog:
    return relink.run(
        pair.opportunity.pk, target=None, reason_text="wrong record", trigger="page", actor=VERA
    )


def choose_another_quote(pair: Pair) -> SyncLog:
    quote = make_quote(opportunity=pair.opportunity)
    return update_primary_quote.run(
        pair.opportunity.pk, quote_mn_id=quote.mn_id, how="manual", trigger="page", actor=VERA
    )


def ask_for_push(opportunity: Opportunity) -> None:
    outbox.request_push(opportunity_id=opportunity.pk, trigger="push_button", actor=VERA)


def work() -> SyncLog:
    """A worker sends what is due; the newest entry."""
    while claimed := claims.claim():
        push_outbound.run(claimed)
    return SyncLog.objects.filter(flow="push_outbound").latest("pk")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """On both sides."""
    arrives(pair)
    work()
    return pair


@pytest.fixture
def disconnected(pair: Pair) -> Pair:
    SalesforceConnection.objects.update(state=SalesforceConnection.State.BROKEN)
    return pair


def partner(opportunity: Opportunity) -> str | None:
    rows = Association.objects.filter(opportunity=opportunity, ended_at__isnull=True)
    return rows.values_list("salesforce_id", flat=True).first()


# --- The nine scenarios --------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", [arrives, start_quote, link_both, unlink, choose_another_quote])
def test_no_path_runs_without_a_live_connection(
    disconnected: Pair, attempt: Callable[[Pair], SyncLog]
) -> None:
    before = Opportunity.objects.count()

    assert attempt(disconnected).reason == Reason.NO_SALESFORCE_CONNECTION

    assert (Opportunity.objects.count(), Association.objects.count()) == (before, 0)
    assert not OutboundPush.objects.exists()


def test_a_push_waits_for_the_connection(disconnected: Pair) -> None:
    ask_for_push(disconnected.opportunity)

    assert work().reason == Reason.HELD_UNTIL_CONNECTED
    assert OutboundPush.objects.get().state == OutboundPush.State.HELD


def test_a_record_that_carries_an_mn_id_is_not_linked_again_through_its_quote(
    pair: Pair, org: Org
) -> None:
    fields = {MN_ID_FIELD: "opp_of_before", PRIMARY_QUOTE_FIELD: pair.quote_record}
    org.add_opportunity(pair.salesforce_id, **fields)

    entry = arrives(pair)

    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, Reason.OPPORTUNITY_ALREADY_LINKED)
    assert partner(pair.opportunity) is None


def test_without_mn_id_and_primary_quote_no_link_can_be_found(pair: Pair, org: Org) -> None:
    org.add_opportunity(pair.salesforce_id)

    entry = arrives(pair)

    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, Reason.PRIMARY_QUOTE_MISSING)
    assert partner(pair.opportunity) is None


def test_a_new_link_is_blocked_until_the_existing_one_is_resolved(linked: Pair, org: Org) -> None:
    right = sf_id()
    org.add_opportunity(right, **{PRIMARY_QUOTE_FIELD: linked.quote_record})
    anew = Pair(linked.opportunity, linked.quote, right, linked.quote_record)
    assert arrives(anew).reason == Reason.CONFLICTING_ASSOCIATION

    unlink(linked)

    assert arrives(anew).reason == Reason.LINKED
    assert partner(linked.opportunity) == right


def test_a_reference_to_a_quote_that_does_not_exist_fails_the_link(pair: Pair, org: Org) -> None:
    org.add_quote(pair.quote_record, "quote_of_nowhere")

    entry = arrives(pair)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.QUOTE_INACCESSIBLE)
    assert partner(pair.opportunity) is None


# --- Six things worth knowing --------------------------------------------------------------------


@pytest.mark.parametrize("side", ["opportunity", "record"])
def test_a_second_link_of_either_side_is_an_error(pair: Pair, side: str) -> None:
    if side == "opportunity":
        make_pairing(opportunity=pair.opportunity)
    else:
        make_pairing(salesforce_id=pair.salesforce_id)

    for attempt in (arrives, link_both):
        entry = attempt(pair)
        assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.CONFLICTING_ASSOCIATION)
    assert Association.objects.count() == 1


def test_the_link_is_stored_once_and_all_later_pushes_use_it(linked: Pair) -> None:
    for _ in range(2):
        choose_another_quote(linked)
        entry = work()
        assert (entry.resolved_by, entry.salesforce_id) == ("association", linked.salesforce_id)

    assert Association.objects.count() == 1


def test_the_primary_quote_in_salesforce_says_which_opportunity_is_linked(
    pair: Pair, org: Org
) -> None:
    other = make_quote()
    org.add_quote(pair.quote_record, other.mn_id)

    assert arrives(pair).opportunity == other.opportunity
    assert partner(pair.opportunity) is None


# --- Before you begin ----------------------------------------------------------------------------


def test_a_push_needs_a_link_that_was_made_at_some_point(pair: Pair, org: Org) -> None:
    """It is skipped until then, and goes by itself afterwards."""
    ask_for_push(pair.opportunity)
    assert work().reason == Reason.LINK_NEVER_ESTABLISHED

    link_both(pair)
    release.release_and_run()

    assert work().outcome == Outcome.DONE
    assert org.opportunity(pair.salesforce_id)[MN_ID_FIELD] == pair.opportunity.mn_id


# --- Edge cases ----------------------------------------------------------------------------------


def test_a_record_is_reassigned_after_its_mn_id_was_cleared(linked: Pair, org: Org) -> None:
    """Both halves: ours is ended, and the push clears the field."""
    other = make_quote()
    org.add_quote(record := sf_id("a0B"), other.mn_id)
    anew = Pair(make_opportunity(), other, linked.salesforce_id, record)
    assert arrives(anew).reason == Reason.OPPORTUNITY_ALREADY_LINKED

    unlink(linked)
    work()
    org.add_opportunity(linked.salesforce_id, **{PRIMARY_QUOTE_FIELD: record})

    assert arrives(anew).reason == Reason.LINKED
    assert other.opportunity is not None
    assert partner(other.opportunity) == linked.salesforce_id


def test_a_link_that_did_not_complete_leaves_nothing_to_push_to(pair: Pair, org: Org) -> None:
    make_pairing(salesforce_id=pair.salesforce_id)
    assert link_both(pair).reason == Reason.CONFLICTING_ASSOCIATION

    ask_for_push(pair.opportunity)

    entry = work()
    assert (entry.outcome, entry.reason) == (Outcome.SKIPPED, Reason.LINK_NEVER_ESTABLISHED)
    assert org.journal() == []


def test_a_primary_quote_is_chosen_before_the_deal_is_finalized(linked: Pair) -> None:
    assert choose_another_quote(linked).reason == Reason.PRIMARY_QUOTE_SET

    linked.opportunity.status = "WON"
    linked.opportunity.save(update_fields=["status"])

    assert choose_another_quote(linked).reason == Reason.ENTITY_FINALIZED


# --- Skipped and failed --------------------------------------------------------------------------


def test_skipped_found_no_target_and_failed_was_stopped_by_a_guard(pair: Pair) -> None:
    ask_for_push(pair.opportunity)
    assert work().outcome == Outcome.SKIPPED

    make_pairing(opportunity=pair.opportunity)
    assert arrives(pair).outcome == Outcome.FAILED
