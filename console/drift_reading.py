"""The one way in which "reconcile" asks Salesforce: as far as the budget of API calls allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from console import budget, connections, gateways
from console.models import SalesforceConnection
from console.product_troubles import of_products
from console.salesforce.gateway import Gateway, SalesforceError
from syncrules.api_budget import Urgency

T = TypeVar("T")


class NotNow(Exception):
    """Salesforce is not to be asked at present; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    found: T
    calls: int


def ask(question: Callable[[Gateway], T], *, urgency: Urgency) -> Answer[T]:
    """What Salesforce answers, and how many calls it took.

    Errors: NotNow; SalesforceError, noted with the connection unless it is about a field. One that
    our user may not see keeps the comparison from going on, and must not stop the pushes.
    """
    row = _connection(urgency)
    client: Gateway | None = None
    try:
        client = gateways.to(row)
        found = question(client)
    except SalesforceError as error:
        own = of_products(error)
        connections.note_trouble(row, own)
        raise own from error
    connections.note_success(row)
    return Answer(found, client.calls)


def _connection(urgency: Urgency) -> SalesforceConnection:
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        raise NotNow("there is no live Salesforce connection")
    if connections.is_paused(row):
        raise NotNow("the connection is paused after trouble")
    if not budget.in_force(row).allows(urgency):
        raise NotNow("the budget of API calls leaves no room for it")
    return row
