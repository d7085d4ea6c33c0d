"""A quote: is it primary, may it become that, and may the caller know of it at all?"""

from __future__ import annotations

from dataclasses import replace

from console import connections
from console.actor import Actor
from console.explain import foresight
from console.explain.foresight import Foresight
from console.explain.of_opportunity import of_push, opportunities
from console.explain.verdict import Verdict, stand_in, veiled
from console.facts import quote_fact
from console.models import Quote
from syncrules import link_via_primary_quote as link_rule
from syncrules import update_primary_quote as primary_rule
from syncrules.decisions import climb, conclude
from syncrules.facts import (
    LinkFacts,
    LocalOpportunity,
    LocalQuote,
    OpportunityStatus,
    PrimaryQuoteFacts,
)
from syncrules.reasons import Reason


def of_quote(quote: Quote, *, actor: Actor) -> Verdict:
    fact = quote_fact(quote, reader=actor)
    if not fact.is_readable:
        return _of_hidden_quote(fact, actor=actor)
    if quote.opportunity is None:
        return _of_stray_quote(quote, fact, actor=actor)
    opportunity = opportunities().get(pk=quote.opportunity.pk)
    if opportunity.primary_quote_id == quote.pk:
        why = "The quote is the primary one of its MN opportunity, so its changes go out by a push."
        return replace(of_push(opportunity, why=why, actor=actor), quote=quote)
    facts, foreseen = foresight.of_primary_quote(
        opportunity.pk, quote_mn_id=quote.mn_id, actor=actor
    )
    if facts.present is not None and not facts.present.is_readable:
        foreseen = replace(foreseen, decision=veiled(foreseen.decision))
    return Verdict(
        why="The quote is not the primary one of its MN opportunity. It reaches Salesforce only "
        "by becoming that.",
        foresight=foreseen,
        opportunity=opportunity,
        quote=quote,
        salesforce_id=facts.pairing.salesforce_id if facts.pairing else None,
    )


def _of_hidden_quote(fact: LocalQuote, *, actor: Actor) -> Verdict:
    """Nothing of what hangs on the quote is told: the ladder starts at the rung that stops it."""
    nobody = LocalOpportunity("", "", OpportunityStatus.ACTIVE, "", None, None)
    facts = PrimaryQuoteFacts(
        connection=connections.fact(connections.in_force()),
        opportunity=nobody,
        quote_mn_id=fact.mn_id,
        caller=actor.name,
        quote=fact,
    )
    its_own = [check for check in primary_rule.CHECKS if check.key not in ("connection", "link")]
    ladder = climb(its_own, facts)
    decision = conclude(primary_rule.FLOW, ladder, otherwise=Reason.QUOTE_INACCESSIBLE, effects=())
    return Verdict(
        "Any flow that comes to this quote asks first who may read it.", Foresight(decision)
    )


def _of_stray_quote(quote: Quote, fact: LocalQuote, *, actor: Actor) -> Verdict:
    facts = LinkFacts(
        connection=connections.fact(connections.in_force()),
        salesforce_id="",
        caller=actor.name,
        remote=stand_in(primary_quote_mn_id=quote.mn_id),
        quote=fact,
    )
    keys = ("connection", "quote_is_known", "quote_is_readable", "quote_has_an_opportunity")
    ladder = climb(foresight.only(link_rule.CHECKS, *keys), facts)
    decision = conclude(
        link_rule.FLOW, ladder, otherwise=Reason.QUOTE_WITHOUT_OPPORTUNITY, effects=()
    )
    return Verdict(
        why="The quote hangs under no MN opportunity. A Salesforce opportunity that names it as "
        "its primary quote goes through this flow; the steps about the quote are shown.",
        foresight=Foresight(decision),
        quote=quote,
    )
