"""Flow B meets MN opportunities that were created for the record, though no pair is stored yet."""

from __future__ import annotations

import pytest

from console import claims
from console.flows import push_outbound
from console.models import Account, Association, Opportunity, Quote, SalesforceConnection
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing
from tests.initiations import add_account, add_record, initiate
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    return add_account(org)


@pytest.fixture
def record(account: Account, org: Org) -> str:
    return add_record(org, account)


def test_an_opportunity_that_was_created_for_the_record_is_used_and_linked(
    record: str, account: Account, org: Org
) -> None:
    opportunity = make_opportunity(account=account, creation_reference=record)

    entry = initiate(record)
    push_outbound.run(claims.claim())

    assert (entry.reason, entry.opportunity) == (Reason.OPPORTUNITY_REUSED, opportunity)
    assert Opportunity.objects.get() == opportunity
    assert Association.objects.get().opportunity == opportunity
    assert Quote.objects.get().opportunity == opportunity
    assert org.opportunity(record)[MN_ID_FIELD] == opportunity.mn_id


def test_two_that_were_created_for_the_record_are_a_conflict_that_names_both(
    record: str, account: Account
) -> None:
    twins = [make_opportunity(account=account, creation_reference=record) for _ in range(2)]

    entry = initiate(record)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.CONFLICTING_ASSOCIATION)
    assert all(twin.mn_id in str(entry.decision["steps"]) for twin in twins)
    assert Opportunity.objects.count() == 2
    assert not Quote.objects.exists()
    assert not Association.objects.exists()


def test_one_that_was_linked_elsewhere_since_no_longer_counts(
    record: str, account: Account
) -> None:
    make_pairing(opportunity=make_opportunity(account=account, creation_reference=record))

    assert initiate(record).reason == Reason.OPPORTUNITY_CREATED
    assert Opportunity.objects.count() == 2
