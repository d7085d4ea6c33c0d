# ruff: noqa: S608  # names come from the schema, values are parameters
"""Records on disk: one SQLite table per object, written so that a killed process loses nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localorg import ids, tables
from localorg.jsontext import encoded
from localorg.schema import Field, Schema, SObject

Row = dict[str, Any]

BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usage (hour INTEGER PRIMARY KEY, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at TEXT NOT NULL
) WITHOUT ROWID;
-- Lines leave no row behind when they are deleted; a later write still has to say "deleted".
CREATE TABLE IF NOT EXISTS tombstone (id TEXT PRIMARY KEY, object TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, request_id TEXT NOT NULL,
    action TEXT NOT NULL, object TEXT NOT NULL, record_id TEXT NOT NULL, before TEXT, after TEXT
);
CREATE INDEX IF NOT EXISTS journal_record ON journal (record_id, seq);
"""


class FileInUse(Exception):
    """Another process has the data file open."""


@dataclass
class Transaction:
    """What is written now. `undo` makes its end a rollback, without an exception."""

    undone: bool = False

    def undo(self) -> None:
        self.undone = True


class Store:
    """The data file. One thread uses it, so what is read inside a transaction stays true."""

    def __init__(self, path: Path, *, schema: Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.schema = schema
        # Pages are shown and requests served by one thread; tests start the org in a second one.
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=1000, timeout=0
        )
        self.depth = 0
        self.waiting: dict[str, list[Sequence[Any]]] = {}
        self._open(path)

    def _open(self, path: Path) -> None:
        try:
            # One process owns the file; without shared memory this is also the fastest WAL.
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = OFF")
            self.connection.execute("PRAGMA cache_size = -65536")
            self.connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self.connection.close()
            raise FileInUse(f"{path} is in use by another local org") from error
        self.connection.execute("COMMIT")
        self.connection.executescript(BOOKKEEPING)
        for obj in self.schema.values():
            self._create_table(obj)

    def _create_table(self, obj: SObject) -> None:
        columns = ", ".join(tables.definition(field) for field in obj.stored)
        self.connection.execute(f'CREATE TABLE IF NOT EXISTS "{obj.name}" ({columns})')
        present = {row[1] for row in self.rows(f'PRAGMA table_info("{obj.name}")')}
        for field in obj.stored:
            if field.name not in present:
                self.connection.execute(
                    f'ALTER TABLE "{obj.name}" ADD COLUMN {tables.definition(field)}'
                )
        for statement in tables.index_statements(obj):
            self.connection.execute(statement)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """All or nothing; inside another transaction, a part that can be undone alone."""
        transaction = Transaction()
        self._write_waiting()
        name = f"level_{self.depth}"
        self.connection.execute(f"SAVEPOINT {name}" if self.depth else "BEGIN IMMEDIATE")
        self.depth += 1
        try:
            yield transaction
            if not transaction.undone:
                self._write_waiting()
        except BaseException:
            transaction.undo()
            raise
        finally:
            self.depth -= 1
            self.waiting.clear()
            if transaction.undone:
                self.connection.execute(f"ROLLBACK TO {name}" if self.depth else "ROLLBACK")
            if self.depth:
                self.connection.execute(f"RELEASE {name}")
            elif not transaction.undone:
                self.connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._write_waiting()
        return self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        self._write_waiting()
        row = self.connection.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        self._write_waiting()
        return self.connection.execute(sql, parameters).rowcount

    def later(self, sql: str, parameters: Sequence[Any]) -> None:
        """Write this with others of its kind, before anything is read and in this transaction."""
        self.waiting.setdefault(sql, []).append(parameters)

    def _write_waiting(self) -> None:
        # Their order among each other is free: whoever changes a row has read it before.
        for sql, rows in self.waiting.items():
            self.connection.executemany(sql, rows)
        self.waiting.clear()

    def find(self, obj: SObject, record_id: str) -> Row | None:
        """The stored columns of a record, deleted or not."""
        return self.find_many(obj, [record_id]).get(record_id)

    def find_many(self, obj: SObject, record_ids: list[str]) -> dict[str, Row]:
        """The stored columns of those records that are there, by id."""
        sql = tables.selection(obj.name, obj.columns)
        rows = self.rows(sql, (encoded(record_ids).decode(),))
        return {row[0]: dict(zip(obj.columns, row, strict=True)) for row in rows}

    def exists(self, obj: SObject, record_id: str) -> bool:
        sql = f'SELECT 1 FROM "{obj.name}" WHERE "Id" = ? AND "IsDeleted" = 0'
        # Whatever waits is an update, and lets nothing appear or disappear.
        return self.connection.execute(sql, (record_id,)).fetchone() is not None

    def ids_where(self, obj: SObject, field: Field, value: Any) -> list[str]:
        """Ids of the living records whose field has this value."""
        sql = f'SELECT "Id" FROM "{obj.name}" WHERE "{field.name}" = ? AND "IsDeleted" = 0'
        return [row[0] for row in self.rows(sql + ' ORDER BY "Id"', (value,))]

    def insert(self, obj: SObject, row: Row) -> None:
        self.execute(tables.insertion(obj.name, tuple(row)), tuple(row.values()))

    def insert_many(self, obj: SObject, rows: list[Row]) -> None:
        """Insert rows; one whose id is there already replaces the old one."""
        pairs = ", ".join(f'"{name}" = excluded."{name}"' for name in obj.columns)
        self.connection.executemany(
            f'{tables.insertion(obj.name, obj.columns)} ON CONFLICT ("Id") DO UPDATE SET {pairs}',
            [[row.get(name) for name in obj.columns] for row in rows],
        )

    def update(self, obj: SObject, record_id: str, values: Row) -> None:
        self.later(tables.change(obj.name, tuple(values)), (*values.values(), record_id))

    def delete(self, obj: SObject, record_id: str) -> None:
        self.execute(f'DELETE FROM "{obj.name}" WHERE "Id" = ?', (record_id,))
        self.execute("INSERT OR REPLACE INTO tombstone VALUES (?, ?)", (record_id, obj.name))

    def is_buried(self, record_id: str) -> bool:
        return self.value("SELECT 1 FROM tombstone WHERE id = ?", (record_id,)) is not None

    def new_ids(self, obj: SObject, count: int = 1) -> list[str]:
        """The next ids of the object, never given out twice."""
        last = self.value(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET value = value + excluded.value RETURNING value",
            (obj.name, count),
        )
        return [ids.numbered(obj.prefix, number) for number in range(last - count + 1, last + 1)]

    def reserve_ids(self, obj: SObject, highest: int) -> None:
        """Never give out ids up to this number: somebody brought them along."""
        self.execute(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET value = MAX(value, excluded.value)",
            (obj.name, highest),
        )

    def empty(self) -> None:
        """Remove every record and its history; settings and tokens stay."""
        with self.transaction():
            for obj in self.schema.values():
                self.execute(f'DELETE FROM "{obj.name}"')
            for table in ("counter", "usage", "tombstone", "journal"):
                self.execute(f"DELETE FROM {table}")
