"""Any sequence of edits, links, calls, claims, crashes, lost answers and troubles, over the real
database, the real org and the real Redis: the invariants I1 to I20 hold throughout.

After every step  I1, I8, I10, I11 by tests/machine/machine.py; I17, I20 by engine.py as it drains;
                  I15, the answer to a call that is told again, by people.py; I19 by
                  `redis_forgets_everything` among the steps.
In the end        I1 to I4, I6, I7 by tests/machine/books.py; I5, I9, I12 to I14, I16, I18 by
                  tests/faults/invariants.py, which reads each transition of each push.
Elsewhere         what only processes show, in tests/faults/: I5 with wrong clocks by test_clock.py
                  and with workers side by side by test_workers.py, I19 with a dead Redis by
                  test_redis.py, I20 with one try at a time by test_login.py. That nobody changes an
                  entry of the log (I16): tests/test_history.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings
from redis import Redis

from tests.faults.transitions import watched
from tests.machine.machine import Machine
from tests.machine.surroundings import surroundings
from tests.org import Org

pytestmark = pytest.mark.django_db(transaction=True)

_ANY: Final = settings(
    deadline=None,
    stateful_step_count=30,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
CI: Final = settings(_ANY, max_examples=10, derandomize=True)
SOAK: Final = settings(_ANY, max_examples=600)


@pytest.fixture(autouse=True)
def unhurried(settings: Settings) -> None:
    """Claims outlast an example, and nothing is compared by itself."""
    settings.PUSH_LEASE = timedelta(minutes=10)
    settings.RECONCILE_EVERY = timedelta(0)


@pytest.mark.parametrize(
    "how", [CI, pytest.param(SOAK, marks=pytest.mark.soak)], ids=["ci", "soak"]
)
def test_the_outbox_keeps_its_promises(org: Org, redis: Redis, how: settings) -> None:
    with watched(), surroundings(org, redis) as around:
        machine = type("MachineInTheseSurroundings", (Machine,), {"around": around})
        run_state_machine_as_test(machine, settings=how)
