"""A worker runs with the rights that deploy/users.acl grants, and with no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import django_rq
import pytest
from pytest_django import Settings
from redis import AuthenticationError, Redis
from redis.exceptions import NoPermissionError

from console import doorbell, outbox
from console.actor import Actor
from console.environment import BASE_DIR
from console.local.valkey import Valkey
from console.models import OutboundPush
from tests.builders import make_pairing
from tests.deploying import DEPLOY
from tests.faults.world import database_url
from tests.pair import Pair
from tests.servers import ValkeyServer

_PASSWORD: Final = "a-password-of-the-console"
_AUDITOR: Final = "user auditor on nopass ~* &* +@all\n"
_SECONDS: Final = 40
_OUR_OWN: Final = ("bind", "port", "dir")
"""Lines of the local server's configuration that stay; the others are those of deploy/."""


class Guarded(Valkey):
    """A server with the files of deploy/, and an account that may look at its log of refusals."""

    def prepare(self) -> None:
        super().prepare()
        path = self._configuration()
        rights = path.with_name("users.acl")
        rights.write_text(
            (DEPLOY / "users.acl").read_text().replace("CHANGE-ME", _PASSWORD) + _AUDITOR
        )
        ours = [line for line in path.read_text().splitlines() if line.startswith(_OUR_OWN)]
        offered = (DEPLOY / "valkey.conf").read_text()
        path.write_text("\n".join([offered, *ours, f'aclfile "{rights}"', ""]))

    def url(self, database: int = 0, *, account: str = f"console:{_PASSWORD}") -> str:
        _, _, address = super().url(database).partition("@")
        return f"redis://{account}@{address}"


@pytest.fixture
def guarded(tmp_path: Path, settings: Settings) -> Iterator[Guarded]:
    """The console is told of it, under the console's own account."""
    service = Guarded(tmp_path)
    server = ValkeyServer(service, folder=tmp_path)
    settings.REDIS_URL = service.url()
    settings.RQ_QUEUES = {
        name: {**queue, "URL": service.url()} for name, queue in settings.RQ_QUEUES.items()
    }
    yield service
    server.stop()


@contextmanager
def _auditor(guarded: Guarded) -> Iterator[Any]:
    with Redis.from_url(guarded.url(account="auditor:any")) as client:
        yield client


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_needs_no_more_than_it_may(guarded: Guarded, pair: Pair, tmp_path: Path) -> None:
    """From its first word to its last: a push, a job that it refuses, and its maintenance."""
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    actor = Actor.console("test")
    with _auditor(guarded) as auditor, _worker(guarded, log=tmp_path / "worker.log") as worker:
        _until(lambda: doorbell.workers() == 1)
        outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="test", actor=actor)
        _until(lambda: OutboundPush.objects.filter(state=OutboundPush.State.SENT).exists())
        django_rq.get_queue(doorbell.QUEUE, connection=auditor).enqueue("os.getcwd")
        _until(lambda: auditor.zcard("rq:failed:outbound") == 1)
        worker.terminate()

        assert worker.wait(_SECONDS) == 0
        refusals = [(each["reason"], each["object"]) for each in auditor.acl_log()]
    assert refusals == []


@contextmanager
def _worker(guarded: Guarded, *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    surroundings = {"DATABASE_URL": database_url(), "REDIS_URL": guarded.url()}
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            cwd=BASE_DIR,
            env=os.environ | surroundings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _until(holds: Callable[[], bool]) -> None:
    """The limit is generous: it only ends what would never end."""
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


_BEYOND: Final = (
    ("FLUSHALL",),
    ("CONFIG", "GET", "*"),
    ("KEYS", "*"),
    ("EVAL", "return 1", "0"),
    ("SET", "session:of-somebody", "x"),
    ("PUBLISH", "news", "x"),
    ("SHUTDOWN",),
    ("ACL", "LIST"),
)


@pytest.mark.parametrize("words", _BEYOND, ids=lambda words: words[0])
def test_the_console_may_do_nothing_else(guarded: Guarded, words: tuple[str, ...]) -> None:
    with Redis.from_url(guarded.url()) as client, pytest.raises(NoPermissionError):
        client.execute_command(*words)


def test_nobody_comes_in_without_an_account(guarded: Guarded) -> None:
    for account in ("", ":", "default:", "console:a-guess"):
        address = guarded.url(account=account)
        with Redis.from_url(address) as client, pytest.raises(AuthenticationError):
            client.ping()


def test_it_keeps_what_it_was_told_and_evicts_nothing(guarded: Guarded) -> None:
    with _auditor(guarded) as auditor:
        told = auditor.config_get("append*", "maxmemory-policy")

    assert (told["appendonly"], told["appendfsync"]) == ("yes", "everysec")
    assert told["maxmemory-policy"] == "noeviction"
