"""What a flow would decide now, from its own preview; and what can be said without Salesforce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from console import connections
from console.actor import Actor
from console.facts import opportunity_fact, pairings_of_opportunities, quote_fact
from console.flows import link_via_primary_quote, push_outbound, update_primary_quote
from console.models import Opportunity
from console.relinks import pending_relinks
from console.salesforce.gateway import SalesforceError
from syncrules import link_via_primary_quote as link_rule
from syncrules import push_outbound as push_rule
from syncrules import retry
from syncrules.decisions import Check, Decision
from syncrules.facts import (
    ClearingFact,
    Connection,
    LinkFacts,
    PrimaryQuoteFacts,
    PushFacts,
    RemoteOpportunity,
    TroubleFact,
)
from syncrules.located import locate

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Foresight:
    """A decision that was not carried out. `remote`: the Salesforce record as it was read just
    now; `was_asked`: whether Salesforce said anything; `trouble`: its words when it did not."""

    decision: Decision
    remote: RemoteOpportunity | None = None
    was_asked: bool = False
    trouble: str = ""


def of_link(salesforce_id: str, *, actor: Actor) -> tuple[LinkFacts, Foresight]:
    """What linking through the primary quote would come to."""
    try:
        facts, decision = link_via_primary_quote.preview(salesforce_id, actor=actor)
    except SalesforceError as error:
        silent = Connection(is_live=False, state="not answering", detail=str(error))
        facts = LinkFacts(connection=silent, salesforce_id=salesforce_id, caller=actor.name)
        return facts, Foresight(link_rule.decide(facts), trouble=str(error))
    return facts, Foresight(decision, facts.remote, was_asked=facts.connection.is_live)


def of_push(opportunity_id: int) -> tuple[PushFacts, Foresight]:
    """What a push would come to."""
    try:
        facts, decision = push_outbound.preview(opportunity_id)
    except SalesforceError as error:
        facts = _push_facts_without(error, opportunity_id=opportunity_id)
        return facts, Foresight(push_rule.decide(facts), trouble=str(error))
    return facts, Foresight(decision, facts.remote, was_asked=facts.connection.is_live)


def of_primary_quote(
    opportunity_id: int, *, quote_mn_id: str, actor: Actor
) -> tuple[PrimaryQuoteFacts, Foresight]:
    """What making the quote primary would come to. Salesforce is not asked for that."""
    facts, decision = update_primary_quote.preview(
        opportunity_id, quote_mn_id=quote_mn_id, actor=actor
    )
    return facts, Foresight(decision)


def _push_facts_without(error: SalesforceError, *, opportunity_id: int) -> PushFacts:
    """The facts that the push itself would have after the same trouble.

    A push whose record is not known asks Salesforce nothing, and so meets no trouble.
    """
    related = ("account", "primary_quote__account", "primary_quote__opportunity")
    row = Opportunity.objects.select_related(*related).get(pk=opportunity_id)
    change = pending_relinks([opportunity_id]).get(opportunity_id)
    former = change.old.salesforce_id if change and change.old else None
    facts = PushFacts(
        connection=connections.fact(connections.in_force()),
        opportunity=opportunity_fact(row),
        pairing=pairings_of_opportunities([opportunity_id]).get(opportunity_id),
        primary=quote_fact(row.primary_quote, reader=Actor.console("push"))
        if row.primary_quote
        else None,
        clearing=ClearingFact(former) if former else None,
    )
    if locate(facts.opportunity, facts.pairing).salesforce_id is None and not former:
        return facts
    meaning = retry.after_trouble(error.trouble, attempts=0, jitter=0)
    return replace(facts, trouble=TroubleFact(meaning.reason, error.code, error.words))


def only(checks: Sequence[Check[Facts]], *keys: str) -> tuple[Check[Facts], ...]:
    """Those rungs of a ladder that can be asked when only one of the parties is known."""
    return tuple(check for check in checks if check.key in keys)
