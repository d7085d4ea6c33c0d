"""The page before a primary quote changes: the present one beside the new one, and the verdict."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString

from console.actor import Actor
from console.admin import addresses, lock_passport, rights, wording
from console.admin.base import page_of
from console.admin.foreseen import Foreseen, foreseen
from console.admin.parts import NONE, ago, link, money, span
from console.admin.readable import quotes_for
from console.admin.salesforce_links import base_url
from console.facts import may_read
from console.flows import update_primary_quote
from console.models import Opportunity, Quote
from syncrules.decisions import Decision
from syncrules.reasons import Outcome, Reason

PERMISSION: Final = "console.set_primary_quote"


def confirm(request: HttpRequest, opportunity: Opportunity, quote_mn_id: str) -> dict[str, Any]:
    """Errors: Http404 for a quote that is unknown or may not be read; the two look the same."""
    actor = Actor.of_user(request.user)
    related = Quote.objects.select_related("account", "opportunity").prefetch_related("readers")
    quote = quotes_for(request, related.filter(mn_id=quote_mn_id)).first()
    if quote is None:
        raise Http404("There is no such quote that you may read.")
    _, decision = update_primary_quote.preview(opportunity.pk, quote_mn_id=quote.mn_id, actor=actor)
    present = opportunity.primary_quote
    shown = present if present and may_read(present, actor) else None
    return {
        "quote": quote,
        "foreseen": _foreseen(request, opportunity, quote, decision, actor=actor),
        "is_hidden": present is not None and shown is None,
        "lines": _compared(shown, quote),
        "choose_address": addresses.primary(opportunity.pk),
    }


def _foreseen(
    request: HttpRequest,
    opportunity: Opportunity,
    quote: Quote,
    decision: Decision,
    *,
    actor: Actor,
) -> Foreseen:
    goes = decision.outcome is Outcome.DONE
    passport = lock_passport.of_quote(decision, opportunity, quote, reader=actor)
    is_proposal = bool(request.GET.get("proposal"))
    button = rights.control(
        request,
        "Accept the proposal" if is_proposal else "Make it the primary quote",
        icon="star",
        address=addresses.primary(opportunity.pk),
        permission=PERMISSION,
        lock="" if goes else (passport.sentence if passport else "It cannot be primary."),
        fields=(("quote", quote.mn_id), *((("proposal", "yes"),) if is_proposal else ())),
        passport=passport,
    )
    return foreseen(
        decision,
        base=base_url(),
        headline=f"{quote.mn_id} becomes the primary quote",
        lead="It is stored here with your name. A push carries it to Salesforce if a Salesforce "
        "opportunity is known; the deal is looked at again when you confirm, and by the push.",
        controls=() if decision.reason is Reason.ALREADY_PRIMARY else (button,),
    )


def _compared(present: Quote | None, proposed: Quote) -> list[tuple[str, Any, Any]]:
    """Name, present, proposed."""
    before = _told(present) if present else {}
    return [(name, before.get(name, NONE), value) for name, value in _told(proposed).items()]


def _told(quote: Quote) -> dict[str, SafeString | str]:
    return {
        "Quote": link(quote.mn_id, page_of(quote)),
        "Description": quote.description or NONE,
        "Status": wording.quote_status_badge(quote.status),
        "Type": wording.in_words(quote.type),
        "Amount": money(quote.amount, quote.currency),
        "Contract": span(quote.contract_start, quote.contract_end),
        "Updated in MN": ago(quote.mn_updated_at),
    }
