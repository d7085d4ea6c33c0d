"""The sample's drift: the first comparison of a new console finds some of every verdict."""

from __future__ import annotations

from collections import Counter

import pytest

from console.actor import Actor
from console.demo import scenarios
from console.demo.scenarios import Scenario
from console.drift_runs import request
from console.flows import reconcile
from console.models import Drift, ReconcileRun
from syncrules.drift import Verdict

EXPECTED = {
    Scenario.CHANGED_IN_SALESFORCE: {"theirs_changed"},
    Scenario.DELETED_PRODUCT: {"missing", "theirs_changed"},  # a product, and with it the amount
    Scenario.CHANGED_HERE: {"ours_newer"},
    Scenario.DELETED_RECORD: {"foreign"},
    Scenario.QUOTE_WITHOUT_RECORD: {"ours_newer"},
    Scenario.CLONED: {"foreign"},
    Scenario.LINK_UNKNOWN_HERE: {"foreign"},
    Scenario.PRICEBOOK_MISMATCH: {"missing"},
}


@pytest.fixture
def compared(seeded: str) -> ReconcileRun:
    return reconcile.run(request(trigger="schedule", actor=Actor.console("reconcile")).pk)


def test_the_first_comparison_finds_what_was_intended(compared: ReconcileRun) -> None:
    for scenario, verdicts in EXPECTED.items():
        for example in scenarios()[scenario]:
            rows = Drift.objects.filter(salesforce_id=example.record).exclude(field="amount")
            found = set(rows.values_list("verdict", flat=True))
            assert found
            assert found <= verdicts, (scenario, example, list(rows.values()))


def test_every_verdict_is_there_and_most_pairs_are_equal(compared: ReconcileRun) -> None:
    counts = Counter(Drift.objects.values_list("verdict", flat=True))

    assert compared.state == "done"
    assert {*counts} == {*Verdict} - {Verdict.EQUAL}
    assert compared.compared == 43
    assert compared.equal > compared.compared / 2
    assert sum(counts.values()) < 60


def test_somebody_is_named_for_what_was_changed_in_salesforce(compared: ReconcileRun) -> None:
    for example in scenarios()[Scenario.CHANGED_IN_SALESFORCE]:
        row = Drift.objects.filter(salesforce_id=example.record, field="total_price").get()
        assert row.changed_by not in ("", "Integration User")
        assert row.money == 1000
