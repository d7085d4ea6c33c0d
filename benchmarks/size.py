"""What 1,000,000 log entries and 100,000 opportunities cost, beside a hundredth of them.

    python -m benchmarks.size [--entries 1000000] [--opportunities 100000] [--json FILE]

Two databases of one throw-away PostgreSQL in one run, durable as in production. Each page is asked
of both in turn, so that a quiet moment of the machine favours neither, and the median counts. A
ratio of 1 says that the size does not matter.

claim       1,000 pushes out of a deep queue, beside 1,000 out of 1,000
pruning     one month while somebody keeps writing log entries, and what that one notices
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from cryptography.fernet import Fernet

from console.local.postgres import Postgres
from tests.servers import PostgresServer, start_valkey


def main() -> None:
    options = _options()
    with _stores():
        found = _measured(options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2))
    print(f"written to {options.json}")


def _measured(options: argparse.Namespace) -> dict[str, object]:
    from benchmarks import size_book, size_measures  # noqa: PLC0415  need the settings

    for database, part in ((size_measures.SMALL, 100), (size_measures.LARGE, 1)):
        size_measures.use(database)
        began = time.monotonic()
        size_book.build(
            opportunities=options.opportunities // part, entries=options.entries // part
        )
        print(f"{database}: built in {time.monotonic() - began:.0f} s", flush=True)
    return {
        "pages": size_measures.pages(options.opportunities // 100),
        "claim": size_measures.claim(options.opportunities),
        "pruning": size_measures.prune(),
    }


# --- Surroundings --------------------------------------------------------------------------------


@contextmanager
def _stores() -> Iterator[None]:
    """PostgreSQL with two databases, and a Valkey, named to Django."""
    folder = Path(tempfile.mkdtemp(prefix="console-benchmark-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account and must pass through
    postgres = Postgres(folder / "postgres", durable=True, say=print)
    server = PostgresServer(postgres, folder=folder)
    valkey = start_valkey(folder / "valkey")
    os.environ |= {
        "DATA_DIR": str(folder),
        "DATABASE_URL": server.url,
        "REDIS_URL": valkey.url,
        "LOCAL_SERVICES": "True",
        "UNCOLLECTED_STATIC": "True",
        "LOG_FORMAT": "text",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    try:
        django.setup()
        _migrate()
        yield
    finally:
        valkey.stop()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415  needs the settings
    from django.db import connection  # noqa: PLC0415

    from benchmarks.size_measures import LARGE, SMALL, use  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {SMALL} TEMPLATE {LARGE}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--opportunities", type=int, default=100_000)
    parser.add_argument("--json", type=Path, default=Path(".local/benchmarks/size.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
