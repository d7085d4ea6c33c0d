"""Whether a literal fits the field it is compared with, and how it is stored."""

from typing import Any

from localorg import ids
from localorg.errors import ApiError
from localorg.schema import Field
from localorg.soql.tree import LiteralKind, Value

ACCEPTED: dict[str, LiteralKind] = {
    "id": "string",
    "reference": "string",
    "string": "string",
    "textarea": "string",
    "picklist": "string",
    "url": "string",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "int": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
}


def stored_literal(field: Field, value: Value) -> Any:
    """The literal as it is stored. INVALID_FIELD when its type is not the field's."""
    # An empty text is no value, in queries as in records.
    if value.kind == "null" or value.value == "":
        return None
    if value.kind != ACCEPTED[field.kind]:
        raise wrong_literal(field)
    if field.kind in ("id", "reference"):
        return _record_id(value.value)
    return value.value


def stored_texts(field: Field, texts: list[str]) -> list[str]:
    """Texts that are not empty, as they are stored."""
    if field.kind not in ("id", "reference"):
        if ACCEPTED[field.kind] != "string":
            raise wrong_literal(field)
        return texts
    return [_record_id(each) for each in texts]


def _record_id(text: object) -> str:
    record_id = ids.normalised(text)
    if record_id is None:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return record_id


def wrong_literal(field: Field) -> ApiError:
    quotes = "should be" if ACCEPTED[field.kind] == "string" else "should not be"
    kind = {"datetime": "dateTime"}.get(field.kind, field.kind)
    return ApiError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {kind} and "
        f"{quotes} enclosed in quotes",
    )
