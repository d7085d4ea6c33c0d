"""Stores thousands of rows with COPY: a fraction of the time that INSERT takes for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from psycopg import sql


def copy_into(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Stores new rows; their ids are given by the database and stay unknown here.

    Shape: column of the model (`_id` for a foreign key) -> value; a column that is not named takes
           the model's default; those that the database fills in itself are left to it
    """
    fields = [
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if not field.primary_key and not field.has_db_default()
    ]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001
    forms = [(field.attname, field.get_default(), _form_of(field)) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([form(row.get(name, default)) for name, default, form in forms])


def _form_of(field: Field[Any, Any]) -> Callable[[Any], Any]:
    return _as_json if isinstance(field, JSONField) else _as_it_is


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _as_it_is(value: Any) -> Any:
    return value
