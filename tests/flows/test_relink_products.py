"""A change of partner takes our products along; those that people added stay where they are."""

from __future__ import annotations

import pytest

from console import jobs
from console.actor import Actor
from console.flows import relink
from console.models import Relink, SalesforceConnection
from syncrules.facts import MN_ID_FIELD
from tests.deal import ITEM_ID, Deal, make_deal, query
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    """With its three products in Salesforce, and one more that somebody added there by hand."""
    deal = make_deal(org)
    deal.ramp()
    deal.push()
    deal.add_by_hand()
    return deal


def change_partner(deal: Deal, target: str | None) -> None:
    relink.run(
        deal.opportunity.pk, target=target, reason_text="wrong deal", trigger="page", actor=VERA
    )
    jobs.drain_outbound()


def products_of(org: Org, salesforce_id: str) -> list[str | None]:
    """The quote item ids of the record's products, None for one added by hand."""
    found = query(
        org, f"SELECT {ITEM_ID} FROM OpportunityLineItem WHERE OpportunityId = '{salesforce_id}'"
    )
    return sorted((each[ITEM_ID] for each in found), key=str)


def test_our_products_move_to_the_new_partner(deal: Deal, org: Org) -> None:
    ours = [each for each in products_of(org, deal.salesforce_id) if each]
    target = sf_id()
    org.add_opportunity(target)

    change_partner(deal, target)

    assert products_of(org, deal.salesforce_id) == [None]
    assert products_of(org, target) == ours


def test_an_unlinked_record_keeps_only_what_people_added(deal: Deal, org: Org) -> None:
    change_partner(deal, None)

    assert products_of(org, deal.salesforce_id) == [None]


def test_when_the_link_may_not_be_emptied_the_products_come_back(deal: Deal, org: Org) -> None:
    before = products_of(org, deal.salesforce_id)
    org.break_with(
        action="record_error",
        record_id=deal.salesforce_id,
        object="Opportunity",
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        times=1,
    )

    change_partner(deal, None)

    assert Relink.objects.get().state == Relink.State.COMPENSATED
    assert products_of(org, deal.salesforce_id) == before


def test_when_a_product_may_not_be_deleted_the_pair_stands(deal: Deal, org: Org) -> None:
    before = products_of(org, deal.salesforce_id)
    org.break_with(
        action="record_error",
        object="OpportunityLineItem",
        code="INSUFFICIENT_ACCESS_OR_READONLY",
        times=None,
    )

    change_partner(deal, None)

    assert Relink.objects.get().state == Relink.State.COMPENSATED
    assert products_of(org, deal.salesforce_id) == before


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_TYPE"])
def test_where_the_org_cannot_mark_products_as_ours_none_is_withdrawn(
    deal: Deal, org: Org, code: str
) -> None:
    unlink(deal, refused_with=code)

    assert Relink.objects.get().state == Relink.State.DONE


def test_when_products_may_not_be_read_the_change_waits(deal: Deal, org: Org) -> None:
    """A record that was emptied all the same would keep our products for ever."""
    before = products_of(org, deal.salesforce_id)

    unlink(deal, refused_with="API_DISABLED_FOR_ORG")

    assert Relink.objects.get().state == Relink.State.PENDING
    assert products_of(org, deal.salesforce_id) == before
    assert org.opportunity(deal.salesforce_id)[MN_ID_FIELD] == deal.opportunity.mn_id


def unlink(deal: Deal, *, refused_with: str) -> None:
    """The push reads the record with its first call; the second one, for products, is refused."""
    relink.run(
        deal.opportunity.pk, target=None, reason_text="wrong deal", trigger="page", actor=VERA
    )
    deal.org.break_with(
        action="status",
        status=400,
        body=[{"errorCode": refused_with, "message": "refused"}],
        path="composite$|query",
        nth=2,
    )
    jobs.drain_outbound()
