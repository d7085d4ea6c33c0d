"""What tests do with a local org beyond asking the gateway."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.org import Org
from tests.salesforce.answers import opportunity_id

LINK = "monetize__Id__c"
PRIMARY = "monetize__PrimaryQuote__c"


def load_opportunities(org: Org, count: int) -> list[str]:
    ids = [opportunity_id(number) for number in range(1, count + 1)]
    org.load(
        Opportunity=[
            {"Id": one, "Name": one, "StageName": "Prospecting", "CloseDate": "2026-12-31"}
            for one in ids
        ]
    )
    return ids


def applied(org: Org) -> list[str]:
    """The opportunities that were written to, in order."""
    return [entry["record_id"] for entry in org.journal() if entry["action"] == "update"]


@contextmanager
def org_with_key(folder: Path, public_key: str) -> Iterator[str]:
    """The address of an org of its own that trusts this key."""
    (folder / "key.pem").write_text(public_key)
    arguments = ["--port", "0", "--data", str(folder / "org.db")]
    key = ["--jwt-public-key", str(folder / "key.pem")]
    with subprocess.Popen(
        [sys.executable, "-m", "localorg", *arguments, *key],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip().removeprefix("localorg: ready on ")
        finally:
            process.terminate()
