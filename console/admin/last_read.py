"""What Salesforce had when it was last looked at. A page asks Salesforce nothing itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from console.models import SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, RemoteOpportunity
from syncrules.json_form import from_json


@dataclass(frozen=True, slots=True)
class LastRead:
    """The record as the newest log entry remembers it, after what that entry wrote."""

    remote: RemoteOpportunity
    entry: SyncLog


def among(entry_ids: Collection[int]) -> LastRead | None:
    """Of the entries, the newest that saw the record."""
    seeing = SyncLog.objects.filter(pk__in=entry_ids).exclude(facts__remote=None)
    entry = seeing.only("facts", "created_at").order_by("-pk").first()
    if entry is None:
        return None
    try:
        return LastRead(_remote(entry.facts), entry)
    except ValueError:  # kept by a version whose facts this one cannot read
        return None


def _remote(facts: dict[str, Any]) -> RemoteOpportunity:
    remote = from_json(RemoteOpportunity, facts["remote"])
    found = (facts.get("write") or {}).get("found") or {}
    if MN_ID_FIELD in found:
        remote = replace(remote, mn_id=found[MN_ID_FIELD])
    if PRIMARY_QUOTE_FIELD in found:
        record = found[PRIMARY_QUOTE_FIELD]
        remote = replace(
            remote,
            primary_quote_salesforce_id=record,
            primary_quote_mn_id=_quote_of(record, facts) or remote.primary_quote_mn_id,
        )
    return remote


def _quote_of(record: str | None, facts: dict[str, Any]) -> str | None:
    known = facts.get("quote_records") or {}
    return next((mn_id for mn_id, its in known.items() if its == record), None)
