"""A push is under way while somebody takes its partner away."""

from __future__ import annotations

import time

import pytest

from console import jobs
from console.actor import Actor
from console.flows import link_by_hand, relink
from console.models import Relink, SalesforceConnection
from syncrules.facts import MN_ID_FIELD
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
VERA = Actor(name="vera")


@pytest.mark.parametrize("ending", ["relink", "unlink"])
def test_a_partner_that_is_given_up_while_it_is_written_to_is_emptied_again(
    pair: Pair, connected: SalesforceConnection, org: Org, ending: str
) -> None:
    """The change read the old record before the push had marked it, and so asked for nothing."""
    target = sf_id()
    org.add_opportunity(target)
    link_by_hand.run(
        pair.opportunity.pk, salesforce_id=pair.salesforce_id, trigger="page", actor=VERA
    )
    # The push reads the record with its first query, and is held up at the second.
    org.break_with(path="query", action="delay", seconds=1.0, nth=2)

    def give_up() -> None:
        time.sleep(0.5)
        relink.run(
            pair.opportunity.pk,
            target=target if ending == "relink" else None,
            reason_text="wrong record",
            trigger="page",
            actor=VERA,
        )

    at_once(jobs.drain_outbound, give_up)
    jobs.drain_outbound()

    assert org.opportunity(pair.salesforce_id)[MN_ID_FIELD] is None
    marked = org.opportunity(target)[MN_ID_FIELD]
    assert marked == (pair.opportunity.mn_id if ending == "relink" else None)
    assert Relink.objects.get().state == Relink.State.DONE
