"""Salesforce is given the changes of many opportunities' products, in an order that it accepts.

Price books first, since no product is taken without one; then deletions, updates and creations,
the products of many opportunities in one collection. What is refused is noted with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from console import connections
from console.faultpoints import faultpoint
from console.models import SalesforceConnection
from console.product_attempts import ProductAttempt
from console.product_troubles import of_products
from console.salesforce import batches
from console.salesforce.gateway import Gateway, SalesforceError, Unavailable
from console.salesforce.product_gateway import NewProduct, ProductResult
from console.sync_log import Stopwatch
from syncrules.product_changes import Action, ProductChange

_Item = tuple[ProductAttempt, ProductChange]


def send(row: SalesforceConnection, client: Gateway, attempts: Sequence[ProductAttempt]) -> None:
    """Sends what differs, and reads back what Salesforce then has."""
    # Sorted alike everywhere, two workers take the opportunities' locks in the same order.
    ordered = sorted(attempts, key=lambda attempt: attempt.salesforce_id)
    for attempt in ordered:
        attempt.begin(together=len(ordered))
    faultpoint("before_http")
    sending, watch = _Sending(client), Stopwatch()
    sending.pricebooks(ordered)
    going = [attempt for attempt in ordered if not attempt.is_stopped]
    products = client.products
    sending.step(
        _changes(going, Action.DELETE),
        lambda items: products.delete_products([_product(change) for _, change in items]),
    )
    sending.step(
        _changes(going, Action.UPDATE),
        lambda items: products.update_products(
            [(_product(change), change.send) for _, change in items]
        ),
    )
    sending.step(
        _not_held_up(_changes(going, Action.CREATE)),
        lambda items: products.create_products([_new(*item) for item in items]),
    )
    for attempt in ordered:
        attempt.sent_all()
    connections.note_pace(row, records=len(sending.results), seconds=watch.ms / 1000)
    faultpoint("after_http")
    sending.read_back(ordered)
    connections.note_writes(row, sending.results)


@dataclass(frozen=True, slots=True)
class _Written:
    """What became of one record or product, as far as it concerns the connection."""

    error: SalesforceError | None
    is_whole: bool


class _Sending:
    """The steps of one batch. After a trouble of the connection the rest is not tried."""

    def __init__(self, client: Gateway) -> None:
        self._client = client
        self._stopped_by: SalesforceError | None = None
        self.results: list[_Written] = []

    def pricebooks(self, attempts: Iterable[ProductAttempt]) -> None:
        wanted = {
            attempt.salesforce_id: (attempt, {"Pricebook2Id": attempt.planned.pricebook_to_set})
            for attempt in attempts
            if attempt.planned.pricebook_to_set is not None
        }
        if not wanted:
            return
        results = self._client.update_opportunities({i: f for i, (_, f) in wanted.items()})
        for salesforce_id, (attempt, fields) in wanted.items():
            result = results[salesforce_id]
            self._note(result.error, is_whole=result.is_whole)
            attempt.pricebook_was_answered(result, sent=fields)

    def step(
        self, items: Sequence[_Item], write: Callable[[Sequence[_Item]], list[ProductResult]]
    ) -> None:
        if self._stopped_by is not None:
            for attempt, change in items:
                attempt.was_given_up(change, self._stopped_by)
            return
        for (attempt, change), result in zip(items, write(items), strict=True):
            self._note(result.error, is_whole=result.is_whole)
            attempt.was_answered(change, result)

    def read_back(self, attempts: Iterable[ProductAttempt]) -> None:
        """What was accepted may not have been kept, and what was refused may be there."""
        sent = [attempt for attempt in attempts if not attempt.is_stopped]
        error = self._stopped_by
        if error is None:
            try:
                found = self._client.products.read_products({a.salesforce_id for a in sent})
            except SalesforceError as refused:
                error = refused
                self._note(refused, is_whole=True)
            else:
                for attempt in sent:
                    attempt.was_read_back(found.get(attempt.salesforce_id))
        if error is not None:
            for attempt in sent:
                attempt.could_not_read_back(error)

    def _note(self, error: SalesforceError | None, *, is_whole: bool) -> None:
        own = of_products(error) if error is not None else None
        self.results.append(_Written(own, is_whole))
        stops = own is not None and own.trouble in batches.STOPS_THE_REST
        if stops and (is_whole or not isinstance(own, Unavailable)):
            self._stopped_by = own


def _changes(attempts: Iterable[ProductAttempt], action: Action) -> list[_Item]:
    return [(attempt, change) for attempt in attempts for change in attempt.planned.of(action)]


def _not_held_up(items: Iterable[_Item]) -> list[_Item]:
    """Without the new products whose old one could not be deleted."""
    free = []
    for attempt, change in items:
        obstacle = attempt.refusal_of_deletion(change)
        if obstacle is None:
            free.append((attempt, change))
        else:
            attempt.waits_for_deletion(change, obstacle)
    return free


def _product(change: ProductChange) -> str:
    assert change.product_salesforce_id is not None, "what is changed or deleted has an id"
    return change.product_salesforce_id


def _new(attempt: ProductAttempt, change: ProductChange) -> NewProduct:
    assert change.line_mn_id is not None, "products are created for lines only"
    return NewProduct(attempt.salesforce_id, change.line_mn_id, change.send)
