"""One attempt to bring an opportunity's products in step: from the claim to its log entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from console import endings, recording, sync_log
from console.claims import Claim, Lane
from console.durability import durably
from console.endings import Ending
from console.locks import lock_opportunities
from console.product_troubles import is_about_a_field, of_products
from console.salesforce.gateway import (
    RecordBusy,
    SalesforceError,
    WriteResult,
)
from console.salesforce.product_gateway import ProductResult, RecordWithProducts
from console.subjects import Subject
from syncrules import push_products, retry
from syncrules.attempt_facts import LostFact
from syncrules.decisions import Decision, Effect
from syncrules.facts import TroubleFact
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import ProductDifference
from syncrules.product_push_facts import ProductPushFacts, ProductWrite, RefusedChange
from syncrules.push_products import Judged


@dataclass(slots=True)
class ProductAttempt:
    """What is known of one claimed push so far; each beat of the flow adds to it."""

    claim: Claim
    subject: Subject
    facts: ProductPushFacts
    revision: int | None
    companions: int = 1
    sent: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    _refusals: list[RefusedChange] = field(default_factory=list)
    _troubles: list[retry.Afterwards] = field(default_factory=list)
    _judged: tuple[ProductPushFacts, Judged] | None = None
    _planned: ProductDifference | None = None

    @property
    def _judgement(self) -> Judged:
        """Judged once for the same facts: a long quote is not compared again for every question."""
        if self._judged is None or self._judged[0] is not self.facts:
            self._judged = (self.facts, push_products.judge(self.facts))
        return self._judged[1]

    @property
    def decision(self) -> Decision:
        return self._judgement.decision

    @property
    def must_write(self) -> bool:
        return self.decision.has(Effect.WRITE_PRODUCTS)

    @property
    def changes(self) -> int:
        """How many products differ, as far as Salesforce was read."""
        planned = self._judgement.difference
        if planned is None:
            return 0
        return sum(change.action is not Action.LEAVE for change in planned.changes)

    @property
    def salesforce_id(self) -> str:
        """The record that the products are on; empty when none is known."""
        return self.facts.pairing.salesforce_id if self.facts.pairing else ""

    def could_not_read(self, error: SalesforceError, *, together: int) -> None:
        """Salesforce did not tell what it has; nothing was sent. `together`: pushes that asked."""
        whole = retry.Whole(retry.Call.READ, together)
        self.facts = replace(self.facts, trouble=self._trouble(error, whole))

    @property
    def planned(self) -> ProductDifference:
        """What was found to differ before anything was sent."""
        assert self._planned is not None, "asked only while sending"
        return self._planned

    def begin(self, *, together: int) -> None:
        """Something is about to be sent, with that of so many opportunities in the same calls."""
        self.companions = together
        self._planned = self._judgement.difference
        self.facts = replace(self.facts, write=ProductWrite())

    def pricebook_was_answered(self, result: WriteResult, *, sent: Any) -> None:
        """The opportunity took its price book, or nothing else is sent to it."""
        self.sent.append({"action": "set price book", **sent})
        self.answers.append(dict(result.answer))
        if result.error is not None:
            whole = endings.whole(result, together=self.companions)
            self._note(pricebook_refusal=self._trouble(result.error, whole))

    def was_answered(self, change: ProductChange, result: ProductResult) -> None:
        """One product was taken, or refused; the others go on."""
        if result.sent:
            self.sent.append({"action": change.action.value, **result.sent})
            self.answers.append(dict(result.answer))
        if result.error is not None:
            whole = endings.whole(result, together=self.companions)
            self._was_refused(change, self._trouble(result.error, whole))

    def was_given_up(self, change: ProductChange, error: SalesforceError) -> None:
        """It was not sent, since the connection met trouble before."""
        whole = retry.Whole(retry.Call.READ, self.companions)
        self._was_refused(change, self._trouble(error, whole))

    def was_read_back(self, found: RecordWithProducts | None) -> None:
        """What the opportunity holds after the write."""
        if found is None:
            gone = RecordBusy("GONE_MEANWHILE", "the opportunity was not found on reading back")
            self.could_not_read_back(gone)
        else:
            self._note(found=found.products)

    def could_not_read_back(self, error: SalesforceError) -> None:
        """Nobody knows whether everything was kept: the next attempt looks again."""
        whole = retry.Whole(retry.Call.READ_BACK, self.companions)
        self._note(unread=self._trouble(error, whole))

    @property
    def is_stopped(self) -> bool:
        """Whether the opportunity refused its price book, without which it takes no product."""
        return self._write.pricebook_refusal is not None

    def refusal_of_deletion(self, change: ProductChange) -> TroubleFact | None:
        """Why the product is still there that a new one was to replace."""
        return next(
            (
                each.trouble
                for each in self._refusals
                if each.action is Action.DELETE and each.line_mn_id == change.line_mn_id
            ),
            None,
        )

    def waits_for_deletion(self, change: ProductChange, because: TroubleFact) -> None:
        """Sent now, the new product would be refused as a second one of its line."""
        self._was_refused(change, because)

    def sent_all(self) -> None:
        """Everything was sent that will be."""
        self._note(refusals=tuple(self._refusals))

    @property
    def has_sent(self) -> bool:
        """Whether something may have arrived in Salesforce."""
        return bool(self.sent)

    def columns(self) -> dict[str, Any]:
        """What its log entry says beside facts and decision."""
        return {
            "salesforce_id": self.salesforce_id,
            "resolved_by": "association" if self.salesforce_id else "nothing",
            "settings_revision": self.revision,
            "request": self.sent or None,
            "response": self.answers or None,
        }

    def without_a_trace(self) -> tuple[ProductPushFacts, Decision]:
        """The attempt before this one, whose worker never said how it went."""
        known = self.facts
        lost = LostFact(self.claim.lost_by or "")
        facts = ProductPushFacts(
            known.connection, known.opportunity, known.settings, known.pairing, lost=lost
        )
        return facts, push_products.decide(facts)

    def ending(self) -> Ending:
        """Where the push goes from here."""
        afterwards = endings.combined(self._troubles)
        return endings.ending(self.decision, afterwards, detail=self._words())

    @property
    def _write(self) -> ProductWrite:
        assert self.facts.write is not None, "answered only after something was sent"
        return self.facts.write

    def _note(self, **changes: Any) -> None:
        self.facts = replace(self.facts, write=replace(self._write, **changes))

    def _was_refused(self, change: ProductChange, trouble: TroubleFact) -> None:
        refusal = RefusedChange(
            change.action, change.line_mn_id, change.product_salesforce_id, trouble
        )
        self._refusals.append(refusal)

    def _trouble(self, error: SalesforceError, whole: retry.Whole | None = None) -> TroubleFact:
        own = of_products(error)
        if is_about_a_field(error):
            whole = None  # every opportunity of the org meets it: no use in dividing the batch
        afterwards = endings.after_trouble(own, self.claim, whole=whole)
        self._troubles.append(afterwards)
        return endings.told(own, afterwards)

    def _words(self) -> str:
        """Salesforce's words, each once: a thousand lines may be refused for one reason."""
        write = self.facts.write
        met = [self.facts.trouble]
        if write is not None:
            met += [write.pricebook_refusal, write.unread, *(r.trouble for r in write.refusals)]
        told = dict.fromkeys(f"{each.code}: {each.words}" for each in met if each is not None)
        return "\n".join(list(told)[:5])


def record(attempts: Sequence[ProductAttempt], *, watch: sync_log.Stopwatch) -> int:
    """How many endings were recorded, in one transaction; those of lost claims are not."""
    recorded = durably(lambda: _record(attempts, watch=watch))
    return recording.note(recorded, watch=watch)


def _record(
    attempts: Sequence[ProductAttempt], *, watch: sync_log.Stopwatch
) -> list[ProductAttempt]:
    with transaction.atomic():
        lock_opportunities(attempt.subject.pk for attempt in attempts)
        recorded = recording.end(attempts, lane=Lane.PRODUCTS)
        recording.log(recorded, watch=watch)
        return recorded
