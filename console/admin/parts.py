"""Small pieces of HTML that lists and pages share. Everything from outside is escaped here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

Tone = Literal["good", "info", "warn", "bad", "calm"]

EMPTY = format_html('<span class="c-empty">{}</span>', "empty")
NONE = format_html('<span class="c-empty">{}</span>', "–")  # noqa: RUF001  a dash is meant


def badge(text: str, tone: Tone, icon: str, *, title: str = "") -> SafeString:
    """A state in words with a sign of its own: colour alone would not do."""
    return format_html(
        '<span class="c-badge c-{}" title="{}"><span class="material-symbols-outlined" '
        'aria-hidden="true">{}</span>{}</span>',
        tone,
        title,
        icon,
        text,
    )


def code(text: str | None) -> SafeString:
    """An id, to be read character by character."""
    return format_html('<code class="c-id">{}</code>', text) if text else NONE


def link(text: str, address: str) -> SafeString:
    return format_html('<a class="c-link" href="{}">{}</a>', address, text)


def outward(text: str, address: str) -> SafeString:
    """A link that leaves the console."""
    return format_html(
        '<a class="c-link" href="{}" target="_blank" rel="noopener noreferrer">{}'
        '<span class="material-symbols-outlined" aria-hidden="true">open_in_new</span></a>',
        address,
        text,
    )


def ago(moment: datetime | None) -> SafeString:
    """How long ago, or in how long; the exact time on hovering."""
    if moment is None:
        return NONE
    exact = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _distance(moment)
    )


def at(moment: datetime | None) -> SafeString:
    """The exact time, with the distance behind it."""
    if moment is None:
        return NONE
    return format_html(
        '<time datetime="{}">{} UTC</time> <span class="c-quiet">{}</span>',
        moment.isoformat(),
        f"{moment:%d %b %Y, %H:%M:%S}",
        _distance(moment),
    )


def day(date: date | None) -> SafeString | str:
    return NONE if date is None else f"{date:%d %b %Y}"


def span(start: date | None, end: date | None) -> SafeString | str:
    """From and to; open where one is missing."""
    if start is None and end is None:
        return NONE
    return f"{day(start) if start else '…'} – {day(end) if end else '…'}"  # noqa: RUF001  a dash


def money(amount: Decimal, currency: str) -> SafeString:
    return format_html('<span class="c-money">{} {}</span>', f"{amount:,.2f}", currency)


def _distance(moment: datetime) -> str:
    now = timezone.now()
    if abs(now - moment) < timedelta(minutes=1):
        return "just now" if moment <= now else "in a moment"
    if moment < now:
        return f"{timesince(moment, now, depth=1)} ago"
    return f"in {timesince(now, moment, depth=1)}"
