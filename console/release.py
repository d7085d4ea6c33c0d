"""Attempts run again by themselves once what they waited for has appeared."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Final

from console import connections, gateways, outbox, waiting
from console.actor import Actor
from console.durability import is_of_a_lost_database
from console.flows import create_from_quote_initiation, link_via_primary_quote
from console.models import Opportunity, OutboundPush, Waiting
from console.salesforce.batches import STOPS_THE_REST
from console.salesforce.gateway import SalesforceError
from console.upstream import primary
from syncrules import create_from_quote_initiation as initiation_rule
from syncrules import link_via_primary_quote as link_rule
from syncrules import push_outbound as push_rule
from syncrules import update_primary_quote as primary_rule

logger = logging.getLogger(__name__)

TRIGGER = "released"
AT_MOST: Final = timedelta(seconds=20)
"""Then the rest is left to the sweeper's next turn: it has more to do."""


def release_and_run(*, at_most: timedelta = AT_MOST) -> int:
    """How many attempts ran again."""
    ends_at = time.monotonic() + at_most.total_seconds()
    row = connections.in_force()
    waiting.release_fulfilled(is_connected=connections.fact(row).is_live)
    _look_for_quote_records()
    ran = 0
    for each in waiting.released():
        try:
            _run_again(each)
        except SalesforceError as error:
            logger.warning("a released attempt waits, Salesforce cannot be read: %s", error)
            if error.trouble in STOPS_THE_REST:
                break
        except Exception as error:
            if is_of_a_lost_database(error):
                raise
            logger.exception("attempt %s could not run again, and is tried again later", each.pk)
        ran += 1
        if time.monotonic() >= ends_at:
            break
    return ran


def _look_for_quote_records() -> None:
    """One query for all, and none when nobody waits."""
    wanted = waiting.awaited_quote_records()
    row = connections.in_force()
    if not wanted or row is None or not connections.fact(row).is_live:
        return
    try:
        client = gateways.to(row)
        found = client.find_quote_records(wanted)
    except SalesforceError as error:
        connections.note_trouble(row, error)
        return
    connections.note_success(row)
    waiting.release_for_quote_records(set(found))


def _run_again(each: Waiting) -> None:
    actor = Actor.console("release")
    if each.flow == link_rule.FLOW:
        link_via_primary_quote.run(each.subject, trigger=TRIGGER, actor=actor)
    elif each.flow == initiation_rule.FLOW:
        create_from_quote_initiation.run(
            each.subject, trigger=TRIGGER, actor=actor, waiting_id=each.pk
        )
    elif each.flow == primary_rule.FLOW:
        primary.tell_again(each, trigger=TRIGGER, actor=actor)
    elif each.flow == push_rule.FLOW:
        _push_again(each.subject, actor=actor)


def _push_again(mn_id: str, *, actor: Actor) -> None:
    """Unless a push is under way already: asking again would cut its back-off short."""
    opportunity = Opportunity.objects.get(mn_id=mn_id)
    under_way = (OutboundPush.State.QUEUED, OutboundPush.State.SENDING, OutboundPush.State.HELD)
    links = opportunity.pushes.filter(lane=OutboundPush.Lane.LINK)
    if not links.filter(state__in=under_way).exists():
        outbox.request_push(opportunity_id=opportunity.pk, trigger=TRIGGER, actor=actor)
