"""MonetizeNow's own records arrive here, one PUT for each version of a record."""

# ruff: noqa: ARG001  the signatures are ninja's

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.db import IntegrityError
from django.http import HttpRequest
from ninja import Router, Status

from console.actor import Actor
from console.api import signature
from console.api.problems import Problem
from console.api.upstream import bodies
from console.api.upstream.answers import StoredOut
from console.api.upstream.fields import is_mn_id
from console.api.upstream.schemas import (
    AccountRecord,
    OpportunityRecord,
    PricebookEntryRecord,
    ProductRecord,
    QuoteRecord,
    Record,
)
from console.upstream import catalog, opportunities, quotes
from console.upstream.records import Refusal, Stored, Why

logger = logging.getLogger(__name__)

router = Router(tags=["MonetizeNow"], auth=signature.authenticate)
_ANSWERS: Final[Any] = {200: StoredOut, 201: StoredOut}

_STATUS: Final = {
    Why.INVALID: 422,
    Why.UNKNOWN_REFERENCE: 422,
    Why.STALE_VERSION: 409,
    Why.TAKEN: 409,
    Why.STILL_PRIMARY: 409,
    Why.QUOTE_INACCESSIBLE: 403,
}


@router.put("accounts/{mn_id}", response=_ANSWERS, summary="An account")
def put_account(request: HttpRequest, mn_id: str, body: AccountRecord) -> Status[StoredOut]:
    """Stores this version of the account."""
    at, values = _version(mn_id, body)
    return _answer(mn_id, lambda: catalog.store_account(mn_id, at=at, values=values))


@router.put("products/{mn_id}", response=_ANSWERS, summary="A product")
def put_product(request: HttpRequest, mn_id: str, body: ProductRecord) -> Status[StoredOut]:
    """Stores this version of the product."""
    at, values = _version(mn_id, body)
    return _answer(mn_id, lambda: catalog.store_product(mn_id, at=at, values=values))


@router.put("pricebook-entries/{mn_id}", response=_ANSWERS, summary="A pricebook entry")
def put_pricebook_entry(
    request: HttpRequest, mn_id: str, body: PricebookEntryRecord
) -> Status[StoredOut]:
    """Stores this version of the entry. Its product comes first."""
    at, values = _version(mn_id, body)
    return _answer(mn_id, lambda: catalog.store_pricebook_entry(mn_id, at=at, values=values))


@router.put("opportunities/{mn_id}", response=_ANSWERS, summary="An opportunity")
def put_opportunity(request: HttpRequest, mn_id: str, body: OpportunityRecord) -> Status[StoredOut]:
    """Stores this version of the opportunity. Its account comes first.

    A primary quote goes through the same rule as everywhere; `decision` says how that ended.
    """
    at, values = _version(mn_id, body)
    actor = _sender(request)
    return _answer(mn_id, lambda: opportunities.store(mn_id, at=at, values=values, actor=actor))


@router.put(
    "quotes/{mn_id}",
    response=_ANSWERS,
    auth=bodies.authenticate_large,
    summary="A quote with all its items",
)
def put_quote(request: HttpRequest, mn_id: str, body: QuoteRecord) -> Status[StoredOut]:
    """Stores this version of the quote, and exactly the items in it. What it refers to comes
    first. The body may have 4 MiB."""
    at, values = _version(mn_id, body)
    items = values.pop("items")
    groups = values.pop("reader_groups", None)
    actor = _sender(request)
    return _answer(
        mn_id,
        lambda: quotes.store(
            mn_id, at=at, values=values, items=items, reader_groups=groups, actor=actor
        ),
    )


def _version(mn_id: str, body: Record) -> tuple[Any, dict[str, Any]]:
    """When the version was made, and what it says. Errors: Problem for an id that is none."""
    if not is_mn_id(mn_id):
        words = "mn_id: expected 1 to 64 letters, digits, - and _"
        raise Problem(422, "invalid", words, "mn_id")
    values = body.model_dump(exclude_unset=True)
    # The signature covers the body but not the address.
    if values.pop("mn_id", mn_id) != mn_id:
        raise Problem(422, "invalid", f"mn_id: the address says {mn_id}", "mn_id")
    return values.pop("updated_at"), values


def _sender(request: HttpRequest) -> Actor:
    return Actor.of_client(request.auth)  # type: ignore[attr-defined]


def _answer(mn_id: str, store: Callable[[], Stored]) -> Status[StoredOut]:
    try:
        stored = store()
    except Refusal as refusal:
        raise Problem(_STATUS[refusal.why], refusal.why, str(refusal), refusal.field) from None
    except IntegrityError:
        # Two calls brought one line, or one Salesforce record, at the same moment.
        logger.warning("a record collided with another call: %s", mn_id, exc_info=True)
        raise Problem(409, "collision", "Another call changed the same records; repeat.") from None
    return Status(201 if stored.is_new else 200, StoredOut.of(mn_id, stored))
