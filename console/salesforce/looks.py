"""What one call to Salesforce finds for a batch of pushes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncrules.facts import RemoteOpportunity


@dataclass(frozen=True, slots=True)
class LinkFields:
    """What an opportunity holds in the fields that a push may write."""

    mn_id: str | None
    primary_quote_salesforce_id: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """What Salesforce has now of some opportunities and of some MN quotes.

    `kept`: of opportunities that were written before, what they hold since.
    """

    opportunities: Mapping[str, RemoteOpportunity]
    quote_records: Mapping[str, str]
    kept: Mapping[str, LinkFields] = field(default_factory=dict)
