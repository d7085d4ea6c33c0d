"""Deals in step on both sides, and what people do to their records in Salesforce."""

from __future__ import annotations

from typing import Any

import requests

from console import drift_runs, jobs, outbox
from console.actor import Actor
from console.flows import reconcile
from console.models import Drift, OutboundPush, ReconcileRun
from console.models.outbound_push import PushLane
from tests.deal import VERA, Deal, make_deal
from tests.org import Org

SWEEP = Actor.console("reconcile")


def in_step(org: Org, *, lines: int = 1, **fields: Any) -> Deal:
    """A linked deal that was pushed, products and all."""
    deal = make_deal(org, **fields)
    for _ in range(lines):
        deal.line()
    push(deal, OutboundPush.Lane.LINK)
    push(deal, OutboundPush.Lane.PRODUCTS)
    return deal


def push(deal: Deal, lane: PushLane) -> OutboundPush:
    """Asks for a push of the lane and lets it end."""
    waiting = outbox.request_push(
        opportunity_id=deal.opportunity.pk, trigger="edit", actor=VERA, lane=lane
    )
    jobs.drain_outbound()
    waiting.refresh_from_db()
    return waiting


def compare(*deals: Deal) -> ReconcileRun:
    """A run to its end: of these deals, or of everything."""
    only = [deal.opportunity.pk for deal in deals] or None
    run = drift_runs.request(trigger="command", actor=SWEEP, only=only)
    return reconcile.run(run.pk)


def edit(org: Org, record_id: str, **fields: Any) -> None:
    """A person changes a record of the org: an opportunity or a product."""
    kind = "Opportunity" if record_id.startswith("006") else "OpportunityLineItem"
    _call(org, "PATCH", f"{kind}/{record_id}", fields)


def delete(org: Org, record_id: str) -> None:
    """A person deletes a product."""
    _call(org, "DELETE", f"OpportunityLineItem/{record_id}")


def _call(org: Org, method: str, path: str, fields: dict[str, Any] | None = None) -> None:
    answer = requests.request(
        method,
        f"{org.url}/services/data/v62.0/sobjects/{path}",
        json=fields,
        headers={"Authorization": f"Bearer {org.token()}"},
        timeout=10,
    )
    assert answer.ok, answer.text


def open_rows() -> list[Drift]:
    return list(Drift.objects.filter(closed_at__isnull=True).order_by("pk"))


def told() -> list[tuple[str, str, str]]:
    """What is open: field, verdict, and why."""
    return [(row.field, row.verdict, row.because) for row in open_rows()]
