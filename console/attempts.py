"""One attempt to push an opportunity's link: from the claim to what its log entry says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from console import endings
from console.claims import Claim
from console.endings import Ending
from console.models import Relink
from console.salesforce.gateway import Crowded, SalesforceError, WriteResult
from console.salesforce.looks import LinkFields
from console.subjects import Subject
from syncrules import push_outbound as rule
from syncrules import retry
from syncrules.attempt_facts import LostFact
from syncrules.decisions import Decision
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    Pairing,
    PushFacts,
    TroubleFact,
    WriteFact,
)
from syncrules.located import Located, locate
from syncrules.reasons import Outcome, Reason


@dataclass(slots=True)
class Attempt:
    """What is known of one claimed push so far; each beat of the flow adds to it."""

    claim: Claim
    subject: Subject
    facts: PushFacts
    relink: Relink | None = None
    afterwards: retry.Afterwards | None = None
    result: WriteResult | None = None
    is_unread: bool = False
    """Taken by Salesforce; only reading it back can tell whether it was kept."""
    located: Located = field(init=False)
    salesforce_id: str = field(init=False)
    """The record to write to; empty when none is known."""
    _decided: tuple[PushFacts, Decision] | None = None
    _ended: tuple[PushFacts, Ending] | None = None

    def __post_init__(self) -> None:
        # What Salesforce answers changes neither.
        self.located = locate(self.facts.opportunity, self.facts.pairing)
        self.salesforce_id = self.located.salesforce_id or ""

    @property
    def decision(self) -> Decision:
        """Decided once for the same facts: a thousand ladders are climbed in every batch."""
        if self._decided is None or self._decided[0] is not self.facts:
            self._decided = (self.facts, rule.decide(self.facts))
        return self._decided[1]

    @property
    def wished(self) -> dict[str, str]:
        return rule.wished(self.facts, self.decision)

    @property
    def has_sent(self) -> bool:
        """Whether something may have arrived in Salesforce."""
        return self.result is not None and bool(self.result.sent)

    @property
    def is_quarantined(self) -> bool:
        return self.facts.strikes is not None and self.decision.reason is Reason.QUARANTINED

    def could_not_read(self, error: SalesforceError, *, together: int) -> None:
        """Salesforce did not tell what it has; nothing was sent. `together`: pushes that asked."""
        whole = retry.Whole(retry.Call.READ, together)
        self.facts = replace(self.facts, trouble=self._trouble(error, whole))

    def waits_for_another(self) -> None:
        """Another push of its batch goes to the same record first."""
        first = Crowded("IN_FLIGHT", "another push of this record goes first")
        self.facts = replace(self.facts, trouble=self._trouble(first))

    def former_partner_was_answered(self, result: WriteResult, *, together: int) -> None:
        """Salesforce emptied the former partner's link fields, or refused."""
        assert self.facts.clearing is not None
        refusal = self._refusal(result, together=together)
        self.facts = replace(self.facts, clearing=replace(self.facts.clearing, refusal=refusal))

    def was_answered(self, result: WriteResult, *, together: int) -> None:
        """Salesforce accepted the write, or refused it. `together`: records of the same call."""
        self.result, self.is_unread = result, result.error is None
        if result.error is not None:
            self._wrote(refusal=self._refusal(result, together=together))

    def was_read_back(self, kept: LinkFields | None) -> None:
        """What the record holds after the write."""
        found = {
            MN_ID_FIELD: kept.mn_id if kept else None,
            PRIMARY_QUOTE_FIELD: kept.primary_quote_salesforce_id if kept else None,
        }
        self._wrote(found=found)

    def could_not_read_back(self, error: SalesforceError) -> None:
        """Accepted, but nobody knows whether it was kept: the next attempt looks again."""
        whole = retry.Whole(retry.Call.READ_BACK, 1)
        self._wrote(refusal=self._trouble(error, whole))

    def _wrote(self, **became: Any) -> None:
        """The write is a fact when it is known what became of it."""
        self.is_unread = False
        self.facts = replace(self.facts, write=WriteFact(self.wished, **became))

    def notice_pairing(self, taken: Mapping[str, Pairing]) -> None:
        """Somebody else may have been given the record while Salesforce was asked."""
        if self.salesforce_id in taken:
            self.facts = replace(self.facts, pairing_of_record=taken[self.salesforce_id])

    def _refusal(self, result: WriteResult, *, together: int) -> TroubleFact | None:
        if result.error is None:
            return None
        return self._trouble(result.error, endings.whole(result, together=together))

    def _trouble(self, error: SalesforceError, whole: retry.Whole | None = None) -> TroubleFact:
        self.afterwards = endings.after_trouble(error, self.claim, whole=whole)
        return endings.told(error, self.afterwards)

    def ending(self) -> Ending:
        """Where the push goes from here."""
        if self._ended is None or self._ended[0] is not self.facts:
            ending = endings.ending(self.decision, self.afterwards, detail=self._words())
            self._ended = (self.facts, ending)
        return self._ended[1]

    def columns(self) -> dict[str, Any]:
        """What its log entry says beside facts and decision."""
        write = self.facts.write
        return {
            "salesforce_id": self.salesforce_id,
            "resolved_by": self.located.resolved_by,
            "request": dict(write.sent) if write else None,
            "response": dict(self.result.answer) if self.result else None,
        }

    def without_a_trace(self) -> tuple[PushFacts, Decision]:
        """The attempt before this one, whose worker never said how it went."""
        known = self.facts
        lost = LostFact(self.claim.lost_by or "")
        facts = PushFacts(known.connection, known.opportunity, known.pairing, lost=lost)
        return facts, rule.decide(facts)

    @property
    def lets_products_follow(self) -> bool:
        """Whether link and primary quote are in Salesforce, so that the quote's lines may go."""
        is_in_step = self.decision.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO)
        is_linked = bool(self.salesforce_id)
        return is_in_step and is_linked and self.facts.opportunity.primary_quote_mn_id is not None

    def _words(self) -> str:
        clearing, write = self.facts.clearing, self.facts.write
        trouble = self.facts.trouble or (clearing and clearing.refusal) or (write and write.refusal)
        return f"{trouble.code}: {trouble.words}" if trouble else ""
