"""Whom a record belongs to, where most of the answer is known already."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from console.facts import pairings_of_records, stored_pairings
from console.models import Association
from syncrules.facts import Pairing
from tests.builders import make_pairing
from tests.facts import sf_id

pytestmark = pytest.mark.django_db


def known(*pairs: Association) -> dict[int, Pairing]:
    return dict(stored_pairings([pair.opportunity_id for pair in pairs]).values())


def ended(pair: Association) -> None:
    Association.objects.filter(pk=pair.pk).update(ended_at=Now(), ended_because="unlinked")


def test_what_is_known_and_still_in_force_is_not_read_again(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    pairs = [make_pairing(salesforce_id=sf_id()) for _ in range(3)]
    before = known(*pairs)

    with django_assert_num_queries(1):
        found = pairings_of_records([pair.salesforce_id for pair in pairs], known=before)

    assert found == pairings_of_records([pair.salesforce_id for pair in pairs])
    assert all(found[pair.salesforce_id] is before[pair.pk] for pair in pairs)


def test_what_has_ended_meanwhile_is_gone_or_somebody_elses() -> None:
    gone, taken = (make_pairing(salesforce_id=sf_id()) for _ in range(2))
    before = known(gone, taken)
    ended(gone)
    ended(taken)
    theirs = make_pairing(salesforce_id=taken.salesforce_id)

    found = pairings_of_records([gone.salesforce_id, taken.salesforce_id], known=before)

    assert set(found) == {taken.salesforce_id}
    assert found[taken.salesforce_id].opportunity_mn_id == theirs.opportunity.mn_id


def test_what_is_known_of_other_records_is_not_asked_for() -> None:
    one, other = (make_pairing(salesforce_id=sf_id()) for _ in range(2))

    found = pairings_of_records([one.salesforce_id], known=known(one, other))

    assert set(found) == {one.salesforce_id}
