"""What "sync products" may know: both sides of one opportunity, and what became of a push."""

from __future__ import annotations

from dataclasses import dataclass

from syncrules.attempt_facts import LostFact, StrikesFact
from syncrules.facts import (
    Connection,
    LocalOpportunity,
    LocalQuote,
    Pairing,
    RemoteOpportunity,
    TroubleFact,
)
from syncrules.line_facts import QuoteFacts, RemoteProducts
from syncrules.product_changes import Action
from syncrules.sync_products import ProductSyncSettings


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A change that Salesforce did not take, or that was not sent because another was refused."""

    action: Action
    line_mn_id: str | None
    product_salesforce_id: str | None
    trouble: TroubleFact


@dataclass(frozen=True, slots=True)
class ProductWrite:
    """What became of the changes that were sent. `found`: the products as read back.

    `pricebook_refusal`: the opportunity did not take its price book, so nothing else was sent.
    """

    refusals: tuple[RefusedChange, ...] = ()
    pricebook_refusal: TroubleFact | None = None
    unread: TroubleFact | None = None
    found: RemoteProducts | None = None


@dataclass(frozen=True, slots=True)
class ProductPushFacts:
    """What "sync products" looks at. `quote` is the one whose lines go: the primary one, unless a
    preview asks what another would do.

    `trouble`: Salesforce could not be read. `remote` and `products` are None where the record is
    gone, or was not asked for. `write`: known only after something was sent.
    """

    connection: Connection
    opportunity: LocalOpportunity
    settings: ProductSyncSettings
    pairing: Pairing | None = None
    primary: LocalQuote | None = None
    quote: QuoteFacts | None = None
    trouble: TroubleFact | None = None
    remote: RemoteOpportunity | None = None
    products: RemoteProducts | None = None
    write: ProductWrite | None = None
    lost: LostFact | None = None
    strikes: StrikesFact | None = None
