"""Unlink or change partner: choose, see the plan for both sides, confirm; then the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from console.actor import Actor
from console.admin import (
    addresses,
    lock_passport,
    pasted,
    relink_plan,
    relink_result,
    rights,
    subpage,
)
from console.admin.base import DetailPage
from console.admin.pasted import Pasted
from console.admin.said import refused
from console.flows import relink
from console.models import Opportunity, Relink, SyncLog
from console.salesforce.gateway import SalesforceError
from syncrules.reasons import Outcome

PERMISSION: Final = "console.link_opportunity"
UNLINK: Final = "unlink"
CHANGE: Final = "relink"
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What was chosen in the form. `problem`: what is missing, beside what `record` says."""

    choice: str
    record: Pasted
    why: str
    is_asked: bool

    @property
    def target(self) -> str | None:
        return self.record.salesforce_id if self.choice == CHANGE else None

    @property
    def problem(self) -> str:
        if self.choice not in (UNLINK, CHANGE):
            return "Choose whether the pair only ends or gets another partner."
        if self.choice == CHANGE and self.target is None:
            return self.record.problem or "Paste the Salesforce opportunity of the new partner."
        if not self.why:
            return "Say in a few words why the partner changes; it is kept with the old pair."
        if len(self.why) > LONGEST_REASON:
            return f"Say it in at most {LONGEST_REASON} characters."
        return ""


def _wish(sent: QueryDict) -> Wish:
    return Wish(
        choice=sent.get("choice", ""),
        record=pasted.read(sent.get("record", "")),
        why=sent.get("why", "").strip(),
        is_asked="why" in sent,
    )


def view(page: DetailPage, request: HttpRequest, object_id: str) -> HttpResponse:
    """The form; the plan, once everything is filled in; a POST carries the plan out."""
    opportunity = page.find(request, object_id)
    if request.method == "POST":
        return _carry_out(request, opportunity)
    wish = _wish(request.GET)
    pair = opportunity.associations.filter(ended_at__isnull=True).first()
    is_planned = wish.is_asked and not wish.problem
    if is_planned:
        context = relink_plan.context(request, opportunity, target=wish.target, why=wish.why)
    else:
        context = _choose(request, opportunity)
    return subpage.render(
        page,
        request,
        opportunity,
        template="console/relink_plan.html" if is_planned else "console/relink.html",
        title="Unlink or change partner",
        context={
            "wish": wish,
            "pasted": wish.record,
            "pair": pair,
            "form_address": addresses.relink(
                opportunity.pk, choice=wish.choice, record=wish.record.text
            ),
            **context,
        },
    )


def _choose(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    lock = lock_passport.of_deal(opportunity, reader=Actor.of_user(request.user))
    return {
        "lock": lock,
        "why_not": rights.missing(request, PERMISSION) or (lock.sentence if lock else ""),
        "link_address": addresses.link(opportunity.pk),
    }


def _carry_out(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    """What was confirmed is done; or the refusal is shown that stands in its way by now."""
    rights.require(request, PERMISSION)
    wish = _wish(request.POST)
    again = addresses.relink(
        opportunity.pk, choice=wish.choice, record=wish.record.text, why=wish.why
    )
    if wish.problem:
        messages.error(request, wish.problem)
        return HttpResponseRedirect(again)
    try:
        entry = relink.run(
            opportunity.pk,
            target=wish.target,
            reason_text=wish.why,
            trigger="relink_page",
            actor=Actor.of_user(request.user),
            planned_from=request.POST.get("from") or None,
        )
    except relink.PlanIsOld as error:
        messages.error(request, f"Nothing was changed. {error} This is the plan as it is now.")
        return HttpResponseRedirect(again)
    except SalesforceError as error:
        messages.error(request, f"Nothing was changed: Salesforce could not be read. {error}")
        return HttpResponseRedirect(again)
    return _answer(request, opportunity, entry, otherwise=again)


def undo(request: HttpRequest, relink_id: int) -> HttpResponse:
    """Puts the pair before the change back, if nothing else has changed since."""
    rights.require(request, PERMISSION)
    change = relink_result.find(relink_id)
    otherwise = addresses.relink_result(change.pk)
    try:
        entry = relink.undo(change.pk, trigger="relink_page", actor=Actor.of_user(request.user))
    except (relink.CannotUndo, relink.PlanIsOld) as error:
        messages.error(request, f"It cannot be undone. {error}")
        return HttpResponseRedirect(otherwise)
    except SalesforceError as error:
        messages.error(request, f"Nothing was changed: Salesforce could not be read. {error}")
        return HttpResponseRedirect(otherwise)
    return _answer(request, change.opportunity, entry, otherwise=otherwise)


def _answer(
    request: HttpRequest, opportunity: Opportunity, entry: SyncLog, *, otherwise: str
) -> HttpResponse:
    if entry.outcome != Outcome.DONE:
        messages.error(request, refused(entry))
        return HttpResponseRedirect(otherwise)
    # This person's newest change of it is the one just made: a second one would have waited for
    # the same row.
    change = Relink.objects.filter(opportunity=opportunity, actor_id=request.user.pk).latest("pk")
    messages.success(request, f"{entry.title}.")
    return HttpResponseRedirect(addresses.relink_result(change.pk))
