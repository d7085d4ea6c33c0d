"""The org as a process: ready line, port, signals, and records that outlive it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localorg.process import Client, LocalOrg


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LocalOrg]:
    running = LocalOrg(tmp_path / "folder" / "own.db")
    yield running
    running.end()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localorg", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_it_says_where_it_listens_and_ends_well_on_sigterm(own: LocalOrg) -> None:
    assert own.ready_line == f"localorg: ready on http://127.0.0.1:{own.port}"
    assert own.end(signal.SIGTERM) == 0


def test_a_taken_port_is_named(own: LocalOrg, tmp_path: Path) -> None:
    refused = run("--port", str(own.port), "--data", str(tmp_path / "other.db"))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"localorg: port {own.port} on 127.0.0.1 is taken by another program\n"
    )


def test_a_data_file_serves_one_process_at_a_time(own: LocalOrg) -> None:
    refused = run("--port", "0", "--data", str(own.data))

    assert refused.returncode == 1
    assert refused.stderr == f"localorg: {own.data} is in use by another local org\n"


def test_what_was_answered_survives_a_kill(own: LocalOrg) -> None:
    client = Client(own)
    record_id = client.opportunity(monetize__Id__c="opp_1")
    own.set(api_limit=77)
    used = own.control("GET", "health")["api_usage"]
    token = client.token
    own.end(signal.SIGKILL)

    own.start(port=own.port)

    assert client.token == token
    assert client.read("Opportunity", record_id)["monetize__Id__c"] == "opp_1"
    assert [entry["record_id"] for entry in own.journal()] == [record_id]
    assert own.control("GET", "settings")["api_limit"] == 77
    assert own.control("GET", "health")["api_usage"] == used + 1
    assert client.opportunity() != record_id
    client.close()


def test_options_set_limits_and_lifetimes(tmp_path: Path) -> None:
    own = LocalOrg(
        tmp_path / "own.db", "--latency-ms", "1", "--token-lifetime", "60", "--api-limit", "5"
    )

    settings = own.control("GET", "settings")

    assert settings["latency_ms"] == 1
    assert settings["token_lifetime_seconds"] == 60
    assert settings["api_limit"] == 5
    own.end()


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    refused = run("--port", "0", "--data", str(tmp_path / "x.db"), "--jwt-public-key", str(missing))

    assert refused.returncode == 2
    assert str(missing) in refused.stderr
