"""MonetizeNow names the primary quote of an opportunity: flow C decides, and may decide later."""

from __future__ import annotations

from typing import Final

from console import waiting
from console.actor import Actor
from console.flows import update_primary_quote
from console.models import Opportunity, SyncLog, Waiting
from syncrules.decisions import Effect
from syncrules.facts import PrimaryQuoteFacts
from syncrules.json_form import from_json
from syncrules.prerequisites import Awaited, Prerequisite
from syncrules.reasons import Reason

TRIGGER: Final = "mn_record"
HOW: Final = "told by MonetizeNow"


def tell(opportunity: Opportunity, *, quote_mn_id: str, trigger: str, actor: Actor) -> SyncLog:
    """The log entry of one attempt to make the quote primary because MonetizeNow says so.

    The opportunity usually arrives before its quote, and Salesforce may be away: such an attempt
    is noted, and runs again by itself. A lock is final.
    """
    entry = update_primary_quote.run(
        opportunity.pk, quote_mn_id=quote_mn_id, how=HOW, trigger=trigger, actor=actor
    )
    waiting.note([(entry, opportunity.mn_id, _awaited(entry))])
    return entry


def tell_again(waited: Waiting, *, trigger: str, actor: Actor) -> SyncLog:
    """The log entry of another attempt, of the quote that the waiting entry names."""
    earlier = SyncLog.objects.get(pk=waited.waiting_entry)
    opportunity = Opportunity.objects.get(mn_id=waited.subject)
    return tell(opportunity, quote_mn_id=earlier.quote_mn_id, trigger=trigger, actor=actor)


def asked_for_push(entry: SyncLog) -> bool:
    return Effect.REQUEST_PUSH.value in entry.decision["effects"]


def was_set(entry: SyncLog) -> bool:
    return entry.reason == Reason.PRIMARY_QUOTE_SET


def _awaited(entry: SyncLog) -> Awaited | None:
    if entry.reason == Reason.NO_SALESFORCE_CONNECTION:
        return Awaited(Prerequisite.CONNECTION, "")
    facts = from_json(PrimaryQuoteFacts, entry.facts)
    if entry.reason == Reason.QUOTE_INACCESSIBLE and facts.quote is None:
        return Awaited(Prerequisite.QUOTE, facts.quote_mn_id)
    return None
