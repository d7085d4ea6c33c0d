"""Stores thousands of rows with COPY: a fraction of the time that INSERT takes for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from psycopg import sql

from console import json_text


def copy_into(
    model: type[Model], rows: Iterable[Mapping[str, Any]], *, given: Collection[str] = ()
) -> None:
    """Stores new rows; their ids are given by the database and stay unknown here.

    Shape: column of the model (`_id` for a foreign key) -> value, JSON as text; a column that is
           not named takes the model's default
    `given`: the columns that the database would fill in, and does not, since the rows name them
    """
    fields = [
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if field.attname in given or not (field.primary_key or field.has_db_default())
    ]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001
    defaults = [(field.attname, _default_of(field)) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(name, default) for name, default in defaults])


def _default_of(field: Field[Any, Any]) -> Any:
    default = field.get_default()
    is_json = isinstance(field, JSONField) and default is not None
    return json_text.of_values(default) if is_json else default
