"""The embedded PostgreSQL and Valkey: private, and keeping what they confirmed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from console.local.errors import LocalError
from console.local.postgres import Postgres
from tests.servers import PostgresServer, ValkeyServer, start_postgres, start_valkey

pytestmark = pytest.mark.processes


@pytest.fixture
def postgres(open_folder: Path) -> Iterator[PostgresServer]:
    server = start_postgres(open_folder)
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = start_valkey(tmp_path)
    yield server
    server.stop()


def test_postgresql_keeps_what_was_committed_when_it_is_killed(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_postgresql_speaks_utf8_everywhere_alike_and_never_runs_as_root(
    postgres: PostgresServer,
) -> None:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("SELECT lower('ÄÉ'), current_setting('server_encoding')")
        assert row.fetchone() == ("äé", "UTF8")
    assert psutil.Process(postgres.pid).uids().real != 0


def test_postgresql_wants_its_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(psycopg.conninfo.make_conninfo(postgres.url, password="guess"))


def test_a_cluster_of_another_version_is_refused_with_a_way_out(open_folder: Path) -> None:
    cluster = open_folder / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(LocalError, match=r"made by PostgreSQL 9.6.*pg_dump"):
        Postgres(open_folder, durable=False, say=lambda _: None).prepare()


def test_a_killed_initdb_leaves_nothing_that_blocks_the_next(open_folder: Path) -> None:
    unfinished = open_folder / "cluster.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").touch()

    Postgres(open_folder, durable=False, say=lambda _: None).prepare()

    assert (open_folder / "cluster" / "PG_VERSION").read_text().strip()
    assert not unfinished.exists()


def test_valkey_keeps_its_queue_when_it_is_killed(valkey: ValkeyServer) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("queue", "a", "b")
    valkey.kill()
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == [b"a", b"b"]


def test_valkey_wants_its_password_and_never_evicts(valkey: ValkeyServer) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        port = client.connection_pool.connection_kwargs["port"]
    with (
        redis.Redis.from_url(f"redis://127.0.0.1:{port}", retry=None) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that the unprivileged account can reach, as a checkout usually is."""
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    return tmp_path
