"""What Salesforce tells us about opportunities."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, ConfigDict, Field, field_validator

from console import connections, inbox, intake
from console.actor import Actor
from console.api import signature
from console.api.decisions import DecisionOut, told
from console.api.problems import Problem
from console.api.upstream.fields import AccountRef, Moment, OpportunityRef
from console.models import ApiClient, InboundEvent, SyncLog
from console.models.inbound_event import InboundKind
from syncrules import salesforce_id

router = Router(tags=["Salesforce"], auth=signature.authenticate)


def _organization(text: str) -> str:
    return salesforce_id.to_18(text, prefix=salesforce_id.ORGANIZATION)


AnyRef = Annotated[str, AfterValidator(salesforce_id.to_18)]
OrganizationRef = Annotated[str, AfterValidator(_organization)]


class OpportunityIn(Schema):
    """An opportunity as Salesforce names its fields. Only the id decides: the record is read
    again from Salesforce before anything is done."""

    model_config = ConfigDict(extra="forbid", str_max_length=4000)

    Id: OpportunityRef
    OrganizationId: OrganizationRef | None = None
    SystemModstamp: Moment | None = None
    Name: Annotated[str, Field(max_length=120)] | None = None
    AccountId: AccountRef | None = None
    OwnerId: AnyRef | None = None
    StageName: Annotated[str, Field(max_length=255)] | None = None
    CloseDate: date | None = None
    Amount: Decimal | None = None
    Probability: Decimal | None = None
    CurrencyIsoCode: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    Pricebook2Id: AnyRef | None = None
    LastModifiedDate: datetime | None = None
    monetize__Id__c: Annotated[str, Field(max_length=64)] | None = None
    monetize__PrimaryQuote__c: AnyRef | None = None
    attributes: dict[str, str] | None = None

    @field_validator("*")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        """PostgreSQL keeps neither NUL nor half of a surrogate pair."""
        text = str(value)
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise ValueError("NUL and unpaired surrogates are not accepted")
        return value


class EventOut(Schema):
    """What became of the call. No decision: the event waits, is old news, or is in other hands."""

    event: int
    state: str
    repeats: int
    log_entry: int | None
    decision: DecisionOut | None


@router.post("opportunities", response={200: EventOut, 202: EventOut}, summary="An opportunity")
def receive_opportunity(request: HttpRequest, body: OpportunityIn) -> Status[EventOut]:
    """Links the opportunity through its primary quote, and answers with the decision.

    The same `webhook-id` again is the same event: it is answered, and not acted upon twice.
    """
    event = acted_upon(request, body, kind=InboundEvent.Kind.OPPORTUNITY)
    return Status(200 if event.log_entry else 202, answer(event))


def acted_upon(request: HttpRequest, body: OpportunityIn, *, kind: InboundKind) -> InboundEvent:
    """The event of a signed call, acted upon unless it was before or is in other hands.

    Errors: Problem for another org's call and for an id that belongs to another event;
            SalesforceError when the record cannot be read, and the event waits.
    """
    client: ApiClient = request.auth  # type: ignore[attr-defined]
    _check_organization(body)
    event, _ = inbox.receive(
        sender=client.key,
        event_id=request.headers["webhook-id"],
        salesforce_id=body.Id,
        modified_at=body.SystemModstamp,
        payload=body.model_dump(mode="json", exclude_unset=True),
        kind=kind,
    )
    if (event.salesforce_id, event.kind) != (body.Id, kind):
        raise Problem(409, "reused_id", "This webhook-id belongs to another event.", "webhook-id")
    if event.state == InboundEvent.State.RECEIVED:
        intake.act_on(event, actor=Actor.of_client(client))
        event.refresh_from_db()
    return event


def _check_organization(body: OpportunityIn) -> None:
    row = connections.in_force()
    ours = row.organization_id if row else None
    if body.OrganizationId and ours and body.OrganizationId != ours:
        raise Problem(
            403, "other_organization", "This console serves another org.", "OrganizationId"
        )


def answer(event: InboundEvent) -> EventOut:
    """What the caller is told of an event."""
    entry = SyncLog.objects.get(pk=event.log_entry) if event.log_entry else None
    return EventOut(
        event=event.pk,
        state=event.state,
        repeats=event.repeats,
        log_entry=event.log_entry,
        decision=told(entry) if entry else None,
    )
