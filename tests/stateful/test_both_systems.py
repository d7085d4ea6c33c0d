"""Both systems in any order of events: pairs stay one to one, locks hold, nothing is a mystery."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.org import Org
from tests.stateful.machine import BothSystems

pytestmark = pytest.mark.django_db

_SHARED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)


def _run(org: Org, chosen: settings) -> None:
    machine = type("BothSystemsOnThisOrg", (BothSystems,), {"org": org})
    run_state_machine_as_test(machine, settings=chosen)


def test_both_systems_agree_whatever_happens(org: Org) -> None:
    _run(org, settings(_SHARED, max_examples=20, stateful_step_count=25, derandomize=True))


@pytest.mark.soak
def test_both_systems_agree_whatever_happens_at_length(org: Org) -> None:
    _run(org, settings(_SHARED, max_examples=400, stateful_step_count=40))
