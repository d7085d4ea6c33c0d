"""`/composite/sobjects`: up to 200 records in one call, each with a result of its own.

Source: REST API Developer Guide, "sObject Collections".
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from localorg.bodies import checked_id
from localorg.calls import Answer, Call, object_in_body, object_in_url
from localorg.errors import ApiError, RecordError
from localorg.org import Org
from localorg.records import Writer
from localorg.schema import SCHEMA, Field, SObject
from localorg.sobjects import external_field, the_one, writable
from localorg.soql import answer

MOST_RECORDS = 200
MOST_CHUNKS = 10
MOST_RETRIEVED = 2000
ROLLED_BACK = RecordError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)

Change = Callable[[Any], dict[str, Any]]


def create(org: Org, call: Call) -> Answer:
    records, all_or_none = _records(call)
    items = list(zip(_objects(records), records, strict=True))
    writer = call.writer(org)

    def change(item: tuple[SObject, dict[str, Any]]) -> dict[str, Any]:
        return saved(writer.create(*item))

    return Answer(200, _applied(writer, items, change, all_or_none=all_or_none))


def update(org: Org, call: Call) -> Answer:
    records, all_or_none = _records(call)
    objects = _objects(records)
    keys = [next((name for name in each if name.lower() == "id"), None) for each in records]
    items = list(zip(objects, records, keys, strict=True))
    writer = call.writer(org)
    for obj in {each.name: each for each in objects}.values():
        writer.expect(obj, [record[key] for each, record, key in items if key and each is obj])

    def change(item: tuple[SObject, dict[str, Any], str | None]) -> dict[str, Any]:
        obj, record, key = item
        if key is None:
            raise RecordError("MISSING_ARGUMENT", "Id not specified in an update call")
        record_id = checked_id(obj, record[key])
        body = {name: value for name, value in record.items() if name != key}
        writer.update(obj, record_id, body)
        return saved(record_id)

    return Answer(200, _applied(writer, items, change, all_or_none=all_or_none))


def upsert(org: Org, call: Call, *, name: str, field: str) -> Answer:
    records, all_or_none = _records(call)
    obj = writable(object_in_url(name))
    external = external_field(obj, field)
    keys = Counter(_key(record, external).lower() for record in records)
    writer = call.writer(org)

    def change(record: dict[str, Any]) -> dict[str, Any]:
        key = _key(record, external)
        if not key:
            raise RecordError("MISSING_ARGUMENT", f"{external.name} not specified")
        if keys[key.lower()] > 1:
            raise RecordError(
                "DUPLICATE_VALUE",
                f"Duplicate external id specified: {key}",
                fields=(external.name,),
            )
        record_id = the_one(org, call, obj, external, key)
        if record_id is None:
            return {**saved(writer.create(obj, record)), "created": True}
        body = {name: value for name, value in record.items() if name.lower() != field.lower()}
        writer.update(obj, record_id, body)
        return {**saved(record_id), "created": False}

    return Answer(200, _applied(writer, records, change, all_or_none=all_or_none))


def delete(org: Org, call: Call) -> Answer:
    listed = [each for each in call.query.get("ids", "").split(",") if each]
    if not listed:
        raise ApiError("MISSING_ARGUMENT", "The ids parameter is required")
    _check_count(listed, MOST_RECORDS)
    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    writer = call.writer(org)

    def change(text: str) -> dict[str, Any]:
        obj = SCHEMA.by_prefix(text)
        if obj is None:
            raise RecordError("MALFORMED_ID", f"malformed id {text}")
        record_id = checked_id(obj, text)
        writer.delete(writable(obj), record_id)
        return saved(record_id)

    return Answer(200, _applied(writer, listed, change, all_or_none=all_or_none))


def retrieve(org: Org, call: Call, *, name: str) -> Answer:
    """The records in the order asked for; null in the place of one that is not there."""
    obj = object_in_url(name)
    if call.method == "GET":
        asked, fields = (call.query.get(key, "").split(",") for key in ("ids", "fields"))
    else:
        body = call.json_object()
        asked, fields = body.get("ids") or [], body.get("fields") or []
    _check_count(asked, MOST_RETRIEVED)
    if not [each for each in fields if each]:
        raise ApiError("MISSING_ARGUMENT", "The fields parameter is required")
    found = answer.records_by_id(
        org,
        obj,
        [checked_id(obj, each) for each in asked],
        names=[each.strip() for each in fields],
        version=call.version,
    )
    return Answer(200, found)


def saved(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": []}


def refused(error: RecordError) -> dict[str, Any]:
    """The result of a record that was not saved; it has no id."""
    if error.code == "NOT_FOUND":
        error = RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return {"success": False, "errors": [error.item()]}


def _applied(
    writer: Writer, items: Sequence[Any], change: Change, *, all_or_none: bool
) -> list[dict[str, Any]]:
    """One result per item, in order. With all_or_none a single refusal undoes everything."""
    results: list[dict[str, Any]] = []
    with writer.store.transaction() as transaction:
        for item in items:
            try:
                results.append(change(item))
            except RecordError as error:
                results.append(refused(error))
        if all_or_none and not all(each["success"] for each in results):
            transaction.undo()
        else:
            writer.finish()
    innocent = refused(ROLLED_BACK)
    return [innocent if transaction.undone and each["success"] else each for each in results]


def _records(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.json_object()
    records = body.get("records")
    all_or_none = body.get("allOrNone", False)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ApiError("JSON_PARSER_ERROR", "records must be an array of objects")
    if not isinstance(all_or_none, bool):
        raise ApiError("JSON_PARSER_ERROR", "allOrNone must be a boolean")
    _check_count(records, MOST_RECORDS)
    return records, all_or_none


def _check_count(listed: Sequence[Any], most: int) -> None:
    if len(listed) > most:
        raise ApiError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records into this call",
        )


def _objects(records: list[dict[str, Any]]) -> list[SObject]:
    """The object of each record. ApiError when a type is missing, unknown, or they mix too much."""
    names = []
    for record in records:
        described = record.get("attributes")
        name = described.get("type") if isinstance(described, dict) else None
        if not isinstance(name, str):
            raise ApiError("INVALID_TYPE", "every record needs attributes with a type")
        names.append(name)
    if len(list(groupby(names))) > MOST_CHUNKS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please rearrange "
            "the data to reduce chunking.",
        )
    by_name = {name: writable(object_in_body(name)) for name in set(names)}
    return [by_name[name] for name in names]


def _key(record: dict[str, Any], external: Field) -> str:
    found = next(
        (value for name, value in record.items() if name.lower() == external.name.lower()), None
    )
    return "" if found is None else str(found).strip()
