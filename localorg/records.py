"""Changing one record: what is checked before, what is written, what follows from it."""

from collections.abc import Callable
from typing import Any

from localorg import ids, journal, line_items, opportunities, times, values
from localorg.errors import (
    RecordError,
    SeveralRecords,
    entity_is_deleted,
    invalid_cross_reference,
    not_found,
)
from localorg.org import Org, stamps
from localorg.schema import SCHEMA, Field, SObject
from localorg.storage import Row

# Completes the row; what it returns is written to the opportunity that the row belongs to.
ON_CREATE: dict[str, Callable[[Org, Row], Row]] = {
    "Opportunity": opportunities.on_create,
    "OpportunityLineItem": line_items.on_create,
}
ON_UPDATE: dict[str, Callable[[Org, Row, Row], None]] = {
    "Opportunity": opportunities.on_update,
    "OpportunityLineItem": line_items.on_update,
}


class Writer:
    """Applies the changes of one request. Call it inside a transaction, and `finish` at its end."""

    def __init__(self, org: Org, *, request_id: str, user_id: str) -> None:
        self.org = org
        self.store = org.store
        self.request_id = request_id
        self.user_id = user_id
        self.opportunities_to_roll_up: dict[str, None] = {}

    def create(self, obj: SObject, body: dict[str, Any]) -> str:
        """The id of the new record. RecordError when it is refused; then nothing is written."""
        body = self.org.faults.on_record(obj.name, record_id="", body=body)
        row = accepted(self.org, obj, body, creating=True)
        for field in obj.stored:
            if field.default is not None:
                row.setdefault(field.name, values.stored(field, field.default))
        if "ownerid" in obj.by_name:
            row.setdefault("OwnerId", self.user_id)
        for_parent = ON_CREATE[obj.name](self.org, row) if obj.name in ON_CREATE else {}
        self._check(obj, row, {name: row.get(name) for name in _required(obj)})
        record_id = self.store.new_ids(obj)[0]
        if obj.custom and not row.get("Name"):
            row["Name"] = record_id
        self.store.insert(obj, {"Id": record_id, **row, **stamps(user_id=self.user_id)})
        self._journal("create", obj, record_id, before=None, after=row)
        if for_parent:
            parent = SCHEMA["opportunity"]
            self._write(parent, self._living(parent, row["OpportunityId"]), for_parent, "rollup")
        self._follow_up(obj, row)
        return record_id

    def update(self, obj: SObject, record_id: str, body: dict[str, Any]) -> None:
        """Change a living record. RecordError when it is refused; then nothing is written."""
        old = self._living(obj, record_id)
        body = self.org.faults.on_record(obj.name, record_id=record_id, body=body)
        new = accepted(self.org, obj, body, creating=False)
        if obj.name in ON_UPDATE:
            ON_UPDATE[obj.name](self.org, old, new)
        required = {name: new[name] for name in _required(obj) if name in new}
        self._check(obj, new, required, record_id=record_id)
        self._write(obj, old, new, "update")

    def delete(self, obj: SObject, record_id: str) -> None:
        """Delete a record and what hangs on it. RecordError when something forbids it."""
        old = self._living(obj, record_id)
        self.org.faults.on_record(obj.name, record_id=record_id, body={})
        with self.store.transaction():
            self._release_children(obj, record_id)
            if obj.recycled:
                self.store.update(obj, record_id, {"IsDeleted": 1, **self._touch()})
            else:
                self.store.delete(obj, record_id)
        gone = {name: old[name] for name in obj.columns if old[name] is not None}
        self._journal("delete", obj, record_id, before=gone, after=None)
        self._follow_up(obj, old)

    def finish(self) -> None:
        """What Salesforce derives from the changes: amounts of opportunities from their lines."""
        opportunity = SCHEMA["opportunity"]
        for opportunity_id in self.opportunities_to_roll_up:
            old = self.store.find(opportunity, opportunity_id)
            if old is None or old["IsDeleted"]:
                continue
            new = opportunities.rolled_up(self.store, old)
            changed = {name: value for name, value in new.items() if value != old[name]}
            if changed:
                self._write(opportunity, old, changed, "rollup")
        self.opportunities_to_roll_up.clear()

    def _living(self, obj: SObject, record_id: str) -> Row:
        row = self.store.find(obj, record_id)
        if row is None and not self.store.is_buried(record_id):
            raise not_found()
        if row is None or row["IsDeleted"]:
            raise entity_is_deleted()
        return row

    def _check(self, obj: SObject, row: Row, required: Row, *, record_id: str = "") -> None:
        missing = tuple(name for name, value in required.items() if value is None)
        if missing:
            raise RecordError(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                fields=missing,
            )
        for name, value in row.items():
            field = obj.by_name[name.lower()]
            if value is not None and field.target:
                self._check_reference(field, value)
            elif value is not None and field.unique:
                self._check_unique(obj, field, value, record_id=record_id)

    def _check_reference(self, field: Field, record_id: str) -> None:
        target = SCHEMA[field.target.lower()]
        if record_id[:3] != target.prefix:
            raise RecordError(
                "MALFORMED_ID",
                f"{field.title}: id value of incorrect type: {record_id}",
                fields=(field.name,),
            )
        if not self.store.exists(target, record_id):
            raise invalid_cross_reference(field.name)

    def _check_unique(self, obj: SObject, field: Field, value: str, *, record_id: str) -> None:
        others = [each for each in self.store.ids_where(obj, field, value) if each != record_id]
        if others:
            raise RecordError(
                "DUPLICATE_VALUE",
                f"duplicate value found: {field.name} duplicates value on record with id: "
                f"{others[0][:15]}",
                fields=(field.name,),
            )

    def _touch(self) -> Row:
        now = times.now()
        return {"LastModifiedDate": now, "LastModifiedById": self.user_id, "SystemModstamp": now}

    def _write(self, obj: SObject, old: Row, new: Row, action: str) -> None:
        self.store.update(obj, old["Id"], {**new, **self._touch()})
        before = {name: old[name] for name in new}
        self._journal(action, obj, old["Id"], before=before, after=new)
        if action == "update":
            self._follow_up(obj, old)

    def _follow_up(self, obj: SObject, row: Row) -> None:
        if obj.name == "OpportunityLineItem":
            self.opportunities_to_roll_up[row["OpportunityId"]] = None

    def _release_children(self, obj: SObject, record_id: str) -> None:
        for child, field in SCHEMA.referring_to(obj.name):
            for child_id in self.store.ids_where(child, field, record_id):
                if field.on_delete == "restrict":
                    raise RecordError(
                        "DELETE_FAILED",
                        f"Your attempt to delete {record_id} could not be completed because it is "
                        f"associated with the following {child.plural}: {child_id}",
                    )
                if field.on_delete == "cascade":
                    self.delete(child, child_id)
                else:
                    child_row = self._living(child, child_id)
                    self._write(child, child_row, {field.name: None}, "clear")

    def _journal(
        self, action: str, obj: SObject, record_id: str, *, before: Row | None, after: Row | None
    ) -> None:
        journal.append(
            self.store,
            request_id=self.request_id,
            action=action,
            object_name=obj.name,
            record_id=record_id,
            before=_as_json(obj, before),
            after=_as_json(obj, after),
        )


def accepted(org: Org, obj: SObject, body: dict[str, Any], *, creating: bool) -> Row:
    """The stored form of the fields in a body. RecordError names the first field that is wrong."""
    row: Row = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        field = obj.by_name.get(name.lower())
        if field is None:
            field, value = referred(org, obj, name=name, value=value)
        if not (field.createable if creating else field.updateable):
            raise not_writable(field, creating=creating)
        row[field.name] = values.stored(field, value)
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


def _required(obj: SObject) -> list[str]:
    return [field.name for field in obj.fields if field.required]


def _as_json(obj: SObject, row: Row | None) -> Row | None:
    if row is None:
        return None
    return {name: values.to_json(obj.by_name[name.lower()], value) for name, value in row.items()}
