"""The Salesforce opportunity fields that mappings read: which there are, and what they hold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console import connections, gateways
from console.models import FieldMapping, SalesforceConnection
from console.salesforce.gateway import (
    FieldInfo,
    LimitReached,
    RecordBusy,
    SalesforceError,
    Unavailable,
)
from console.salesforce.redaction import redacted_json
from syncrules.field_mapping import FieldMap, Filled, fill, unread

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What the mappings make of a record, and the values they made it of, for the log."""

    filled: Filled
    values: Any = None


NOTHING = Mapped(Filled())


def of_record(salesforce_id: str) -> Mapped:
    """What the active mappings make of the record as it is now; no call when there are none.

    Errors: SalesforceError for trouble that passes. Any other refusal is a problem of the
    mappings: the record itself was read a moment ago, so the connection is good.
    """
    maps = [FieldMap(row.source, row.target) for row in FieldMapping.objects.filter(is_active=True)]
    row = connections.in_force()
    if not maps or row is None:
        return NOTHING
    try:
        found = _read(row, salesforce_id, sources=[each.source for each in maps])
    except (Unavailable, LimitReached, RecordBusy) as error:
        connections.note_trouble(row, error)
        raise
    except SalesforceError as error:
        return Mapped(unread(maps, because=f"could not be read from Salesforce ({error})"))
    return Mapped(fill(maps, found), redacted_json(found))


def offered() -> dict[str, FieldInfo] | None:
    """The opportunity fields of the org by API name, for who chooses one; None when it cannot
    be asked just now. That is no news of the connection: the sweep looks after it."""
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        return None
    try:
        return gateways.to(row).describe_fields("Opportunity")
    except SalesforceError as error:
        logger.warning("the opportunity's fields cannot be listed: %s", error)
        return None


def _read(
    row: SalesforceConnection, salesforce_id: str, *, sources: Sequence[str]
) -> dict[str, object]:
    """Source field -> value. Of a record that went away meanwhile, nothing."""
    found = gateways.to(row).read_opportunity_fields([salesforce_id], sources)
    return found.get(salesforce_id, {})
