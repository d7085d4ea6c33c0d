"""What a push of a quote's products would do now: the same answer as page and command give."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Path, Router, Schema

from console.actor import Actor
from console.api import signature
from console.api.problems import Problem
from console.facts import may_read
from console.flows import sync_products
from console.models import Quote
from console.product_preview import as_json

router = Router(tags=["Products"])


class ProductPreviewOut(Schema):
    """Every line with its verdict and amount, and what Salesforce lacks.

    `difference` is null where Salesforce could not be read, and `unread` then says why; `swap` is
    null for a quote that is primary; `decision` is null for a quote without an opportunity.
    """

    quote: dict[str, Any]
    lines: list[dict[str, Any]]
    settings: dict[str, Any]
    verdicts: list[dict[str, Any]]
    arr: dict[str, Any]
    findings: list[dict[str, Any]]
    decision: dict[str, Any] | None
    difference: dict[str, Any] | None
    swap: dict[str, Any] | None
    unread: str | None


@router.get(
    "{mn_id}/product-preview",
    response=ProductPreviewOut,
    summary="Which lines of a quote would become products",
    auth=None,  # proved in the view: the refusal of a question is no inbound event
)
def preview_products(request: HttpRequest, mn_id: Path[str]) -> JsonResponse:
    """The verdict on every line, its amount, and the difference to what Salesforce has now.

    Of a quote that is not primary: what would happen if it were. Writes nothing to Salesforce.
    """
    try:
        quote = _readable(mn_id, Actor.of_client(signature.authenticate(request)))
    except Problem as problem:
        return _json(problem.as_json(), status=problem.status)
    return _json(as_json(sync_products.preview_quote(quote.pk)), status=200)


def _readable(mn_id: str, actor: Actor) -> Quote:
    """The quote. Errors: Problem, the same for one that is unknown and one that is restricted."""
    quote = Quote.objects.prefetch_related("readers").filter(mn_id=mn_id).first()
    if quote is None or not may_read(quote, actor):
        raise Problem(404, "unknown_quote", "This client knows no such quote.", "mn_id")
    return quote


def _json(body: Any, *, status: int) -> JsonResponse:
    options = {"ensure_ascii": False}
    return JsonResponse(
        body, status=status, json_dumps_params=options, headers={"Cache-Control": "no-store"}
    )
