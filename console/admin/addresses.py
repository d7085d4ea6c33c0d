"""Where the pages of pairing are, with what is filled in when they open."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode


def link(opportunity_id: int, *, record: str = "") -> str:
    return _of("console_opportunity_link", opportunity_id, record=record)


def primary(opportunity_id: int, *, quote: str = "", accepted: str = "") -> str:
    """`quote`: the page that asks to confirm this one; `accepted`: that it was proposed."""
    return _of("console_opportunity_primary", opportunity_id, quote=quote, proposal=accepted)


def relink(opportunity_id: int, *, choice: str = "", record: str = "", why: str = "") -> str:
    return _of("console_relink", opportunity_id, choice=choice, record=record, why=why)


def relink_result(relink_id: int) -> str:
    return _of("console_relink_result", relink_id)


def relink_undo(relink_id: int) -> str:
    return _of("console_relink_undo", relink_id)


def _of(name: str, pk: int, **filled_in: str) -> str:
    page = reverse(f"admin:{name}", args=[pk])
    query = urlencode({key: value for key, value in filled_in.items() if value})
    return f"{page}?{query}" if query else page
