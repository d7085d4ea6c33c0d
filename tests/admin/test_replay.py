"""A log entry's page decides the kept facts again, and leads to what today's facts say."""

from __future__ import annotations

import pytest
from django.test import Client

from console.admin.base import page_of
from console.models import SyncLog
from tests.builders import make_log_entry
from tests.explain.pages import address, text
from tests.facts import link_facts
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_an_entry_says_that_today_would_decide_the_same(viewer: Client) -> None:
    page = text(viewer, page_of(make_log_entry(link_facts())))

    assert "would decide the same" in page


def test_an_entry_shows_the_first_step_that_differs(viewer: Client) -> None:
    facts = link_facts()
    entry = make_log_entry(facts)
    steps = [dict(step) for step in entry.decision["steps"]]
    steps[2] |= {"status": "blocked", "evidence": {"monetize__Id__c": "opp_of_then"}}
    kept = make_log_entry(facts)
    SyncLog.objects.bulk_create(
        [
            SyncLog(
                flow=kept.flow,
                outcome=kept.outcome,
                reason=kept.reason,
                trigger=kept.trigger,
                actor_name=kept.actor_name,
                facts=kept.facts,
                decision={**kept.decision, "steps": steps},
            )
        ]
    )

    page = text(viewer, page_of(SyncLog.objects.latest("pk")))

    assert "decide otherwise" in page
    assert "number 3: Is its MN id still empty?" in page
    assert "opp_of_then" in page


def test_an_entry_of_unknown_form_says_so(viewer: Client) -> None:
    entry = make_log_entry(link_facts())
    entry.pk, entry.flow = None, "a_flow_of_the_past"
    entry.save(force_insert=True)

    assert "no rules for" in text(viewer, page_of(entry))


def test_now_leads_to_the_explanation_of_the_same_thing(viewer: Client, pair: Pair) -> None:
    entry = make_log_entry(link_facts(), salesforce_id=pair.salesforce_id)

    page = text(viewer, page_of(entry))

    assert f'href="{address(pair.salesforce_id)}"' in page
