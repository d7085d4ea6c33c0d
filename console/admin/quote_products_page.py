"""The products of a quote as its page shows them: what goes, why, with what amount."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from console import pins, product_preview, product_settings
from console.actor import Actor
from console.admin import pinned, quote_line, rights
from console.admin.lock_passport import Passport
from console.admin.override_lock import passport
from console.admin.parts import badge, money
from console.admin.ramp_chart import ramp_charts
from console.admin.rights import Control
from console.line_facts import quote_facts
from console.models import PinnedQuote, Quote
from console.product_preview import ProductPreview
from console.settings_revisions import field_label
from syncrules.amount_fields import AMOUNT, ARR, BUILT_IN, INCREMENTAL_ARR
from syncrules.arr import Figures
from syncrules.line_reasons import LineOutcome
from syncrules.money import total
from syncrules.what_if import amount_sent

OVERRIDE: Final = "console.override_product_sync"
PIN: Final = "console.pin_quote"
LINES_SHOWN: Final = 100

IS_SENT: Final = badge("Becomes the amount", "info", "cloud_upload")
_TOO_MUCH: Final = "Every segment of a ramp counted, as if they ran side by side."
_MEANINGS: Final = {
    AMOUNT: "What the customer pays over the whole contract.",
    INCREMENTAL_ARR: "What the quote adds to a year's revenue; of a ramp the segment that lasts.",
    ARR: "The yearly figures of all lines together.",
}


def context(request: HttpRequest, quote: Quote) -> dict[str, Any]:
    """Asks Salesforce nothing: the comparison with it has a page of its own."""
    chosen = product_settings.in_force()
    facts = quote_facts([quote.pk])[quote.pk]
    preview = product_preview.of_quote(facts, chosen)
    lock = passport(quote)
    place = _place(request, len(facts.lines))
    return {
        "figures": _figures(preview),
        "sent": _sent(preview),
        "is_disabled": chosen.settings.is_disabled,
        "charts": ramp_charts(facts, preview.verdicts),
        "field": field_label(chosen.settings.amount_field),
        "lines": quote_line.rows(quote, preview, shown=slice(place, place + LINES_SHOWN)),
        "pages": _pages(place, len(facts.lines)),
        "findings": len({each.line_mn_id for each in preview.lint}),
        "override": _override(request, quote, lock),
        "lock": lock,
        "pin": _pin(request, quote, preview),
        "export": reverse("admin:console_quote_overrides_export", args=[quote.pk]),
        "import": reverse("admin:console_overrides_import") + f"?quote={quote.pk}",
        "difference": reverse("admin:console_quote_difference", args=[quote.pk]),
    }


def _figures(preview: ProductPreview) -> list[dict[str, Any]]:
    """The same lines counted in several ways, and which of them is sent."""
    chosen, currency = preview.settings.amount_field, preview.quote.terms.currency
    shown = [_figure(name, preview.arr.totals, chosen, currency) for name in _MEANINGS]
    if chosen in _MEANINGS:
        return shown
    if chosen in BUILT_IN:
        return [*shown, _figure(chosen, preview.arr.totals, chosen, currency)]
    values = [each.amount for each in preview.verdicts if each.amount is not None]
    return [
        *shown,
        {
            "label": field_label(chosen),
            "amount": money(total(values), currency),
            "meaning": "The custom currency field, of the lines that have a value.",
            "is_sent": True,
        },
    ]


def _figure(name: str, totals: Figures, chosen: str, currency: str) -> dict[str, Any]:
    value = _total_of(name, totals)
    meaning = _MEANINGS.get(name, BUILT_IN[name].definition)
    if name == ARR and totals.contributing is not None and totals.normalised > totals.contributing:
        meaning = _TOO_MUCH
    return {
        "label": BUILT_IN[name].label,
        "amount": "unknown" if value is None else money(value, currency),
        "meaning": "The contract's dates are not set." if value is None else meaning,
        "is_sent": name == chosen,
    }


def _total_of(name: str, totals: Figures) -> Decimal | None:
    of_name = {
        AMOUNT: totals.amount,
        INCREMENTAL_ARR: totals.incremental,
        ARR: totals.normalised,
    }
    if name in of_name:
        return of_name[name]
    years = [each for each in BUILT_IN if each not in of_name]
    return totals.years[years.index(name)]


def _sent(preview: ProductPreview) -> dict[str, Any]:
    outcomes = [each.outcome for each in preview.verdicts]
    return {
        "amount": money(amount_sent(preview.verdicts), preview.quote.terms.currency),
        "goes": outcomes.count(LineOutcome.GOES),
        "stays_away": outcomes.count(LineOutcome.STAYS_AWAY),
        "fails": outcomes.count(LineOutcome.FAILS),
    }


def _place(request: HttpRequest, count: int) -> int:
    """The first line to show, from the address."""
    asked = request.GET.get("from", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 7 else 1
    return (number - 1) // LINES_SHOWN * LINES_SHOWN if 0 < number <= count else 0


def _pages(place: int, count: int) -> list[dict[str, Any]]:
    if count <= LINES_SHOWN:
        return []
    return [
        {
            "first": first + 1,
            "last": min(first + LINES_SHOWN, count),
            "is_shown": first == place,
        }
        for first in range(0, count, LINES_SHOWN)
    ]


def _override(request: HttpRequest, quote: Quote, lock: Passport | None) -> Control:
    return rights.control(
        request,
        "Set",
        icon="save",
        address=reverse("admin:console_quote_override", args=[quote.pk]),
        permission=OVERRIDE,
        lock=lock.sentence if lock else "",
        passport=lock,
    )


def _pin(request: HttpRequest, quote: Quote, preview: ProductPreview) -> dict[str, Any]:
    row = PinnedQuote.objects.filter(quote=quote).first()
    found = (
        pins.check_one(row, preview.quote, preview.settings, reader=Actor.of_user(request.user))
        if row
        else None
    )
    return {
        "row": pinned.rows([found])[0] if found else None,
        "controls": _pin_controls(request, quote, found),
    }


def _pin_controls(
    request: HttpRequest, quote: Quote, found: pins.Check | None
) -> dict[str, Control]:
    def button(label: str, icon: str, name: str) -> Control:
        address = reverse(f"admin:{name}", args=[quote.pk])
        return rights.control(request, label, icon=icon, address=address, permission=PIN)

    again = "Pin what it gives now" if found and not found.holds else "Pin this quote"
    controls = {"pin": button(again, "keep", "console_quote_pin")}
    if found:
        controls["unpin"] = button("Take the pin away", "keep_off", "console_quote_unpin")
    return controls
