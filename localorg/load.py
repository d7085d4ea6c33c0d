"""Filling the org fast, with records as a test or the demo wants them: ids, dates and all."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from localorg import ids, line_items, opportunities, values
from localorg.bodies import checked_id, referred
from localorg.errors import ApiError, RecordError
from localorg.org import INTEGRATION_USER, Org, stamps
from localorg.schema import SCHEMA, SObject
from localorg.storage import Row

CHUNK = 5000

DERIVE = """
UPDATE "Opportunity" SET
    "HasOpportunityLineItem" = 1,
    "Amount" = (SELECT ROUND(TOTAL("TotalPrice"), 2) FROM "OpportunityLineItem" l
                WHERE l."OpportunityId" = "Opportunity"."Id"),
    "Pricebook2Id" = COALESCE("Pricebook2Id", (
        SELECT e."Pricebook2Id" FROM "OpportunityLineItem" l
        JOIN "PricebookEntry" e ON e."Id" = l."PricebookEntryId"
        WHERE l."OpportunityId" = "Opportunity"."Id" ORDER BY l."Id" LIMIT 1))
WHERE "Id" IN (SELECT value FROM json_each(?))
    AND EXISTS (SELECT 1 FROM "OpportunityLineItem" l WHERE l."OpportunityId" = "Opportunity"."Id")
"""
NAME_PRODUCTS = """
UPDATE "OpportunityLineItem" SET "Product2Id" = (
    SELECT e."Product2Id" FROM "PricebookEntry" e WHERE e."Id" = "PricebookEntryId")
WHERE "Product2Id" IS NULL
"""


def loaded(org: Org, data: dict[str, Any]) -> Iterator[dict[str, list[str]]]:
    """Store the records, object by object in an order in which parents come first.

    Yields after every chunk what was stored so far: object name -> ids in the order given.
    Errors: ApiError for an unknown object or field or a wrong value; the chunks before stay.
    """
    by_object = {_object(name).name: records for name, records in data.items()}
    done: dict[str, list[str]] = {}
    for obj in SCHEMA.values():
        for chunk in _chunks(by_object.get(obj.name, [])):
            with org.store.transaction():
                done.setdefault(obj.name, []).extend(_load_chunk(org, obj, chunk))
            yield done


def _object(name: str) -> SObject:
    obj = SCHEMA.get(name.lower())
    if obj is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return obj


def _chunks(records: Any) -> Iterator[list[dict[str, Any]]]:
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ApiError("JSON_PARSER_ERROR", "each object needs an array of records")
    remaining = iter(records)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _load_chunk(org: Org, obj: SObject, records: list[dict[str, Any]]) -> list[str]:
    rows = [_row(org, obj, record) for record in records]
    fresh = [row for row in rows if "Id" not in row]
    for row, record_id in zip(fresh, org.store.new_ids(obj, len(fresh)), strict=True):
        row["Id"] = record_id
    org.store.reserve_ids(obj, max(ids.number_of(row["Id"]) for row in rows))
    for row in rows:
        if obj.custom and not row.get("Name"):
            row["Name"] = row["Id"]
    try:
        org.store.insert_many(obj, rows)
    except sqlite3.IntegrityError as error:
        raise ApiError("DUPLICATE_VALUE", f"{obj.name}: {error}") from error
    _derive(org, obj, rows)
    return [row["Id"] for row in rows]


def _row(org: Org, obj: SObject, record: dict[str, Any]) -> Row:
    row = {**stamps(), **_defaults(obj)}
    for name, value in record.items():
        field = obj.by_name.get(name.lower())
        field, given = (field, value) if field else referred(org, obj, name=name, value=value)
        if not field.stored:
            raise RecordError(
                "INVALID_FIELD_FOR_INSERT_UPDATE", f"{obj.name}.{field.name} is computed"
            )
        row[field.name] = values.stored(field, given)
    if row.get("Id") is not None:
        row["Id"] = checked_id(obj, row["Id"])
    if obj.name == "Opportunity":
        opportunities.on_create(org, row)
    if obj.name == "OpportunityLineItem":
        line_items.settle(row)
    return row


def _defaults(obj: SObject) -> Row:
    owner = {"OwnerId": INTEGRATION_USER} if "ownerid" in obj.by_name else {}
    return owner | {
        field.name: values.stored(field, field.default)
        for field in obj.stored
        if field.default is not None
    }


def _derive(org: Org, obj: SObject, rows: Iterable[Row]) -> None:
    if obj.name == "OpportunityLineItem":
        org.store.execute(NAME_PRODUCTS)
        touched = {row["OpportunityId"] for row in rows}
    elif obj.name == "Opportunity":
        touched = {row["Id"] for row in rows}
    else:
        return
    org.store.execute(DERIVE, (json.dumps(sorted(touched)),))
