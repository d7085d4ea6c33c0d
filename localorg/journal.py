# ruff: noqa: S608  # column names are constants, values are parameters
"""Every write that was applied, in the order of commits, for tests and people to read later."""

from typing import Any

from localorg.jsontext import decoded, encoded
from localorg.storage import Row, Store

COLUMNS = ("seq", "at", "request_id", "action", "object", "record_id", "before", "after")


def append(
    store: Store,
    *,
    at: str,
    request_id: str,
    action: str,
    object_name: str,
    record_id: str,
    before: Row | None,
    after: Row | None,
) -> None:
    """One applied write; call it inside the transaction of that write."""
    store.later(
        "INSERT INTO journal (at, request_id, action, object, record_id, before, after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            at,
            request_id,
            action,
            object_name,
            record_id,
            _kept(before),
            _kept(after),
        ),
    )


def _kept(row: Row | None) -> str | None:
    return None if row is None else encoded(row).decode()


def entries(
    store: Store,
    *,
    after: int = 0,
    limit: int = 10_000,
    object_name: str | None = None,
    record_id: str | None = None,
    newest_first: bool = False,
) -> list[dict[str, Any]]:
    """Journal entries with a sequence number above `after`."""
    wanted = {"object": object_name, "record_id": record_id}
    given = {name: value for name, value in wanted.items() if value is not None}
    filters = "".join(f" AND {name} = ?" for name in given)
    order = "DESC" if newest_first else "ASC"
    rows = store.rows(
        f"SELECT {', '.join(COLUMNS)} FROM journal WHERE seq > ?{filters} "
        f"ORDER BY seq {order} LIMIT ?",
        (after, *given.values(), limit),
    )
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    for entry in found:
        for side in ("before", "after"):
            entry[side] = None if entry[side] is None else decoded(entry[side])
    return found


def count(store: Store) -> dict[str, int]:
    """How many entries there are, and the highest sequence number; 0 when there is none."""
    [(number, last)] = store.rows("SELECT COUNT(*), IFNULL(MAX(seq), 0) FROM journal")
    return {"count": number, "last": last}
