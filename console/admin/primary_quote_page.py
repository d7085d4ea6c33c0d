"""The primary quote of an opportunity: which it is, which it may be, which is proposed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString

from console.actor import Actor
from console.admin import addresses, lock_passport, rights, subpage, wording
from console.admin.base import DetailPage, page_of
from console.admin.parts import ago, at, badge, link, money, span
from console.admin.primary_quote_confirm import PERMISSION, confirm
from console.admin.said import refused
from console.facts import may_read
from console.flows import update_primary_quote
from console.flows.update_primary_quote import Foreseen as Previewed
from console.models import Opportunity
from syncrules.decisions import Decision
from syncrules.facts import DEAD_QUOTE, FINALIZED_OPPORTUNITY, FINALIZED_QUOTE
from syncrules.propose_primary_quote import ORDER, Candidate, Proposal, propose
from syncrules.reasons import Outcome, Reason

QUOTES_SHOWN: Final = 50
BY_HAND: Final = "chosen by hand"
PROPOSED: Final = "accepted proposal"
PRIMARY: Final = badge("Primary now", "info", "star")
ELIGIBLE: Final = badge("Can be primary", "good", "check")
CANNOT: Final = badge("Cannot be primary", "calm", "block")
_REFUSALS: Final = {
    Reason.ENTITY_FINALIZED: badge("Locked", "calm", "lock"),
    Reason.NO_SALESFORCE_CONNECTION: badge("No connection", "warn", "cloud_off"),
}
IS_PROPOSED: Final = badge("Proposed", "warn", "lightbulb")


def view(page: DetailPage, request: HttpRequest, object_id: str) -> HttpResponse:
    """All quotes with their verdicts; with `quote` the page that asks to confirm it."""
    opportunity = page.find(request, object_id)
    if request.method == "POST":
        return _set(request, opportunity)
    asked = request.GET.get("quote", "")
    return subpage.render(
        page,
        request,
        opportunity,
        template="console/primary_quote_confirm.html" if asked else "console/primary_quote.html",
        title="Primary quote",
        context={
            "locks": locking_states(),
            **(confirm(request, opportunity, asked) if asked else _choose(request, opportunity)),
        },
    )


def locking_states() -> dict[str, Any]:
    """The states that lock or forbid, from the constants that the rule goes by."""
    return {
        "quotes": [wording.in_words(each) for each in sorted(FINALIZED_QUOTE)],
        "opportunities": [wording.in_words(each) for each in sorted(FINALIZED_OPPORTUNITY)],
        "dead": [wording.in_words(each) for each in sorted(DEAD_QUOTE)],
        "order": [wording.in_words(each) for each in ORDER],
    }


def _set(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    """What was confirmed is done; or the refusal is shown that stands in its way by now."""
    rights.require(request, PERMISSION)
    actor = Actor.of_user(request.user)
    quote_mn_id = request.POST.get("quote", "")
    entry = update_primary_quote.run(
        opportunity.pk,
        quote_mn_id=quote_mn_id,
        how=_how(request, opportunity, quote_mn_id, actor=actor),
        trigger="primary_quote_page",
        actor=actor,
    )
    if entry.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO):
        messages.success(request, f"{entry.title}: {quote_mn_id}.")
        return HttpResponseRedirect(page_of(opportunity))
    messages.error(request, refused(entry))
    return HttpResponseRedirect(addresses.primary(opportunity.pk))


def _how(request: HttpRequest, opportunity: Opportunity, quote_mn_id: str, *, actor: Actor) -> str:
    """A proposal counts as accepted only if it is still the proposal when it is accepted."""
    if not request.POST.get("proposal"):
        return BY_HAND
    previews = update_primary_quote.preview_each(opportunity.pk, actor=actor, limit=QUOTES_SHOWN)
    proposal = _proposal(opportunity, previews)
    return PROPOSED if proposal and proposal.quote_mn_id == quote_mn_id else BY_HAND


def _proposal(opportunity: Opportunity, previews: Sequence[Previewed]) -> Proposal | None:
    primary = opportunity.primary_quote
    candidates = [
        Candidate(each.facts.quote, each.quote.mn_updated_at, each.decision)
        for each in previews
        if each.facts.quote is not None
    ]
    return propose(candidates, present=primary.mn_id if primary else None)


# --- Choosing ------------------------------------------------------------------------------------


def _choose(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    actor = Actor.of_user(request.user)
    previews = update_primary_quote.preview_each(opportunity.pk, actor=actor, limit=QUOTES_SHOWN)
    readable = [each for each in previews if each.facts.quote and each.facts.quote.is_readable]
    proposal = _proposal(opportunity, previews)
    return {
        "now": _now(opportunity, actor=actor),
        "lock": lock_passport.of_deal(opportunity, reader=actor),
        "proposal": proposal and _proposed(request, opportunity, proposal, readable),
        "rows": [_row(request, opportunity, each, proposal, actor=actor) for each in readable],
        "hidden": len(previews) - len(readable),
        "is_cut": len(previews) >= QUOTES_SHOWN,
    }


def _now(opportunity: Opportunity, *, actor: Actor) -> dict[str, Any] | None:
    """The present primary quote, and who or what made it so."""
    quote = opportunity.primary_quote
    if quote is None:
        return None
    by = opportunity.primary_set_by
    is_readable = may_read(quote, actor)
    return {
        "quote": link(quote.mn_id, page_of(quote)) if is_readable else None,
        "description": quote.description if is_readable else "",
        "badges": [wording.quote_status_badge(quote.status)] if is_readable else [],
        "set": at(opportunity.primary_set_at),
        "how": wording.in_words(opportunity.primary_set_how or "not known how"),
        "by": by.get_username() if by else "",
    }


def _proposed(
    request: HttpRequest,
    opportunity: Opportunity,
    proposal: Proposal,
    readable: Sequence[Previewed],
) -> dict[str, Any]:
    quote = next(each.quote for each in readable if each.quote.mn_id == proposal.quote_mn_id)
    accept = rights.door(
        request,
        "Look at the proposal",
        icon="lightbulb",
        address=addresses.primary(opportunity.pk, quote=quote.mn_id, accepted="yes"),
        permission=PERMISSION,
    )
    return {"quote": quote, "because": proposal.because, "controls": [accept]}


def _row(
    request: HttpRequest,
    opportunity: Opportunity,
    each: Previewed,
    proposal: Proposal | None,
    *,
    actor: Actor,
) -> dict[str, Any]:
    quote, decision = each.quote, each.decision
    goes = decision.outcome is Outcome.DONE
    return {
        "name": quote.mn_id,
        "quote": link(quote.mn_id, page_of(quote)),
        "description": quote.description,
        "status": wording.quote_status_badge(quote.status),
        "since": ago(quote.status_since),
        "amount": money(quote.amount, quote.currency),
        "contract": span(quote.contract_start, quote.contract_end),
        "updated": ago(quote.mn_updated_at),
        "verdict": _verdict(decision),
        "is_primary": decision.reason is Reason.ALREADY_PRIMARY,
        "proposed": IS_PROPOSED if proposal and proposal.quote_mn_id == quote.mn_id else "",
        "passport": lock_passport.of_quote(decision, opportunity, quote, reader=actor),
        "may": goes and request.user.has_perm(PERMISSION),
        "address": addresses.primary(opportunity.pk, quote=quote.mn_id),
    }


def _verdict(decision: Decision) -> SafeString:
    if decision.reason is Reason.ALREADY_PRIMARY:
        return PRIMARY
    if decision.outcome is Outcome.DONE:
        return ELIGIBLE
    return _REFUSALS.get(decision.reason, CANNOT)
