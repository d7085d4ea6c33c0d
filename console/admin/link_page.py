"""Link by hand: paste a Salesforce opportunity, see both records and the verdict, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from console.actor import Actor
from console.admin import (
    addresses,
    conflict_card,
    lock_passport,
    opportunity_page,
    pasted,
    rights,
    subpage,
)
from console.admin.base import DetailPage, page_of
from console.admin.foreseen import Foreseen, foreseen, unreadable
from console.admin.lock_passport import Passport
from console.admin.said import refused
from console.admin.salesforce_links import base_url, record_link
from console.flows import link_by_hand
from console.models import Association, Opportunity
from console.salesforce.gateway import SalesforceError
from syncrules.decisions import Decision
from syncrules.facts import ManualLinkFacts
from syncrules.reasons import Outcome, Reason

PERMISSION = "console.link_opportunity"


def view(page: DetailPage, request: HttpRequest, object_id: str) -> HttpResponse:
    opportunity = page.find(request, object_id)
    if request.method == "POST":
        return _link(request, opportunity)
    asked = pasted.read(request.GET.get("record", ""))
    context: dict[str, Any] = {
        "pasted": asked,
        "present": _present(opportunity),
        "relink_address": addresses.relink(opportunity.pk),
        "about": opportunity_page.about(opportunity),
    }
    if asked.salesforce_id:
        context |= _preview(request, opportunity, asked.salesforce_id)
    return subpage.render(
        page,
        request,
        opportunity,
        template="console/link.html",
        title="Link by hand",
        context=context,
    )


def _link(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    """What was confirmed is done; or the refusal is shown that stands in its way by now."""
    rights.require(request, PERMISSION)
    asked = pasted.read(request.POST.get("record", ""))
    if asked.salesforce_id is None:
        messages.error(request, asked.problem or "Paste a Salesforce opportunity first.")
        return HttpResponseRedirect(addresses.link(opportunity.pk))
    again = addresses.link(opportunity.pk, record=asked.salesforce_id)
    try:
        entry = link_by_hand.run(
            opportunity.pk,
            salesforce_id=asked.salesforce_id,
            trigger="link_page",
            actor=Actor.of_user(request.user),
        )
    except SalesforceError as error:
        messages.error(request, f"Nothing was linked: Salesforce could not be read. {error}")
        return HttpResponseRedirect(again)
    if entry.outcome not in (Outcome.DONE, Outcome.NOTHING_TO_DO):
        messages.error(request, refused(entry))
        return HttpResponseRedirect(again)
    messages.success(request, f"{entry.title}: {opportunity.name} with {asked.salesforce_id}.")
    return HttpResponseRedirect(page_of(opportunity))


def _present(opportunity: Opportunity) -> Association | None:
    return opportunity.associations.filter(ended_at__isnull=True).first()


def _preview(request: HttpRequest, opportunity: Opportunity, salesforce_id: str) -> dict[str, Any]:
    base = base_url()
    try:
        facts, decision = link_by_hand.preview(opportunity.pk, salesforce_id=salesforce_id)
    except SalesforceError as error:
        return {"foreseen": unreadable(error)}
    return {
        "foreseen": _foreseen(request, facts, decision, base=base),
        "conflict": conflict_card.card(request, facts, decision, base=base),
        "lines": opportunity_page.lines(opportunity, facts.remote),
        "record": record_link(salesforce_id, base=base),
    }


def _foreseen(
    request: HttpRequest, facts: ManualLinkFacts, decision: Decision, *, base: str
) -> Foreseen:
    goes = decision.outcome is Outcome.DONE
    confirm = rights.control(
        request,
        "Link these two",
        icon="add_link",
        address=request.path,
        permission=PERMISSION,
        lock="" if goes else "It would be refused, for the reason on this page.",
        fields=(("record", facts.salesforce_id),),
        passport=None if goes else _passport(facts, decision, base=base),
    )
    return foreseen(
        decision,
        base=base,
        headline="These two can be linked",
        lead="The pair is stored here, and a push writes its MN id and its primary quote to "
        "Salesforce.",
        controls=() if decision.reason is Reason.ALREADY_LINKED else (confirm,),
    )


def _passport(facts: ManualLinkFacts, decision: Decision, *, base: str) -> Passport | None:
    if decision.reason is Reason.NO_SALESFORCE_CONNECTION:
        return lock_passport.of_connection()
    taken = facts.pairing_of_opportunity or facts.pairing_of_record
    if decision.reason is Reason.CONFLICTING_ASSOCIATION and taken is not None:
        return lock_passport.of_pair(taken, base=base)
    return None
