"""From the JSON body of a record to the row that it asks for."""

from typing import Any

from localorg import ids, values
from localorg.errors import RecordError, SeveralRecords
from localorg.org import Org
from localorg.schema import SCHEMA, Field, SObject
from localorg.storage import Row


def accepted(org: Org, obj: SObject, body: dict[str, Any], *, creating: bool) -> Row:
    """The stored form of the fields in a body. RecordError names the first field that is wrong."""
    row: Row = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        field = obj.by_name.get(name.lower())
        field, given = (field, value) if field else referred(org, obj, name=name, value=value)
        if not (field.createable if creating else field.updateable):
            raise not_writable(field, creating=creating)
        row[field.name] = values.stored(field, given)
    return row


def not_writable(field: Field, *, creating: bool) -> RecordError:
    if field.kind == "id" and creating:
        message = "cannot specify Id in an insert call"
    else:
        message = (
            f"Unable to create/update fields: {field.name}. Please check the security settings of "
            "this field and verify that it is read/write for your profile or permission set."
        )
    return RecordError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=(field.name,))


def referred(org: Org, obj: SObject, *, name: str, value: Any) -> tuple[Field, Any]:
    """The lookup field and the id that `"Parent__r": {"External__c": "x"}` stands for."""
    field = obj.by_relationship.get(name.lower())
    if field is None:
        raise no_such_column(name, obj)
    if value is None:
        return field, None
    target = SCHEMA[field.target.lower()]
    keys = [key for key in value if key != "attributes"] if isinstance(value, dict) else []
    external = target.by_name.get(keys[0].lower()) if len(keys) == 1 else None
    if external is None or not external.external_id:
        raise RecordError(
            "INVALID_FIELD",
            f"{name}: give exactly one external id field of {target.name}",
            fields=(name,),
        )
    found = org.store.ids_where(target, external, values.stored(external, value[keys[0]]))
    if len(found) > 1:
        raise SeveralRecords(external_id=str(value[keys[0]]), urls=found)
    if not found:
        raise RecordError(
            "INVALID_FIELD",
            f"Foreign key external ID: {value[keys[0]]} not found for field {external.name} "
            f"in entity {target.name}",
            fields=(field.name,),
        )
    return field, found[0]


def no_such_column(name: str, obj: SObject) -> RecordError:
    return RecordError("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")


def checked_id(obj: SObject, text: object) -> str:
    """The 18-character id of a record of this object. MALFORMED_ID when it is something else."""
    record_id = ids.normalised(text)
    if record_id is None or record_id[:3] != obj.prefix:
        raise RecordError("MALFORMED_ID", f"{obj.label} ID: id value of incorrect type: {text}")
    return record_id
