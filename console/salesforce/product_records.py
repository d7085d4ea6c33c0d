"""Salesforce records of products and quote items -> facts. What is malformed is refused by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final

from console.salesforce import records, shapes
from console.salesforce.product_gateway import QUOTE_ITEM_ID, RecordWithProducts
from syncrules.facts import MN_ID_FIELD
from syncrules.line_facts import RemoteLine, RemoteProducts
from syncrules.salesforce_id import OPPORTUNITY

Record = Mapping[str, object]

FIELDS: Final = (
    "Id",
    "OpportunityId",
    "PricebookEntryId",
    "Quantity",
    "UnitPrice",
    "TotalPrice",
    "ServiceDate",
    "HasSchedule",
    "Name",
    "Description",
    QUOTE_ITEM_ID,
)


def joined(rows: Iterable[Record]) -> dict[str, RecordWithProducts]:
    """The opportunities among the rows, by id, each with its products among them."""
    headers: dict[str, Record] = {}
    lines: defaultdict[str, list[RemoteLine]] = defaultdict(list)
    for row in rows:
        attributes = shapes.mapping(row.get("attributes"), "attributes of a record")
        if attributes.get("type") == "Opportunity":
            headers[records.salesforce_id(row, "Id", prefix=OPPORTUNITY)] = row
        else:
            parent = records.salesforce_id(row, "OpportunityId", prefix=OPPORTUNITY)
            lines[parent].append(product(row))
    return {own_id: _with_products(row, lines[own_id]) for own_id, row in headers.items()}


def product(row: Record) -> RemoteLine:
    """The facts of one OpportunityLineItem record.

    Shape:  the record holds `FIELDS`
    Errors: Unknown, naming the field
    """
    own_id = records.salesforce_id(row, "Id")
    entry = row.get("PricebookEntryId")
    unit_price = row.get("UnitPrice")
    return RemoteLine(
        salesforce_id=own_id,
        quote_item_mn_id=shapes.text_or_none(row.get(QUOTE_ITEM_ID), QUOTE_ITEM_ID),
        pricebook_entry_salesforce_id=None
        if entry is None
        else records.salesforce_id(row, "PricebookEntryId"),
        quantity=shapes.number(row.get("Quantity"), f"Quantity of {own_id}"),
        unit_price=None
        if unit_price is None
        else shapes.number(unit_price, f"UnitPrice of {own_id}"),
        total_price=shapes.number(row.get("TotalPrice"), f"TotalPrice of {own_id}"),
        service_date=_day(row.get("ServiceDate"), f"ServiceDate of {own_id}"),
        has_schedule=shapes.truth(row.get("HasSchedule"), f"HasSchedule of {own_id}"),
        name=shapes.text_or_none(row.get("Name"), f"Name of {own_id}"),
        description=shapes.text_or_none(row.get("Description"), f"Description of {own_id}"),
    )


def quote_items(
    rows: Iterable[Record], *, names: Collection[str], wanted: Collection[str]
) -> dict[str, dict[str, object]]:
    """MN id -> field -> JSON value, under the names as they were asked for.

    Salesforce compares text without regard to case; MonetizeNow's ids differ by it.
    """
    asked = set(wanted)
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        mn_id = shapes.text(row.get(MN_ID_FIELD), MN_ID_FIELD)
        by_name = {name.lower(): value for name, value in row.items()}
        if mn_id in asked:
            found[mn_id] = {n: by_name[n.lower()] for n in names if n.lower() in by_name}
    return found


def _with_products(row: Record, lines: list[RemoteLine]) -> RecordWithProducts:
    opportunity = records.opportunity(row)
    return RecordWithProducts(
        opportunity,
        RemoteProducts(
            opportunity_salesforce_id=opportunity.salesforce_id,
            pricebook_salesforce_id=_lookup(row, "Pricebook2Id"),
            currency=opportunity.currency,
            lines=tuple(lines),
            synced_quote_salesforce_id=_lookup(row, "SyncedQuoteId"),
        ),
    )


def _lookup(row: Record, field: str) -> str | None:
    return None if row.get(field) is None else records.salesforce_id(row, field)


def _day(value: object, what: str) -> date | None:
    text = shapes.text_or_none(value, what)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise shapes.malformed(what, value, "a date") from None
