"""Opportunity products and quote items, as queries and collections.

Source: Object Reference, "OpportunityLineItem"; REST API guide, "sObject Collections".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from console.salesforce import (
    any_fields,
    batches,
    optional_fields,
    product_records,
    soql,
)
from console.salesforce.gateway import Misconfigured, SalesforceError
from console.salesforce.optional_fields import asked
from console.salesforce.product_gateway import (
    QUOTE_ITEM_ID,
    NewProduct,
    ProductResult,
    RecordWithProducts,
)
from syncrules.facts import MN_ID_FIELD
from syncrules.product_changes import QUANTITY, TOTAL_PRICE
from syncrules.salesforce_id import OPPORTUNITY, to_18

LINE_ITEM: Final = "OpportunityLineItem"
QUOTE_ITEM: Final = "monetize__QuoteItem__c"
_COLLECTIONS: Final = "composite/sobjects"
_PARENTS: Final = 50
"""Opportunities whose products one statement asks for: two thousand of them fill its page, and
each further page is a call."""
_NUMBERS: Final = frozenset({QUANTITY, TOTAL_PRICE})

_T = TypeVar("_T")


class Channel(optional_fields.Channel, Protocol):
    """What carries a question to Salesforce and brings the answer."""

    def describe(self, sobject: str) -> object: ...

    def carry_out(self, requests: Sequence[batches.Json]) -> list[object | SalesforceError]: ...


class LineItems:
    """The products of one org; see `product_gateway.ProductGateway` for what each answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def read_products(self, opportunity_ids: Collection[str]) -> dict[str, RecordWithProducts]:
        wanted = {to_18(one, prefix=OPPORTUNITY) for one in opportunity_ids}
        if not wanted:
            return {}
        rows = asked(
            self._channel,
            lambda optional: statements(wanted, header=soql.OPPORTUNITY_FIELDS, optional=optional),
        )
        return product_records.joined(rows)

    def read_quote_items(
        self, mn_ids: Collection[str], fields: Collection[str]
    ) -> dict[str, dict[str, object]]:
        names = [any_fields.checked(name) for name in fields]
        try:
            return self._quote_items(mn_ids, names)
        except Misconfigured as refused:
            if refused.code != "INVALID_FIELD":
                raise
            described = any_fields.described(self._channel.describe(QUOTE_ITEM))
            known = any_fields.known_among(names, described)
            if known == names:
                raise
        return self._quote_items(mn_ids, known)

    def delete_products(self, ids: Sequence[str]) -> list[ProductResult]:
        checked = [to_18(one) for one in ids]
        return self._write(checked, request=_deletion, sent=lambda one: {"id": one})

    def update_products(
        self, changes: Sequence[tuple[str, Mapping[str, str]]]
    ) -> list[ProductResult]:
        def sent(change: tuple[str, Mapping[str, str]]) -> dict[str, object]:
            return {"id": change[0], **_values(change[1])}

        checked = [(to_18(own_id), fields) for own_id, fields in changes]
        return self._write(checked, request=_in_a_body("PATCH", sent), sent=sent)

    def create_products(self, products: Sequence[NewProduct]) -> list[ProductResult]:
        def sent(product: NewProduct) -> dict[str, object]:
            return {
                "OpportunityId": product.opportunity_salesforce_id,
                QUOTE_ITEM_ID: product.quote_item_mn_id,
                **_values(product.fields),
            }

        return self._write(products, request=_in_a_body("POST", sent), sent=sent)

    def _quote_items(
        self, mn_ids: Collection[str], names: Sequence[str]
    ) -> dict[str, dict[str, object]]:
        fields = ", ".join(dict.fromkeys((MN_ID_FIELD, *names)))
        what = f"SELECT {fields} FROM {QUOTE_ITEM}"  # noqa: S608  names were checked
        rows = self._channel.query(soql.asked_in_parts(what, field=MN_ID_FIELD, values=mn_ids))
        return product_records.quote_items(rows, names=names, wanted=mn_ids)

    def _write(
        self,
        items: Sequence[_T],
        *,
        request: Callable[[Sequence[_T]], batches.Json],
        sent: Callable[[_T], Mapping[str, object]],
    ) -> list[ProductResult]:
        """One result for each item. A trouble of the connection gives up what follows."""
        results: list[ProductResult] = []
        stopped_by: SalesforceError | None = None
        collections = list(batches.in_parts(items, size=batches.COLLECTION))
        for parts in batches.in_parts(collections, size=batches.PER_COMPOSITE):
            if stopped_by is not None:
                results += [ProductResult(stopped_by, {}, {}) for part in parts for _ in part]
                continue
            answers: Sequence[object | SalesforceError]
            try:
                answers = self._channel.carry_out([request(part) for part in parts])
            except SalesforceError as error:
                answers = [error] * len(parts)
                if error.trouble in batches.STOPS_THE_REST:
                    stopped_by = error
            for part, answer in zip(parts, answers, strict=True):
                results += _results(answer, [sent(item) for item in part])
        return results


def statements(
    ids: Collection[str], *, header: Sequence[str], optional: Collection[str]
) -> list[str]:
    """Statements that ask for the opportunities and for all their products: `header` of each
    opportunity, and what its products need."""
    fields = (*header, "Pricebook2Id", *sorted(optional))
    what = f"SELECT {', '.join(product_records.FIELDS)} FROM {LINE_ITEM}"  # noqa: S608  our own names
    lines = soql.asked_in_parts(what, field="OpportunityId", values=ids, size=_PARENTS)
    return [*soql.opportunities_by_id(ids, fields=fields), *lines]


def _deletion(ids: Sequence[str]) -> batches.Json:
    return {"method": "DELETE", "path": f"{_COLLECTIONS}?ids={','.join(ids)}&allOrNone=false"}


def _in_a_body(
    method: str, fields_of: Callable[[_T], Mapping[str, object]]
) -> Callable[[Sequence[_T]], batches.Json]:
    def request(items: Sequence[_T]) -> batches.Json:
        records = [{"attributes": {"type": LINE_ITEM}, **fields_of(item)} for item in items]
        body = {"allOrNone": False, "records": records}
        return {"method": method, "path": _COLLECTIONS, "body": body}

    return request


def _values(fields: Mapping[str, str]) -> dict[str, object]:
    return {name: _number(value) if name in _NUMBERS else value for name, value in fields.items()}


def _number(text: str) -> float | str:
    """As a JSON number, unless a binary fraction would be another number."""
    number = float(text)
    return number if f"{number:.2f}" == text else text


def _results(
    answer: object | SalesforceError, sent: Sequence[Mapping[str, object]]
) -> list[ProductResult]:
    found = batches.outcomes(answer, expected=[_own_id(fields) for fields in sent])
    return [
        ProductResult(one.error, fields, one.answer, one.is_whole)
        for fields, one in zip(sent, found, strict=True)
    ]


def _own_id(sent: Mapping[str, object]) -> str | None:
    """None for a product that is yet to be made."""
    own_id = sent.get("id")
    return None if own_id is None else str(own_id)
