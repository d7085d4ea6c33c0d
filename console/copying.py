"""Stores thousands of rows with COPY: a fraction of the time that INSERT takes for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from psycopg import sql


def copy_into(model: type[Model], rows: Sequence[Model]) -> None:
    """The rows are stored as they are; their ids are given by the database and stay unknown here.

    Defaults that Django fills in while saving, such as the present time, must be there already.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001
    forms = [(field.attname, _form_of(field)) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = row.__dict__
            copy.write_row([form(values[name]) for name, form in forms])


def _form_of(field: Field[Any, Any]) -> Callable[[Any], Any]:
    return _as_json if isinstance(field, JSONField) else _as_it_is


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _as_it_is(value: Any) -> Any:
    return value
