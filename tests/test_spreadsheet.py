"""Tables to and from CSV: nothing in them is taken for a formula, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console import spreadsheet
from console.spreadsheet import Unreadable


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "\n=1"])
def test_text_that_looks_like_a_formula_is_defused(text: str) -> None:
    written = spreadsheet.write(["reason"], [[text]])

    cell = written.partition("\r\n")[2].removeprefix('"')
    assert cell.startswith("'")


def test_a_negative_amount_stays_a_number() -> None:
    assert spreadsheet.write(["amount"], [[Decimal("-5.00")]]) == "amount\r\n-5.00\r\n"


def test_what_was_written_is_read_again() -> None:
    rows: list[list[spreadsheet.Cell]] = [
        ["qtitm_1", '=HYPERLINK("x")'],
        ["qtitm_2", "it's, “quoted”\nover two lines"],
        ["qtitm_3", "'tis"],
    ]
    written = spreadsheet.write(["line", "reason"], rows)

    found = spreadsheet.read(written.encode(), needs=["line", "reason"], most=10)

    assert [[each["line"], each["reason"]] for each in found] == rows


def test_a_table_as_a_spreadsheet_saves_it() -> None:
    content = "\ufeffLine;Override\r\nqtitm_1; Never \r\n;\r\n".encode()

    found = spreadsheet.read(content, needs=["line"], most=10)

    assert found == [{"line": "qtitm_1", "override": "Never"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column named line"),
        (b"name\nx\n", "no column named line"),
        (b"\xff\xfe", "not UTF-8"),
        (b"line\n\x00\n", "not text"),
        (b"line\n1\n2\n3\n", "3 rows"),
        (b'line\n"' + b"x" * 200_000 + b'"\n', "not a CSV table"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        spreadsheet.read(content, needs=["line"], most=2)
