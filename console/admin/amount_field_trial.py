"""How a formula fared, as the editor shows it: the place of an error, or figures of real lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString

from console.admin.parts import NONE, Tone, badge, day, link, money
from console.admin.wording import in_words
from console.amount_field_preview import Gives, Result, Trial
from console.settings_revisions import field_label
from syncrules.formula import CompileError
from syncrules.line_reasons import describe

_UNKNOWN: Final = re.compile(r"There is no (?:field|function) (\S+)\.")
_GIVES: Final[dict[Gives, tuple[str, Tone, str]]] = {
    Gives.AMOUNT: ("above zero", "good", "add_circle"),
    Gives.ZERO: ("zero", "calm", "exposure_zero"),
    Gives.NEGATIVE: ("negative", "info", "do_not_disturb_on"),
    Gives.BLANK: ("blank", "warn", "check_box_outline_blank"),
    Gives.ERROR: ("#Error!", "bad", "error"),
    Gives.UNREAD: ("not read from Salesforce yet", "warn", "cloud_off"),
}
_MOST_INPUTS: Final = 6


def context(trial: Trial, source: str, *, chosen: str) -> dict[str, Any]:
    """What the templates say of a trial of this source; `chosen` is the amount field today."""
    if trial.error is not None:
        return {"error": _error(trial.error, source)}
    if trial.counts is None:
        return {"is_slow": True}
    columns = trial.references[:_MOST_INPUTS]
    return {
        "is_slow": trial.is_slow,
        "columns": [{"name": name, "short": _short(name)} for name in columns],
        "more_inputs": len(trial.references) - len(columns),
        "counts": [
            {"count": trial.counts.get(kind, 0), "text": text, "tone": tone, "icon": icon}
            for kind, (text, tone, icon) in _GIVES.items()
        ],
        "rows": [_row(each) for each in trial.lines],
        "tried": trial.tried,
        "known": trial.known,
        "changes": trial.changes,
        "today": field_label(chosen),
    }


def _error(error: CompileError, source: str) -> dict[str, Any]:
    return {
        "line": error.line,
        "column": error.column,
        "reason": error.reason,
        "excerpt": error.excerpt,
        "at": _units(source[: error.position]),
        "suggestion": error.suggestion,
        "mend": _mend(error, source),
    }


def _mend(error: CompileError, source: str) -> dict[str, int] | None:
    """Where the suggestion would stand: an unknown name may be the end of a longer one."""
    unknown = _UNKNOWN.search(error.reason)
    if error.suggestion is None or unknown is None:
        return None
    start = source.lower().find(unknown[1].lower(), error.position)
    if start < 0:
        return None
    return {"start": _units(source[:start]), "end": _units(source[: start + len(unknown[1])])}


def _units(text: str) -> int:
    """Its length as a browser counts."""
    return len(text.encode("utf-16-le")) // 2


def _row(result: Result) -> dict[str, Any]:
    of = result.of
    currency = of.line.quote.currency
    product = of.line.product
    return {
        "opportunity": link(
            of.opportunity, reverse("admin:console_opportunity_change", args=[of.opportunity_id])
        ),
        "product": product.name if product else "No product",
        "type": in_words(product.type) if product else "",
        "inputs": [_held(value) for _, value in result.inputs[:_MOST_INPUTS]],
        "gives": _amount(result, currency),
        "problem": result.problem,
        "today": _today(result, currency),
        "is_change": result.is_change,
    }


def _amount(result: Result, currency: str) -> SafeString:
    if result.value is not None:
        return money(result.value, currency)
    text, tone, icon = _GIVES[result.gives]
    return badge(f"{text[0].upper()}{text[1:]}", tone, icon)


def _today(result: Result, currency: str) -> SafeString:
    today = result.of.today
    if today.value is not None:
        return money(today.value, currency)
    return (
        badge("None", "warn", "block", title=describe(today.problem).title)
        if today.problem
        else NONE
    )


def _held(value: object) -> Any:
    if value is None or value == "" or isinstance(value, Mapping):
        return NONE
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return day(value) if isinstance(value, date) else str(value)


def _short(name: str) -> str:
    """The end of a name, without what all names have."""
    return name.rpartition(".")[2].removeprefix("monetize__").removesuffix("__c")
