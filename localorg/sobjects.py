"""`/sobjects`: one record at a time, by id or by external id.

Source: REST API Developer Guide, "sObject Rows", "sObject Rows by External ID", "sObject Basic
Information".
"""

from typing import Any

from localorg import values
from localorg.bodies import checked_id
from localorg.calls import Answer, Call, object_in_url
from localorg.errors import ApiError, RecordError, SeveralRecords, not_found
from localorg.org import Org
from localorg.schema import Field, SObject
from localorg.soql import answer

SAVED = {"success": True, "errors": []}
FIRST_VERSION_WITH_UPSERT_BODY = 46.0


def create(org: Org, call: Call, *, name: str) -> Answer:
    obj = writable(object_in_url(name))
    record_id = created(org, call, obj, call.json_object())
    return Answer(201, {"id": record_id, **SAVED}, {"Location": call.sobject_url(obj, record_id)})


def read(org: Org, call: Call, *, name: str, key: str) -> Answer:
    obj = object_in_url(name)
    return _read(org, call, obj, url_id(obj, key))


def update(org: Org, call: Call, *, name: str, key: str) -> Answer:
    obj = writable(object_in_url(name))
    record_id = url_id(obj, key)
    body = call.json_object()
    _must_not_name(body, "Id")
    _change(org, call, obj, record_id, body)
    return Answer(204)


def delete(org: Org, call: Call, *, name: str, key: str) -> Answer:
    obj = writable(object_in_url(name))
    _delete(org, call, obj, url_id(obj, key))
    return Answer(204)


def read_by_external_id(org: Org, call: Call, *, name: str, field: str, value: str) -> Answer:
    obj = object_in_url(name)
    record_id = the_one(org, call, obj, external_field(obj, field), value)
    if record_id is None:
        raise not_found()
    return _read(org, call, obj, record_id)


def delete_by_external_id(org: Org, call: Call, *, name: str, field: str, value: str) -> Answer:
    obj = writable(object_in_url(name))
    record_id = the_one(org, call, obj, external_field(obj, field), value)
    if record_id is None:
        raise not_found()
    _delete(org, call, obj, record_id)
    return Answer(204)


def upsert(org: Org, call: Call, *, name: str, field: str, value: str) -> Answer:
    """Update the record that carries the external id, or create it with that id."""
    obj = writable(object_in_url(name))
    external = external_field(obj, field)
    body = call.json_object()
    _must_not_name(body, external.name, "Id")
    record_id = the_one(org, call, obj, external, value)
    if record_id is None:
        if call.query.get("updateOnly", "").lower() == "true":
            raise not_found()
        record_id = created(org, call, obj, {**body, external.name: value})
        location = {"Location": call.sobject_url(obj, record_id)}
        return Answer(201, {"id": record_id, **SAVED, "created": True}, location)
    _change(org, call, obj, record_id, body)
    if float(call.version) < FIRST_VERSION_WITH_UPSERT_BODY:
        return Answer(204)
    return Answer(200, {"id": record_id, **SAVED, "created": False})


def writable(obj: SObject) -> SObject:
    if not obj.writable:
        raise ApiError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {obj.name} cannot be written here"
        )
    return obj


def created(org: Org, call: Call, obj: SObject, body: dict[str, Any]) -> str:
    writer = call.writer(org)
    with org.store.transaction():
        record_id = writer.create(obj, body)
        writer.finish()
    return record_id


def url_id(obj: SObject, key: str) -> str:
    """The id that a URL names; another object's id, or none at all, is not found there."""
    try:
        return checked_id(obj, key)
    except RecordError:
        raise not_found(
            "Provided external ID field does not exist or is not accessible: " + key[:80]
        ) from None


def external_field(obj: SObject, name: str) -> Field:
    field = obj.by_name.get(name.lower())
    if field is None or not field.external_id:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def the_one(org: Org, call: Call, obj: SObject, field: Field, value: str) -> str | None:
    """The id of the record that carries the external id; None when there is none."""
    wanted = values.stored(field, value)
    if wanted is None:
        raise not_found()
    found = org.store.ids_where(obj, field, wanted)
    if len(found) > 1:
        urls = [call.sobject_url(obj, record_id) for record_id in found]
        raise SeveralRecords(external_id=value, urls=urls)
    return found[0] if found else None


def _read(org: Org, call: Call, obj: SObject, record_id: str) -> Answer:
    listed = call.query.get("fields", "")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    [found] = answer.records_by_id(org, obj, [record_id], names=names, version=call.version)
    if found is None:
        raise not_found()
    return Answer(200, found)


def _change(org: Org, call: Call, obj: SObject, record_id: str, body: dict[str, Any]) -> None:
    writer = call.writer(org)
    with org.store.transaction():
        writer.update(obj, record_id, body)
        writer.finish()


def _delete(org: Org, call: Call, obj: SObject, record_id: str) -> None:
    writer = call.writer(org)
    with org.store.transaction():
        writer.delete(obj, record_id)
        writer.finish()


def _must_not_name(body: dict[str, Any], *names: str) -> None:
    for name in names:
        if any(key.lower() == name.lower() for key in body):
            raise RecordError(
                "INVALID_FIELD",
                f"The {name} field should not be specified in the sobject data.",
                fields=(name,),
            )
