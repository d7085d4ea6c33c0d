"""Two sweepers that compare at once: one run, each pair compared once, no row twice."""

from __future__ import annotations

from functools import partial

import pytest

from console import drift_claims, drift_repairs, drift_runs, drift_slices
from console.flows import reconcile
from console.models import Drift, OutboundPush, ReconcileRun, SalesforceConnection
from tests.deal import VERA, make_deal
from tests.drift import compare, open_rows
from tests.org import Org
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cleared(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Records of pairs that lack our id, to be compared in many small slices."""
    monkeypatch.setattr(drift_slices, "PAIRS_A_SLICE", 2)
    monkeypatch.setattr(drift_slices, "PRODUCTS_A_SLICE", 2)
    monkeypatch.setattr(drift_claims, "CLAIMS_A_SLICE", 2)
    return [make_deal(org, monetize__Id__c=None).salesforce_id for _ in range(7)]


def test_two_sweepers_begin_one_run_and_compare_each_pair_once(cleared: list[str]) -> None:
    at_once(reconcile.go_on, reconcile.go_on)
    run = ReconcileRun.objects.get()
    ended = reconcile.run(run.pk)

    assert (ended.state, ended.compared, ended.opened) == ("done", 7, 7)
    assert sorted(row.salesforce_id for row in open_rows()) == sorted(cleared)


def test_a_run_of_some_and_a_run_of_all_leave_one_row_each(cleared: list[str]) -> None:
    compare()
    ours = [row.opportunity_id for row in open_rows() if row.opportunity_id]
    of_all, of_some = (
        partial(reconcile.run, drift_runs.request(trigger="t", actor=VERA, only=o).pk)
        for o in (None, ours)
    )

    at_once(of_all, of_some)

    assert len(open_rows()) == Drift.objects.count() == 7
    assert {run.state for run in ReconcileRun.objects.all()} == {"done"}


def test_two_people_who_repair_the_same_rows_ask_for_one_push_each(cleared: list[str]) -> None:
    compare()
    ids = [row.pk for row in open_rows()]
    repair = partial(drift_repairs.repair, ids, actor=VERA, urgency=OutboundPush.Urgency.BULK)

    at_once(repair, repair)

    pushes = OutboundPush.objects.filter(trigger="reconcile")
    assert sorted(pushes.values_list("requests", flat=True)) == [2] * 7
    assert {row.push_id for row in open_rows()} == {push.pk for push in pushes}
