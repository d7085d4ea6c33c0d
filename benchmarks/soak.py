"""Five minutes of everything that can go wrong, over 5,000 opportunities that people keep editing.

    python -m benchmarks.soak [--seconds 300] [--opportunities 5000] [--seed N] [--json FILE]

Two workers and two sweepers reach PostgreSQL, Valkey and the local org through lines that break.
They are killed and stand still, crash points are set, and every server answers badly or not at all.
Then the troubles end, everything goes out, and what was committed here is compared with the org's
journal, the log and every transition of every push:

tried    changes that people have committed
lost     changes that Salesforce does not hold, and pushes that are not through
stale    records in which something older replaced something newer
doubled  writes repeated without need, and products that an opportunity had twice
others   what else must hold and does not, by tests/faults/invariants.py

The exit code is 1 unless the last four are 0. The seed decides what is drawn by lot, but not when
a process gets its turn, so that two runs differ.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.stores import Stores, running

if TYPE_CHECKING:
    from benchmarks.soak_troubles import Lines
    from tests.faults.process import Process
    from tests.faults.world import World

VERSIONS: Final = 10
WITH_PRODUCTS: Final = 0.2
"""The share of the opportunities whose quotes have lines."""
_AT_ONCE: Final = 500
_EDITED_AT_ONCE: Final = 30
_BETWEEN_EDITS: Final = 0.3
_PATIENCE: Final = "1s"
"""For so long a person who saves waits for a row."""
_LATEST_SECONDS: Final = 6
"""For so long what was sent may still arrive."""
_LONGEST_DRAIN_SECONDS: Final = 600
_POLL_SECONDS: Final = 15
_SHOWN: Final = 10


def main() -> None:
    options = _options()
    with running() as stores:
        found = _soaked(stores, options)
    evidence = found.pop("evidence")
    for name, value in found.items():
        print(f"{name:20} {value}")
    print(*evidence, sep="\n", file=sys.stderr)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**found, "evidence": evidence}, indent=2))
    print(f"written to {options.json}")
    sys.exit(any(found[each] for each in ("lost", "stale", "doubled", "others")))


def _soaked(stores: Stores, options: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.soak_troubles import (  # noqa: PLC0415  need the settings
        CRASH_POINTS,
        Troubles,
        lines,
    )
    from tests.faults.transitions import watched  # noqa: PLC0415

    logging.getLogger("console").setLevel(logging.ERROR)  # that Redis is down is no news here
    url = os.environ["DATABASE_URL"]
    with watched(), lines(stores, database_url=url) as reached:
        world = _founded(stores, reached, options)
        troubles = Troubles(world, stores, reached)
        try:
            environment = _environment(reached, redis_url=stores.valkey.url, database_url=url)
            _run_processes(world, environment, crash_points=CRASH_POINTS)
            _soak(world, troubles.go_on, seconds=options.seconds)
            troubles.end_all()
            world.kill_all()
            _run_processes(world, environment, crash_points=[""])
            drained = _drained_after(world)
        finally:
            world.kill_all()
        return {
            "seed": options.seed,
            "seconds": options.seconds,
            "opportunities": len(world.deals),
            "troubles": dict(troubles.counted),
            "drained after s": round(drained),
            **_verdict(world),
        }


# --- The company ---------------------------------------------------------------------------------


def _founded(stores: Stores, reached: Lines, options: argparse.Namespace) -> World:
    from console.models import ProductSyncSetting  # noqa: PLC0415
    from tests.builders import make_connection  # noqa: PLC0415
    from tests.faults.world import World  # noqa: PLC0415

    server = stores.org_server
    connection = make_connection(
        name="local org",
        base_url=reached.salesforce.url,
        client_id=server.client_id,
        client_secret=server.client_secret,
        is_local=True,
        share_percent=100,
    )
    stores.org.set(api_limit=100_000_000)
    ProductSyncSetting.objects.create(reason_text="all", is_active=True, is_disabled=False)
    world = World(stores.org, connection, stores.folder, options.seed)
    with_products = round(options.opportunities * WITH_PRODUCTS)
    for count, lines in ((with_products, 2), (options.opportunities - with_products, 0)):
        for start in range(0, count, _AT_ONCE):
            some = min(_AT_ONCE, count - start)
            world.make_deals(some, versions=VERSIONS, accounts=max(some // 3, 1), lines=lines)
    return world


def _environment(reached: Lines, *, redis_url: str, database_url: str) -> dict[str, str]:
    from benchmarks.soak_troubles import through  # noqa: PLC0415

    return {
        "DATABASE_URL": through(reached.database, database_url),
        "REDIS_URL": through(reached.redis, redis_url),
        "SALESFORCE_LONGEST_SECONDS": str(_LATEST_SECONDS),
        "POLL_SECONDS": str(_POLL_SECONDS),
    }


def _run_processes(
    world: World, environment: dict[str, str], *, crash_points: Sequence[str]
) -> None:
    """Two workers and two sweepers, started again whenever they end, with a crash point by lot."""

    def start(command: Callable[..., Process]) -> Process:
        return command(faults=world.random.choice(crash_points), **environment)

    for command in (world.worker, world.sweeper) * 2:
        world.supervise(partial(start, command))


# --- Before, while and after ---------------------------------------------------------------------


def _soak(world: World, go_on: Callable[[], None], *, seconds: float) -> None:
    """Everything goes out once, and people edit what they like, at any urgency."""
    from django.db import OperationalError, connection  # noqa: PLC0415

    from console.models.outbound_push import PushUrgency  # noqa: PLC0415
    from tests.faults.deals import edit_all  # noqa: PLC0415

    edit_all(world.deals, urgency=PushUrgency.BULK)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [_PATIENCE])
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        some = world.random.sample(world.deals, min(_EDITED_AT_ONCE, len(world.deals)))
        open_deals = [each for each in some if len(each.commits) <= VERSIONS]
        with suppress(OperationalError):  # whoever holds one of them stands still just now
            edit_all(open_deals, urgency=world.random.choice(list(PushUrgency)))
        go_on()
        world.start_again_what_ended()
        time.sleep(_BETWEEN_EDITS)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def _drained_after(world: World) -> float:
    """Seconds until nothing is on its way any more. People push again what was set aside."""
    from benchmarks.soak_troubles import nobody_waits_for_salesforce  # noqa: PLC0415
    from console import outbox  # noqa: PLC0415
    from console.models import OutboundPush  # noqa: PLC0415
    from tests.faults.deals import VERA  # noqa: PLC0415
    from tests.waiting_times import time_passes  # noqa: PLC0415

    began = time.monotonic()
    not_through = OutboundPush.objects.filter(
        state__in=(*OutboundPush.WAITING, OutboundPush.State.SENDING)
    )
    while not_through.exists() and time.monotonic() < began + _LONGEST_DRAIN_SECONDS:
        world.start_again_what_ended()
        time.sleep(1)
        nobody_waits_for_salesforce()
        parked = not_through.filter(state=OutboundPush.State.PARKED)
        outbox.retry(list(parked.values_list("pk", flat=True)), actor=VERA)
        if time.monotonic() > began + 2 * _LATEST_SECONDS:
            time_passes()
    return time.monotonic() - began


def _verdict(world: World) -> dict[str, Any]:
    from tests.faults import history, invariants  # noqa: PLC0415

    again = world.written_by_one_more_push()
    books = history.collect(world.org, world.deals, syncs_products=world.syncs_products)
    counted: dict[str, list[Callable[[history.History], Iterable[str]]]] = {
        "lost": [invariants.nothing_is_lost],
        "stale": [invariants.versions_only_grow],
        "doubled": [invariants.duplicates_have_a_cause, invariants.no_line_is_twice],
    }
    named = {each for checks in counted.values() for each in checks}
    counted["others"] = [each for each in invariants.INVARIANTS if each not in named]
    found = {
        name: [violation for check in checks for violation in check(books)]
        for name, checks in counted.items()
    }
    found["lost"] += [f"not through: {each}" for each in books.waiting]
    found["doubled"] += [f"written once more: {each}" for each in again]
    return {
        "attempts": len(books.entries),
        "written": len(books.writes),
        "tried": sum(len(deal.commits) - 1 for deal in world.deals),
        **{name: len(violations) for name, violations in found.items()},
        "evidence": [each for violations in found.values() for each in violations[:_SHOWN]],
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--opportunities", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path(".local/benchmarks/soak.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
