"""Sequences of sensible steps that once went wrong; the machine meets them by chance only."""

from __future__ import annotations

import pytest

from console import claims, link_recording, outbox
from console.actor import Actor
from console.attempts import Attempt
from console.flows import link_by_hand, link_via_primary_quote, push_outbound, relink
from console.models import Association, Opportunity, OutboundPush, Relink, SyncLog
from console.subjects import subjects
from console.sync_log import Stopwatch
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """On both sides."""
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=VERA)
    drain()
    return pair


@pytest.fixture
def elsewhere(org: Org) -> str:
    org.add_opportunity(salesforce_id := sf_id())
    return salesforce_id


def drain() -> None:
    while claimed := claims.claim():
        push_outbound.run(claimed)


def change_partner(pair: Pair, target: str | None) -> SyncLog:
    return relink.run(
        pair.opportunity.pk, target=target, reason_text="wrong record", trigger="page", actor=VERA
    )


def link(pair: Pair, salesforce_id: str) -> SyncLog:
    return link_by_hand.run(
        pair.opportunity.pk, salesforce_id=salesforce_id, trigger="page", actor=VERA
    )


def refuse_writes(org: Org, salesforce_id: str) -> None:
    org.break_with(
        action="record_error",
        record_id=salesforce_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="Nobody may change this opportunity",
        times=None,
    )


def partner(opportunity: Opportunity) -> str:
    return Association.objects.get(opportunity=opportunity, ended_at=None).salesforce_id


def mn_id(org: Org, salesforce_id: str) -> str | None:
    found: str | None = org.opportunity(salesforce_id)[MN_ID_FIELD]
    return found


def test_a_partner_that_is_given_back_before_the_push_keeps_its_link_fields(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    change_partner(linked, elsewhere)
    change_partner(linked, linked.salesforce_id)

    drain()

    assert partner(linked.opportunity) == linked.salesforce_id
    assert mn_id(org, linked.salesforce_id) == linked.opportunity.mn_id
    assert mn_id(org, elsewhere) is None
    assert not Relink.objects.filter(state=Relink.State.PENDING).exists()


def test_a_pair_that_is_linked_again_before_the_push_keeps_its_link_fields(
    linked: Pair, org: Org
) -> None:
    change_partner(linked, None)
    assert link(linked, linked.salesforce_id).reason == Reason.LINKED

    drain()

    assert mn_id(org, linked.salesforce_id) == linked.opportunity.mn_id
    assert "the partner again" in str(Relink.objects.get().steps)


def test_a_partner_that_changes_to_and_fro_before_the_push_ends_where_it_was_left(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    for target in (elsewhere, linked.salesforce_id, elsewhere):
        assert change_partner(linked, target).reason == Reason.RELINKED

    drain()

    assert mn_id(org, elsewhere) == linked.opportunity.mn_id
    assert mn_id(org, linked.salesforce_id) is None
    assert not Relink.objects.filter(state=Relink.State.PENDING).exists()


@pytest.mark.parametrize("how", ["linked by hand", "changed again"])
def test_a_refused_release_does_not_take_back_what_was_linked_since(
    linked: Pair, elsewhere: str, org: Org, how: str
) -> None:
    refuse_writes(org, linked.salesforce_id)
    if how == "linked by hand":
        change_partner(linked, None)
        link(linked, elsewhere)
    else:
        org.add_opportunity(between := sf_id())
        change_partner(linked, between)
        change_partner(linked, elsewhere)

    drain()

    assert partner(linked.opportunity) == elsewhere
    assert SyncLog.objects.latest("pk").reason == Reason.REJECTED_BY_SALESFORCE
    assert "Salesforce keeps our MN id" in str(Relink.objects.earliest("pk").steps)
    outbox.retry([OutboundPush.objects.latest("pk").pk], actor=VERA)
    drain()
    assert mn_id(org, elsewhere) == linked.opportunity.mn_id


def test_a_pair_that_was_stored_while_salesforce_was_asked_is_not_stored_twice(
    pair: Pair, org: Org
) -> None:
    Opportunity.objects.update(creation_reference=pair.salesforce_id)
    pair.opportunity.refresh_from_db()
    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="linked", actor=VERA)
    [claim] = claims.claim()
    facts, _ = push_outbound.preview(pair.opportunity.pk)
    subject = subjects([pair.opportunity.pk])[pair.opportunity.pk]
    attempt = Attempt(claim, subject, facts)

    link(pair, pair.salesforce_id)

    assert link_recording.record([attempt], watch=Stopwatch()) == 1
    assert partner(pair.opportunity) == pair.salesforce_id
