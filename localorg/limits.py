# ruff: noqa: S608  # names come from the schema, values are parameters
"""API calls of the last 24 hours, counted on disk, and what happens when they are used up.

Source: REST API Developer Guide, "Limits", "Limit Info Header".
"""

from localorg import times
from localorg.calls import Answer, Call
from localorg.errors import ApiError
from localorg.org import Org
from localorg.schema import SCHEMA

WINDOW_HOURS = 24


def used(org: Org) -> int:
    """Calls in the rolling window."""
    oldest = times.hours_since_epoch() - WINDOW_HOURS
    return int(org.store.value("SELECT TOTAL(calls) FROM usage WHERE hour > ?", (oldest,)))


def count_call(org: Org) -> None:
    """One more call. ApiError REQUEST_LIMIT_EXCEEDED, uncounted, when none is left."""
    if used(org) >= org.settings.api_limit:
        raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    org.store.execute(
        "INSERT INTO usage VALUES (?, 1) ON CONFLICT (hour) DO UPDATE SET calls = calls + 1",
        (times.hours_since_epoch(),),
    )


def header(org: Org) -> dict[str, str]:
    return {"Sforce-Limit-Info": f"api-usage={used(org)}/{org.settings.api_limit}"}


def read(org: Org, _call: Call) -> Answer:
    limit = org.settings.api_limit
    remaining = max(limit - used(org), 0)
    return Answer(
        200,
        {
            "DailyApiRequests": {"Max": limit, "Remaining": remaining},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DataStorageMB": {"Max": 1024, "Remaining": 1024},
        },
    )


def record_count(org: Org, call: Call) -> Answer:
    asked = [name for name in call.query.get("sObjects", "").split(",") if name]
    objects = [each for each in SCHEMA.values() if not asked or each.name in asked]
    counts = [
        {
            "name": obj.name,
            "count": org.store.value(f'SELECT COUNT(*) FROM "{obj.name}" WHERE "IsDeleted" = 0'),
        }
        for obj in objects
    ]
    return Answer(200, {"sObjects": counts})
