"""From something Salesforce told us to the flow that acts upon it: signed calls and the poll."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now

from console import clock, connections, doorbell, gateways, inbox
from console.actor import Actor
from console.durability import is_of_a_lost_database
from console.facts import pairings_of_records
from console.flows import create_from_quote_initiation, link_via_primary_quote
from console.models import ApiClient, InboundEvent, SalesforceConnection, SyncLog
from console.reading import Reading, read
from console.salesforce.batches import STOPS_THE_REST
from console.salesforce.gateway import Gateway, SalesforceError
from syncrules.facts import RemoteOpportunity

logger = logging.getLogger(__name__)

Kind = InboundEvent.Kind
POLL_PAGE: Final = 2000
AT_MOST: Final = timedelta(seconds=20)
"""Then the rest is left to the sweeper's next turn: it has more to do."""
_OVERLAP: Final = timedelta(minutes=2)
_CERTAINTY: Final = timedelta(minutes=8)
"""What is older at the time of a poll has been shown to it, even if the clocks differ a little."""
_BATCH: Final = 200
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


def act_on(event: InboundEvent, *, actor: Actor) -> SyncLog | None:
    """The log entry that a signed call led to; None when it is old news or in other hands.

    Errors: SalesforceError when the record cannot be read; the event stays and is tried again.
    """
    claimed = inbox.claim(limit=1, event_id=event.pk)
    if not claimed:
        return None
    if event.kind == Kind.OPPORTUNITY and inbox.newer_seen(event):
        inbox.close([event.pk], state=InboundEvent.State.STALE)
        return None
    try:
        return _run(event, actor=actor)
    except SalesforceError:
        inbox.give_back([event.pk])
        raise


def _run(event: InboundEvent, *, actor: Actor, reading: Reading | None = None) -> SyncLog:
    """The log entry of the flow that an event of its kind is for."""
    if event.kind == Kind.QUOTE_INITIATION:
        return create_from_quote_initiation.run(
            event.salesforce_id,
            trigger="quote_initiation",
            actor=actor,
            reading=reading,
            event_id=event.pk,
        )
    return link_via_primary_quote.run(
        event.salesforce_id,
        trigger="poll" if event.source == InboundEvent.Source.POLL else "salesforce_event",
        actor=actor,
        reading=reading,
        event_id=event.pk,
    )


def poll(*, at_most: timedelta = AT_MOST) -> int:
    """How many changed records were found since the last poll; notes each version once.

    It looks back a little, since Salesforce may show a record later than its SystemModstamp
    says; meeting a version twice is harmless.
    """
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live or not _is_my_turn(row):
        return 0
    started, ends_at, found = clock.now(), time.monotonic() + at_most.total_seconds(), 0
    is_complete = True
    try:
        client = gateways.to(row)
        for page in _changed_since(client, row):
            inbox.receive_polled((each.salesforce_id, _modified_at(each)) for each in page)
            _seen_up_to(row, page[-1], is_settled=_modified_at(page[-1]) < started - _OVERLAP)
            found += len(page)
            is_complete = time.monotonic() < ends_at
            if not is_complete:
                break
    except SalesforceError as error:
        connections.note_trouble(row, error)
        logger.warning("poll failed: %s", error)
        return found
    connections.note_success(row)
    if is_complete:
        # Or what was changed last, perhaps a hundred thousand records, would be read each time.
        _move(row, polled_until=Greatest(F("polled_until"), started - _CERTAINTY), polled_last=None)
    else:
        _move(row, next_poll_at=Now())
    return found


def _changed_since(client: Gateway, row: SalesforceConnection) -> Iterator[list[RemoteOpportunity]]:
    """Page after page; each goes on behind the last record, since any number of records may
    have changed in one second. So does a poll behind one that was not brought to its end."""
    since, last = row.polled_until or _BEGINNING, row.polled_last
    if last is None:
        since -= _OVERLAP
    while page := client.opportunities_modified_since(since, after=last, limit=POLL_PAGE):
        yield page
        if len(page) < POLL_PAGE:
            break
        since, last = _modified_at(page[-1]), page[-1].salesforce_id


def _seen_up_to(row: SalesforceConnection, remote: RemoteOpportunity, *, is_settled: bool) -> None:
    """`is_settled`: Salesforce shows everything by now that was changed before this record, so that
    nobody need look back from it."""
    moment = _modified_at(remote)
    if is_settled:
        _move(row, polled_until=moment, polled_last=remote.salesforce_id)
    else:
        _move(row, polled_until=Greatest(F("polled_until"), moment), polled_last=None)


def _move(row: SalesforceConnection, **to: object) -> None:
    SalesforceConnection.objects.filter(pk=row.pk).update(**to)


def _is_my_turn(row: SalesforceConnection) -> bool:
    """Of two pollers one gets the turn."""
    is_due = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=Now())
    rows = SalesforceConnection.objects.filter(is_due, pk=row.pk)
    return rows.update(next_poll_at=Now() + settings.POLL_EVERY) == 1


def _modified_at(remote: RemoteOpportunity) -> datetime:
    assert remote.modified_at is not None, "the poll orders by it"
    return remote.modified_at


def act_on_waiting(*, at_most: timedelta = AT_MOST) -> int:
    """How many waiting events were dealt with: polled ones, and signed calls left behind.

    Without a live connection they wait.
    """
    dealt_with, ends_at = 0, time.monotonic() + at_most.total_seconds()
    if not connections.fact(connections.in_force()).is_live:
        return dealt_with
    while events := inbox.claim(limit=_BATCH):
        try:
            dealt_with += _act_on_batch(events)
        except SalesforceError as error:
            inbox.give_back([event.pk for event in events])
            logger.warning("events wait, Salesforce cannot be read: %s", error)
            break
        if time.monotonic() >= ends_at:
            break
    if dealt_with:
        logger.info("%s events dealt with", dealt_with)
    return dealt_with


def _act_on_batch(events: Sequence[InboundEvent]) -> int:
    reading = read({event.salesforce_id for event in events})
    if not reading.connection.is_live:
        raise _not_live(reading)
    # Each initiation asks for a quote of its own; of an opportunity's versions the newest counts.
    initiations = [event for event in events if event.kind == Kind.QUOTE_INITIATION]
    versions = [event for event in events if event.kind == Kind.OPPORTUNITY]
    for event in initiations:
        _run_or_leave(event, reading=reading)
    news = _still_news(versions, reading)
    with doorbell.rung_once():  # so that the pushes of many links go out together
        for event in news:
            _run_or_leave(event, reading=reading)
    return len(events)


def _run_or_leave(event: InboundEvent, *, reading: Reading) -> None:
    """An event that meets a fault of ours, or of its record, is left until its claim lapses, and
    holds up no other.

    Errors: those of the connection and of a lost database, which the others would meet too.
    """
    try:
        _run(event, actor=_sender(event), reading=reading)
    except SalesforceError as error:
        if error.trouble in STOPS_THE_REST:
            raise
        logger.warning("event %s waits, its record cannot be read: %s", event.pk, error)
    except Exception as error:
        if is_of_a_lost_database(error):
            raise
        logger.exception("event %s could not be acted upon, and is tried again later", event.pk)


def _still_news(events: Sequence[InboundEvent], reading: Reading) -> list[InboundEvent]:
    """The newest event of each record, unless it is an echo; the others are closed."""
    newest = {event.salesforce_id: event for event in sorted(events, key=_age)}
    echoes = _echoes(newest, reading)
    superseded = {event.pk for event in events} - {event.pk for event in newest.values()}
    inbox.close(sorted(superseded), state=InboundEvent.State.STALE)
    inbox.close([newest[each].pk for each in echoes], state=InboundEvent.State.ECHO)
    return [event for salesforce_id, event in newest.items() if salesforce_id not in echoes]


def _sender(event: InboundEvent) -> Actor:
    """On whose behalf it was sent: a call that was left behind is decided as if it had not been."""
    if event.source == InboundEvent.Source.POLL:
        return Actor.console("poll")
    client = ApiClient.objects.filter(key=event.sender).first()
    return Actor.of_client(client) if client else Actor(name=f"API client {event.sender}")


def _age(event: InboundEvent) -> tuple[datetime, int]:
    return event.modified_at or _BEGINNING, event.pk


def _not_live(reading: Reading) -> SalesforceError:
    return SalesforceError("NO_CONNECTION", reading.connection.detail or reading.connection.state)


def _echoes(newest: dict[str, InboundEvent], reading: Reading) -> set[str]:
    """Polled records that carry exactly the id we paired them with: our own write came back."""
    stored = pairings_of_records(newest)
    return {
        salesforce_id
        for salesforce_id, event in newest.items()
        if event.sender == inbox.POLL_SENDER
        and (remote := reading.remotes.get(salesforce_id)) is not None
        and (pairing := stored.get(salesforce_id)) is not None
        and remote.mn_id == pairing.opportunity_mn_id
    }
