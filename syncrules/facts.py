"""What a rule may know: frozen facts about both sides, as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from syncrules.attempt_facts import LostFact, StrikesFact
from syncrules.reasons import Reason

MN_ID_FIELD: Final = "monetize__Id__c"
PRIMARY_QUOTE_FIELD: Final = "monetize__PrimaryQuote__c"


class OpportunityStatus(StrEnum):
    ACTIVE = "ACTIVE"
    WON = "WON"
    LOST = "LOST"
    CANCELED = "CANCELED"


class QuoteStatus(StrEnum):
    DRAFT = "DRAFT"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    ACCEPTED_ADMIN_EDITABLE = "ACCEPTED_ADMIN_EDITABLE"
    PROCESSED = "PROCESSED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    ARCHIVED = "ARCHIVED"


FINALIZED_OPPORTUNITY: Final = frozenset(
    {OpportunityStatus.WON, OpportunityStatus.LOST, OpportunityStatus.CANCELED}
)
FINALIZED_QUOTE: Final = frozenset(
    {QuoteStatus.ACCEPTED, QuoteStatus.ACCEPTED_ADMIN_EDITABLE, QuoteStatus.PROCESSED}
)
"""The states in which the primary quote locks. No public page lists them; shown to the user."""

DEAD_QUOTE: Final = frozenset(
    {QuoteStatus.DENIED, QuoteStatus.CANCELED, QuoteStatus.EXPIRED, QuoteStatus.ARCHIVED}
)
"""States in which a quote makes no sense as a primary, though it locks nothing."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Whether Salesforce can be reached with valid credentials, and what is known if not."""

    is_live: bool
    state: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteOpportunity:
    """An opportunity as Salesforce has it now."""

    salesforce_id: str
    name: str
    account_salesforce_id: str | None
    mn_id: str | None
    primary_quote_salesforce_id: str | None
    primary_quote_mn_id: str | None
    stage_name: str | None = None
    currency: str | None = None
    is_closed: bool = False
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LocalOpportunity:
    """An opportunity as MonetizeNow has it."""

    mn_id: str
    name: str
    status: OpportunityStatus
    account_mn_id: str
    primary_quote_mn_id: str | None
    creation_reference: str | None
    """The Salesforce opportunity that was referenced when this one was created."""


@dataclass(frozen=True, slots=True)
class LocalQuote:
    """A quote as MonetizeNow has it, and whether the caller of the flow may read it."""

    mn_id: str
    status: QuoteStatus
    opportunity_mn_id: str | None
    account_mn_id: str
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Pairing:
    """A stored association: who is linked to whom, since when and by what."""

    opportunity_mn_id: str
    salesforce_id: str
    linked_at: datetime
    linked_by: str
    actor: str


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """An account as MonetizeNow has it, matched through the Salesforce id it carries."""

    mn_id: str
    name: str
    salesforce_id: str


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What "link via primary quote" looks at. `quote` and what follows hang on the record's
    primary quote: None where it leads to nothing."""

    connection: Connection
    salesforce_id: str
    caller: str
    remote: RemoteOpportunity | None = None
    quote: LocalQuote | None = None
    opportunity: LocalOpportunity | None = None
    pairing_of_opportunity: Pairing | None = None
    pairing_of_record: Pairing | None = None
    was_written_at: datetime | None = None
    """When a push last left the MN id of `pairing_of_record` on the record. Looked up only where
    the record carries none."""


@dataclass(frozen=True, slots=True)
class ManualLinkFacts:
    """What "link by hand" looks at: the two records a person wants to pair."""

    connection: Connection
    salesforce_id: str
    opportunity: LocalOpportunity
    remote: RemoteOpportunity | None = None
    pairing_of_opportunity: Pairing | None = None
    pairing_of_record: Pairing | None = None


@dataclass(frozen=True, slots=True)
class InitiationFacts:
    """What "create from quote initiation" looks at. `opportunity` is the one that the record is
    already paired with, the one it claims to be linked to, or the only one of `referenced_by`."""

    connection: Connection
    salesforce_id: str
    remote: RemoteOpportunity | None = None
    account: LocalAccount | None = None
    pairing_of_record: Pairing | None = None
    opportunity: LocalOpportunity | None = None
    referenced_by: tuple[LocalOpportunity, ...] = ()
    """MN opportunities that were created with a reference to the record and have no pair yet.
    Looked up only where the record has none either."""


@dataclass(frozen=True, slots=True)
class PrimaryQuoteFacts:
    """What "update primary quote" looks at. `present` is the quote that is primary now."""

    connection: Connection
    opportunity: LocalOpportunity
    quote_mn_id: str
    caller: str
    quote: LocalQuote | None = None
    present: LocalQuote | None = None
    pairing: Pairing | None = None


@dataclass(frozen=True, slots=True)
class RelinkFacts:
    """What "relink" looks at: the pair in force, and the record to pair with instead.

    `target` None: the pair is only ended. `pairing_of_target`: whom the record belongs to now.
    `is_undo`: there may be no pair to end, since ending it is what is undone.
    """

    connection: Connection
    opportunity: LocalOpportunity
    pairing: Pairing | None = None
    primary: LocalQuote | None = None
    old: RemoteOpportunity | None = None
    target: str | None = None
    new: RemoteOpportunity | None = None
    pairing_of_target: Pairing | None = None
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class TroubleFact:
    """Salesforce did not do what was asked: what that means for the push, and its own words."""

    reason: Reason
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class WriteFact:
    """What was sent and what became of it. `found` is what reading back showed."""

    sent: Mapping[str, str | None]
    refusal: TroubleFact | None = None
    found: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClearingFact:
    """The former partner, whose link fields Salesforce must empty before anything else."""

    salesforce_id: str
    remote: RemoteOpportunity | None = None
    refusal: TroubleFact | None = None


@dataclass(frozen=True, slots=True)
class PushFacts:
    """What "push outbound" looks at. `remote` is the record that `locate` names, None if gone.

    `trouble`: Salesforce could not be read. `clearing`: a relink left a former partner behind.
    `write`: known only after something was sent.
    """

    connection: Connection
    opportunity: LocalOpportunity
    pairing: Pairing | None = None
    trouble: TroubleFact | None = None
    remote: RemoteOpportunity | None = None
    pairing_of_record: Pairing | None = None
    quote_records: Mapping[str, str] = field(default_factory=dict)
    """MN quote id -> Salesforce id of its quote record, as far as Salesforce has one."""
    primary: LocalQuote | None = None
    clearing: ClearingFact | None = None
    write: WriteFact | None = None
    lost: LostFact | None = None
    strikes: StrikesFact | None = None
