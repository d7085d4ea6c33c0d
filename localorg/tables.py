# ruff: noqa: S608  # names come from the schema, values are parameters
"""What SQLite is told about an object: its table, its indexes and the statements on them."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from localorg.schema import Field, SObject


def definition(field: Field) -> str:
    """The column that keeps the field."""
    return f'"{field.name}" {column_type(field)}{" PRIMARY KEY" * (field.kind == "id")}'


def column_type(field: Field) -> str:
    if field.kind in ("id", "reference"):
        return "TEXT"
    if field.kind in ("boolean", "int"):
        return "INTEGER"
    if field.kind in ("double", "currency", "percent"):
        return "REAL"
    if field.kind in ("date", "datetime"):
        return "TEXT"
    # SOQL compares text without regard to case; so do unique external ids.
    return "TEXT COLLATE NOCASE"


def index_statements(obj: SObject) -> Iterator[str]:
    """Indexes for what SOQL filters by: external ids, lookups, and the polling order."""
    for field in obj.stored:
        name = f'"{obj.name}_{field.name}"'
        if field.unique:
            yield (
                f'CREATE UNIQUE INDEX IF NOT EXISTS {name} ON "{obj.name}" ("{field.name}") '
                'WHERE "IsDeleted" = 0'
            )
        elif field.external_id or (field.target and field.target != "User"):
            yield f'CREATE INDEX IF NOT EXISTS {name} ON "{obj.name}" ("{field.name}")'
    yield (
        f'CREATE INDEX IF NOT EXISTS "{obj.name}_changes" ON "{obj.name}" ("SystemModstamp", "Id")'
    )


# The texts are kept, since a collection asks for the same ones 200 times.
@lru_cache
def selection(table: str, columns: tuple[str, ...]) -> str:
    wanted = "SELECT value FROM json_each(?)"
    return f'SELECT {quoted(columns)} FROM "{table}" WHERE "Id" IN ({wanted})'


@lru_cache
def insertion(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f'INSERT INTO "{table}" ({quoted(columns)}) VALUES ({marks})'


@lru_cache
def change(table: str, columns: tuple[str, ...]) -> str:
    pairs = ", ".join(f'"{name}" = ?' for name in columns)
    return f'UPDATE "{table}" SET {pairs} WHERE "Id" = ?'


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
