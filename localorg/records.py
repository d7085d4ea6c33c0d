"""Changing one record: what is checked before, what is written, what follows from it."""

from collections.abc import Callable
from typing import Any

from localorg import journal, line_items, opportunities, times, values
from localorg.bodies import accepted
from localorg.errors import (
    RecordError,
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
        # The changes of one request are of one moment.
        self.at, now = times.now_exact(), times.now()
        self.touch = {"LastModifiedDate": now, "LastModifiedById": user_id, "SystemModstamp": now}
        self.expected: dict[str, Row] = {}
        self.opportunities_to_roll_up: dict[str, None] = {}

    def expect(self, obj: SObject, record_ids: list[str]) -> None:
        """Read at once what is about to be updated; an update changes no row but its own."""
        self.expected |= self.store.find_many(obj, record_ids)

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
        self._check(obj, row, {name: row.get(name) for name in obj.required})
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
        body = self._troubled(obj, old, body)
        new = accepted(self.org, obj, body, creating=False)
        if obj.name in ON_UPDATE:
            ON_UPDATE[obj.name](self.org, old, new)
        required = {name: new[name] for name in obj.required if name in new}
        self._check(obj, new, required, record_id=record_id)
        self._write(obj, old, new, "update")

    def delete(self, obj: SObject, record_id: str) -> None:
        """Delete a record and what hangs on it. RecordError when something forbids it."""
        old = self._living(obj, record_id)
        self._troubled(obj, old, {})
        with self.store.transaction():
            self._release_children(obj, record_id)
            if obj.recycled:
                self.store.update(obj, record_id, {"IsDeleted": 1, **self.touch})
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

    def _troubled(self, obj: SObject, old: Row, body: dict[str, Any]) -> dict[str, Any]:
        known = (old[field.name] for field in obj.external_ids)
        return self.org.faults.on_record(obj.name, record_id=old["Id"], body=body, known=known)

    def _living(self, obj: SObject, record_id: str) -> Row:
        row = self.expected.pop(record_id, None) or self.store.find(obj, record_id)
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
            field = obj.constrained.get(name)
            if field is None or value is None:
                continue
            if field.target:
                self._check_reference(field, value)
            else:
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

    def _write(self, obj: SObject, old: Row, new: Row, action: str) -> None:
        self.store.update(obj, old["Id"], {**new, **self.touch})
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
            at=self.at,
            request_id=self.request_id,
            action=action,
            object_name=obj.name,
            record_id=record_id,
            before=_as_json(obj, before),
            after=_as_json(obj, after),
        )


def _as_json(obj: SObject, row: Row | None) -> Row | None:
    """A row as an answer shows it, where boxes are true or false and not 1 or 0."""
    if row is None or obj.booleans.isdisjoint(row):
        return row
    return {
        name: bool(value) if name in obj.booleans and value is not None else value
        for name, value in row.items()
    }
