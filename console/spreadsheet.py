"""Tables to and from CSV. A cell that a spreadsheet would take for a formula is defused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

# What spreadsheets take for the beginning of a formula.
# Source: OWASP, "CSV Injection".
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_DEFUSED: Final = "'"

Cell = str | int | Decimal | None


class Unreadable(Exception):
    """The file is not the table that was expected; the message says why."""


def write(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as text. Numbers stay numbers, so that a negative amount can be added up."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: Cell) -> str:
    if isinstance(cell, str):
        is_risky = cell.lstrip(" ").startswith(_STARTS_A_FORMULA)
        return f"{_DEFUSED}{cell}" if is_risky else cell
    return "" if cell is None else str(cell)


def read(content: bytes, *, needs: Sequence[str], most: int) -> list[dict[str, str]]:
    """The rows by column name, trimmed, as `write` or a spreadsheet wrote them.

    Errors: Unreadable when it is no such table, a column is missing, or it has more rows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not UTF-8 text. Save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise Unreadable("The file is not text.")
    lines = text.splitlines()
    delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(f"The file is not a CSV table: {error}.") from error
    header = [name.strip().lower() for name in table[0]] if table else []
    if missing := [name for name in needs if name not in header]:
        raise Unreadable(f"There is no column named {', '.join(missing)}.")
    rows = [row for row in table[1:] if any(cell.strip() for cell in row)]
    if len(rows) > most:
        raise Unreadable(f"The file has {len(rows)} rows; {most} can be read at once.")
    return [dict(zip(header, map(_plain, row), strict=False)) for row in rows]


def _plain(cell: str) -> str:
    cell = cell.strip()
    is_defused = cell[1:].lstrip(" ").startswith(_STARTS_A_FORMULA)
    return cell[1:] if cell.startswith(_DEFUSED) and is_defused else cell
