"""A file of account pairs: sent, shown row by row, confirmed, and done as it was shown."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import account_import, account_search, spreadsheet
from console.account_import import Result, Shown, Verdict
from console.actor import Actor
from console.admin import rights, wording
from console.admin.account_mapping import address, render, require_view, template_rows
from console.admin.account_match_page import PERMISSION
from console.admin.base import DetailPage, page_of
from console.admin.parts import badge, code, link
from console.flows.map_account import Names
from console.salesforce.gateway import SalesforceError
from console.spreadsheet import Unreadable

_TEMPLATE: Final = "console/account_mapping_import.html"
_SALT: Final = "console.account_import"
_GOOD_FOR_SECONDS: Final = 3600
_WILL_BE: Final = badge("Will be matched", "good", "add_link")
_PROBLEM: Final = badge("Not read", "bad", "error")
_CHANGED: Final = badge("Changed since it was shown", "warn", "history")


def export(page: DetailPage, request: HttpRequest) -> HttpResponse:
    """The accounts of the overview as a file whose second column is to be filled in."""
    require_view(page, request)
    listing = account_search.unmatched(look=request.GET.get("look") == "salesforce")
    text = spreadsheet.write(account_import.COLUMNS, template_rows(listing))
    # With a byte order mark, or Excel would take it for another encoding.
    answer = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="account-mapping.csv"'
    return answer


def view(page: DetailPage, request: HttpRequest) -> HttpResponse:
    require_view(page, request)
    if request.method == "POST":
        rights.require(request, PERMISSION)
        try:
            return _apply(page, request) if "shown" in request.POST else _try(page, request)
        except Unreadable as problem:
            messages.error(request, str(problem))
        except SalesforceError as error:
            messages.error(request, f"Nothing was matched: Salesforce could not be read. {error}")
        return HttpResponseRedirect(reverse("admin:console_account_mapping_import"))
    return _page(page, request, {"columns": account_import.COLUMNS[:2]})


def _page(page: DetailPage, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    shared = {
        "title": "Import account pairs",
        "may": request.user.has_perm(PERMISSION),
        "most": account_import.MOST_ROWS,
        "back": {"address": reverse("admin:console_account_mappings"), "name": "Account mapping"},
    }
    return render(page, request, _TEMPLATE, {**shared, **context})


def _try(page: DetailPage, request: HttpRequest) -> HttpResponse:
    """The verdicts, and a button that carries what they were."""
    file = request.FILES.get("file")
    if file is None:
        raise Unreadable("Choose a file first.")
    verdicts = account_import.dry_run(account_import.read_file(file.read()))
    chosen = [each for each in verdicts if each.is_to_be_done]
    confirm = rights.control(
        request,
        f"Match {len(chosen)} of {len(verdicts)}",
        icon="done_all",
        address=request.path,
        permission=PERMISSION,
        lock="" if chosen else "No row can be done.",
        fields=(("shown", _signed(chosen, request)),),
    )
    context = {"verdicts": [_verdict(each) for each in verdicts], "controls": [confirm]}
    return _page(page, request, context)


def _apply(page: DetailPage, request: HttpRequest) -> HttpResponse:
    results = account_import.apply(_confirmed(request), actor=Actor.of_user(request.user))
    done = sum(each.entry is not None and each.entry.outcome == "done" for each in results)
    context = {"results": [_result(each) for each in results], "done": done}
    return _page(page, request, context)


def _signed(verdicts: list[Verdict], request: HttpRequest) -> str:
    """Only what this person was shown can be confirmed, and only for a while."""
    rows = [
        (v.row.number, v.row.record, v.row.account, v.names.record, v.names.account)
        for v in verdicts
    ]
    return signing.dumps([request.user.pk, rows], salt=_SALT, compress=True)


def _confirmed(request: HttpRequest) -> list[Shown]:
    try:
        who, rows = signing.loads(request.POST["shown"], salt=_SALT, max_age=_GOOD_FOR_SECONDS)
    except signing.BadSignature:
        raise Unreadable("What was shown is too old by now. Send the file again.") from None
    if who != request.user.pk:
        raise Unreadable("This was shown to somebody else. Send the file yourself.")
    return [
        Shown(number, record, account, Names(of_record, of_account))
        for number, record, account, of_record, of_account in rows
    ]


def _verdict(each: Verdict) -> dict[str, Any]:
    decision = each.decision
    if decision is None:
        look, words = _PROBLEM, each.row.problem
    elif each.is_to_be_done:
        look, words = _WILL_BE, ""
    else:
        look, words = wording.outcome_badge(decision.outcome), wording.reason_title(decision.reason)
    return {
        **_pair(each.row.number, each.row.record, each.row.account, each.names),
        "badge": look,
        "words": words,
        # A row that cannot be read leads nowhere.
        "page": address(each.row.record, account=each.row.account) if decision else "",
    }


def _result(each: Result) -> dict[str, Any]:
    entry, shown = each.entry, each.shown
    return {
        **_pair(shown.number, shown.record, shown.account, shown.names),
        "badge": wording.outcome_badge(entry.outcome) if entry else _CHANGED,
        "words": link(entry.title, page_of(entry)) if entry else "Nothing was matched; look again.",
        "page": "" if entry else address(shown.record, account=shown.account),
    }


def _pair(number: int, record: str, account: str, names: Names) -> dict[str, Any]:
    return {
        "number": number,
        "record": code(record),
        "record_name": names.record,
        "account": code(account),
        "account_name": names.account,
    }
