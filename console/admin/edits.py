"""The edits that one push covers: the latest counts, those before it were superseded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.admin import wording
from console.admin.parts import at
from console.models import OutboundPush, SyncLog


def of_push(push: OutboundPush) -> dict[str, Any] | None:
    """None where there was only one."""
    return _shown(push.requests, push.covers)


def of_entry(entry: SyncLog) -> dict[str, Any] | None:
    """None where there was only one."""
    covers = entry.covers
    return _shown(covers["count"], covers["edits"]) if covers else None


def _shown(count: int, edits: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    if count <= 1:
        return None
    newest_first = [
        {
            "at": at(datetime.fromisoformat(edit["at"])),
            "trigger": wording.trigger_in_words(edit["trigger"]),
            "by": edit["by"],
            "is_superseded": position > 0,
        }
        for position, edit in enumerate(reversed(edits))
    ]
    return {"count": count, "edits": newest_first, "older": count - len(edits)}
