"""The editor of a formula field: checked and tried out as somebody types, saved with a reason."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from console import (
    amount_field_preview,
    amount_field_uses,
    amount_fields,
    custom_fields,
    product_settings,
)
from console.actor import Actor
from console.admin import amount_field_help, amount_field_trial
from console.admin.base import list_of, page_of
from console.amount_fields import Draft, Refused, Saved
from console.models import AmountField
from syncrules.formula import CompileError
from syncrules.formula.parser import MAX_SOURCE

EXAMPLE: Final = """IF(
  TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME",
  monetize__Amount__c,
  monetize__IncrementalARR__c
)"""
"""The formula of "Customizing Opportunity Product Sync Process"."""
_LONGEST_SHOWN: Final = MAX_SOURCE * 2  # so that a text that is too long is told so, and where
_BLANKS: Final = (
    ("zero", "Count as zero", "A blank number is 0, so the line goes with what the rest gives."),
    (
        "blank",
        "Stay blank",
        "What is computed from a blank is blank. A line without an amount fails by name.",
    ),
)


def view(page: ModelAdmin[Any], request: HttpRequest, field: AmountField | None) -> HttpResponse:
    """The form, or where saving it leads."""
    current = _current(field)
    if request.method != "POST":
        return _form(page, request, current, _stored(request, current), errors={})
    draft = _posted(request, current)
    actor = Actor.of_user(request.user)
    try:
        saved = amount_fields.save(draft, actor=actor)
    except CompileError as error:
        said = f"{error.reason} Line {error.line}, column {error.column}."
        return _form(page, request, current, draft, errors={"formula": said})
    except Refused as refusal:
        return _form(page, request, current, draft, errors={refusal.field: str(refusal)})
    _tell(page, request, saved, is_new=current is None, actor=actor)
    return HttpResponseRedirect(page_of(saved.row))


def check(request: HttpRequest) -> HttpResponse:
    """The verdict on what was typed so far, with what it gives on real lines."""
    draft = _posted(request, None)
    return TemplateResponse(request, "console/amount_field_check.html", _tried(request, draft))


def _current(field: AmountField | None) -> AmountField | None:
    """The version in force of the field, whichever version was asked for. Errors: Http404."""
    if field is None:
        return None
    current = AmountField.objects.filter(name=field.name, is_current=True).first()
    if current is None or current.kind != AmountField.Kind.FORMULA:
        raise Http404("Only a formula field that is in force can be edited here.")
    return current


def _stored(request: HttpRequest, current: AmountField | None) -> Draft:
    """What the form begins with: nothing, the version in force, or an older one to go back to."""
    if current is None:
        return Draft("", "", "", AmountField.Blanks.ZERO)
    older = request.GET.get("version", "")
    versions = AmountField.objects.filter(name=current.name, kind=AmountField.Kind.FORMULA)
    row = versions.filter(version=older).first() if older.isascii() and older.isdigit() else None
    why = f"Back to version {row.version}" if row else ""
    row = row or current
    return Draft(row.name, row.label, row.formula, row.blanks, why, instead_of=current.pk)


def _posted(request: HttpRequest, current: AmountField | None) -> Draft:
    """What was typed. The name of a field that exists is not."""
    typed = request.POST
    base = typed.get("instead_of", "")
    return Draft(
        name=current.name if current else typed.get("name", "").strip(),
        label=typed.get("label", ""),
        # A form sends line ends as Windows writes them; places are counted without.
        formula=typed.get("formula", "").replace("\r\n", "\n")[:_LONGEST_SHOWN],
        blanks=typed.get("blanks", AmountField.Blanks.ZERO),
        why=typed.get("why", ""),
        instead_of=int(base) if current and base.isascii() and base.isdigit() else None,
    )


def _tried(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    actor = Actor.of_user(request.user)
    rows = custom_fields.current()
    trial = amount_field_preview.try_out(draft.row(), rows, reader=actor)
    is_new = request.POST.get("instead_of", "") == ""
    problem = amount_fields.name_problem(draft.name, rows) if is_new and draft.name else None
    return {
        **amount_field_trial.context(
            trial, draft.formula, chosen=product_settings.in_force().settings.amount_field
        ),
        "name_problem": problem,
        "is_empty": not draft.formula.strip(),
    }


def _form(
    page: ModelAdmin[Any],
    request: HttpRequest,
    current: AmountField | None,
    draft: Draft,
    *,
    errors: dict[str, str],
) -> HttpResponse:
    uses = current and amount_field_uses.uses(current.name, reader=Actor.of_user(request.user))
    rows = [row for row in custom_fields.current() if row.name != draft.name]
    request.current_app = page.admin_site.name
    back = page_of(current) if current else list_of(AmountField)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Edit {current.label}" if current else "New formula field",
        "back": {"address": back, "name": current.label if current else "Currency fields"},
        "current": current,
        "draft": draft,
        "errors": errors,
        "is_pushing": not errors or request.POST.get("push") == "on",
        "blank_modes": [
            {"value": value, "label": label, "help": text, "is_chosen": value == draft.blanks}
            for value, label, text in _BLANKS
        ],
        "uses": uses,
        "example": EXAMPLE,
        "longest": MAX_SOURCE,
        "next_version": current.version + 1 if current else 1,
        "objects": amount_field_help.objects(custom_fields.mentionable(rows)),
        "families": amount_field_help.families(),
        **_tried(request, draft),
    }
    return TemplateResponse(request, "console/amount_field_edit.html", context)


def _tell(
    page: ModelAdmin[Any], request: HttpRequest, saved: Saved, *, is_new: bool, actor: Actor
) -> None:
    """Leaves an entry in the admin's own log, and says what follows from the change."""
    row = saved.row
    note = f"Version {row.version}: {row.note}"
    log = page.log_addition if is_new else page.log_change
    log(request, row, note)
    said = f"{row.label}, version {row.version}, is saved."
    count = len(saved.stale)
    if not count:
        messages.success(request, f"{said} No product in Salesforce changes by it.")
    elif request.POST.get("push") == "on":
        amount_fields.push(saved.stale, actor=actor)
        messages.success(request, f"{said} Opportunities that are pushed again: {count}.")
    else:
        messages.warning(
            request,
            f"{said} Opportunities whose products in Salesforce are stale until their next push: "
            f"{count}.",
        )
