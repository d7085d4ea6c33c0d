"""What "reconcile" may know: both sides of a pair, what was written last, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from syncrules.facts import LocalOpportunity, Pairing, RemoteOpportunity
from syncrules.line_facts import QuoteFacts, RemoteLine, RemoteProducts
from syncrules.sync_products import ProductSyncSettings


@dataclass(frozen=True, slots=True)
class RecordState:
    """An opportunity as Salesforce has it, and who changed anything about it last."""

    opportunity: RemoteOpportunity
    amount: Decimal | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenPush:
    """A push of the opportunity that has not ended. `is_moving`: it goes on by itself."""

    push_id: int
    state: str
    is_moving: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkWritten:
    """What the last push of the link that ended in step left in the record."""

    entry_id: int
    at: datetime
    primary_quote_mn_id: str | None


@dataclass(frozen=True, slots=True)
class ProductsWritten:
    """The products that the record had after the last push of them that ended in step."""

    entry_id: int
    at: datetime
    lines: tuple[RemoteLine, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The MN opportunity that a record says it is, and the record it is paired with here.

    `is_known`: whether there is such an opportunity here.
    """

    mn_id: str
    is_known: bool
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class PairFacts:
    """A stored pair. `state` None: Salesforce did not return the record. `claimed`: whom the record
    names, where that is somebody else."""

    opportunity: LocalOpportunity
    pairing: Pairing
    state: RecordState | None
    primary_set_at: datetime | None = None
    push: OpenPush | None = None
    written: LinkWritten | None = None
    claimed: Claimed | None = None


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """The products of a pair. `set_at`: when the quote, or the choice of what it sends, last
    changed."""

    opportunity: LocalOpportunity
    state: RecordState
    quote: QuoteFacts
    settings: ProductSyncSettings
    products: RemoteProducts
    set_at: datetime | None = None
    push: OpenPush | None = None
    written: ProductsWritten | None = None


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A record that carries an MN id and is nobody's partner here."""

    state: RecordState
    claimed: Claimed
