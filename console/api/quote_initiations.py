"""A quote is started from a Salesforce opportunity."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema, Status

from console.api import signature
from console.api.salesforce import EventOut, OpportunityIn, acted_upon, answer
from console.models import InboundEvent, Quote, SyncLog

router = Router(tags=["Salesforce"], auth=signature.authenticate)


class MappingProblemOut(Schema):
    """A field mapping that filled nothing: the Salesforce field, its value, and why."""

    source: str
    target: str
    value: str | None
    words: str


class InitiationOut(EventOut):
    """What became of the call. The two ids are given once the quote exists."""

    opportunity_mn_id: str | None = None
    quote_mn_id: str | None = None
    mapping_problems: list[MappingProblemOut] = []


@router.post(
    "quote-initiations",
    response={200: InitiationOut, 202: InitiationOut},
    summary="Start a quote from an opportunity",
)
def receive_quote_initiation(request: HttpRequest, body: OpportunityIn) -> Status[InitiationOut]:
    """Creates an MN quote, and the MN opportunity too unless the record is paired with one.

    The same `webhook-id` again is the same order: it is answered alike, and makes no second quote.
    """
    event = acted_upon(request, body, kind=InboundEvent.Kind.QUOTE_INITIATION)
    entry = SyncLog.objects.filter(pk=event.log_entry).first() if event.log_entry else None
    quote_mn_id = entry.quote_mn_id if entry else ""
    told = InitiationOut(
        **answer(event).model_dump(),
        opportunity_mn_id=entry.opportunity_mn_id if entry and quote_mn_id else None,
        quote_mn_id=quote_mn_id or None,
        mapping_problems=_problems(quote_mn_id),
    )
    return Status(200 if entry else 202, told)


def _problems(quote_mn_id: str) -> list[MappingProblemOut]:
    kept = Quote.objects.filter(mn_id=quote_mn_id).values_list("mapping_problems", flat=True)
    return [MappingProblemOut(**problem) for problem in kept.first() or []]
