"""The match of one Salesforce account: what it is, who is likely, what the choice would do."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import account_search
from console.actor import Actor
from console.admin import rights
from console.admin.account_mapping import address, render, require_view
from console.admin.base import DetailPage, page_of
from console.admin.foreseen import Foreseen, foreseen, unreadable
from console.admin.parts import EMPTY, badge, code
from console.admin.said import refused
from console.admin.salesforce_links import base_url, record_link
from console.flows import map_account
from console.flows.map_account import Pair
from console.models import Account, SyncLog, Waiting
from console.salesforce.gateway import SalesforceError
from syncrules import salesforce_id as salesforce_ids
from syncrules.account_facts import RemoteAccount
from syncrules.account_match import Suggestion
from syncrules.decisions import Decision
from syncrules.prerequisites import Prerequisite
from syncrules.reasons import Outcome, Reason

PERMISSION: Final = "console.map_account"
NEW: Final = "new"
_FOUND: Final = 10


def view(page: DetailPage, request: HttpRequest, salesforce_id: str) -> HttpResponse:
    require_view(page, request)
    record = _checked(salesforce_id)
    if request.method == "POST":
        return _match(request, record)
    chosen = request.GET.get("account", "").strip()[:64]
    words = request.GET.get("q", "").strip()[:200]
    context = {
        "title": "Account mapping",
        "back": {"address": reverse("admin:console_account_mappings"), "name": "Account mapping"},
        "record_id": record,
        "record": record_link(record, sobject="Account"),
        "chosen": chosen,
        "searched": words,
        "found": _search(words),
        "waiting": Waiting.objects.filter(
            state=Waiting.State.WAITING, prerequisite=Prerequisite.ACCOUNT, key=record
        ).count(),
        **_seen(request, record, chosen),
    }
    return render(page, request, "console/account_mapping.html", context)


def _checked(salesforce_id: str) -> str:
    try:
        return salesforce_ids.to_18(salesforce_id, prefix=salesforce_ids.ACCOUNT)
    except salesforce_ids.InvalidSalesforceId as error:
        raise Http404(f"This is no Salesforce account: {error}.") from error


def _match(request: HttpRequest, record: str) -> HttpResponse:
    """What was confirmed is done; or the refusal is shown that stands in its way by now."""
    rights.require(request, PERMISSION)
    chosen = request.POST.get("account", "").strip()[:64]
    if not chosen:
        messages.error(request, "Choose an MN account first.")
        return HttpResponseRedirect(address(record))
    try:
        entry = map_account.run(
            _pair(record, chosen), trigger="account_page", actor=Actor.of_user(request.user)
        )
    except SalesforceError as error:
        messages.error(request, f"Nothing was matched: Salesforce could not be read. {error}")
        return HttpResponseRedirect(address(record, account=chosen))
    return _told(request, entry, record=record, chosen=chosen)


def _told(request: HttpRequest, entry: SyncLog, *, record: str, chosen: str) -> HttpResponse:
    if entry.outcome not in (Outcome.DONE, Outcome.NOTHING_TO_DO):
        messages.error(request, refused(entry))
        return HttpResponseRedirect(address(record, account=chosen))
    messages.success(request, f"{entry.title}. What waited for it runs again by itself.")
    return HttpResponseRedirect(page_of(Account.objects.get(salesforce_id=record)))


def _pair(record: str, chosen: str) -> Pair:
    return Pair(record, None if chosen == NEW else chosen)


def _seen(request: HttpRequest, record: str, chosen: str) -> dict[str, Any]:
    """What Salesforce says of the record, what is suggested, and what the choice would do."""
    try:
        facts, decision = map_account.preview(_pair(record, chosen or NEW))
        remote, owner = facts.remote, facts.owner
        is_open = remote is not None and owner is None and not chosen
        suggested = account_search.suggestions(remote) if remote and is_open else []
    except SalesforceError as error:
        return {"foreseen": unreadable(error), "title_of_record": record, "is_open": False}
    return {
        "title_of_record": remote.name if remote else record,
        "about": _about(remote) if remote else [],
        "owner": Account.objects.filter(salesforce_id=record).first(),
        "is_open": is_open,
        "suggestions": [_suggestion(each, record) for each in suggested],
        "create": address(record, account=NEW),
        "foreseen": _foreseen(request, decision, chosen) if chosen or remote is None else None,
    }


def _about(remote: RemoteAccount) -> list[tuple[str, Any]]:
    return [
        ("Name", remote.name),
        ("Website", remote.website or EMPTY),
        ("Country", remote.country or EMPTY),
        ("Currency", remote.currency or EMPTY),
        ("monetize__Id__c", code(remote.mn_id) if remote.mn_id else EMPTY),
    ]


def _suggestion(each: Suggestion, record: str) -> dict[str, Any]:
    look = ("Likely", "good", "thumb_up") if each.is_likely else ("Possible", "calm", "help")
    return {
        "name": each.account.name,
        "mn_id": code(each.account.mn_id),
        "badge": badge(*look),  # type: ignore[arg-type]
        "clues": each.clues,
        "page": address(record, account=each.account.mn_id),
    }


def _foreseen(request: HttpRequest, decision: Decision, chosen: str) -> Foreseen:
    goes = decision.outcome is Outcome.DONE
    is_new = chosen == NEW
    confirm = rights.control(
        request,
        "Create the MN account" if is_new else "Match these two",
        icon="add_business" if is_new else "add_link",
        address=request.path,
        permission=PERMISSION,
        lock="" if goes else "It would be refused, for the reason on this page.",
        fields=(("account", chosen),),
    )
    can_be_pressed = chosen and decision.reason is not Reason.ACCOUNT_ALREADY_LINKED
    return foreseen(
        decision,
        base=base_url(),
        headline="An MN account can be created" if is_new else "These two can be matched",
        lead="It gets the name, the website and the currency of the Salesforce account, and "
        "carries its id."
        if is_new
        else "The MN account will carry the id of the Salesforce account.",
        controls=(confirm,) if can_be_pressed else (),
    )


def _search(words: str) -> list[dict[str, Any]]:
    """A few MN accounts by name, website or id, matched ones too: they say so."""
    if not words:
        return []
    rows = Account.objects.filter(name__icontains=words) | Account.objects.filter(mn_id=words)
    return [
        {
            "name": row.name,
            "mn_id": row.mn_id,
            "carries": code(row.salesforce_id) if row.salesforce_id else "",
        }
        for row in rows.order_by("name", "pk")[:_FOUND]
    ]
