"""Queries with lists: taken out of the text, they must mean what they mean inside of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localorg.errors import ApiError
from localorg.soql.shapes import compiled_text, lifted, prepared
from tests.localorg.process import Client

SELECT = "SELECT Id, Name FROM Opportunity WHERE"
PARTS = [
    "Name IN ('x', 'y')",
    "name not in( 'x' ,\n'y')",
    "Id IN ('006000000000001', '006000000000002AAA')",
    "AccountId IN ('nonsense')",
    "Account.Name IN ('x')",
    "Nope IN ('x')",
    "Amount IN ('5')",
    "Amount IN (5, 6)",
    "Name IN ('')",
    "Name IN ('x', null)",
    "Name IN ('x' 'y')",
    "Name IN ()",
    "Name IN ('it\\'s', 'x')",
    "Name IN ('\x00')",
    "Name IN ('\\u0000')",
    "Name = ('x')",
    "Name = 'a IN (\\'x\\')'",
    "Name = 'IN ('",
    "Name = ') '",
    "Name LIKE 'x'",
    "Name = 'x",
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    ",",
    "ORDER BY Name LIMIT 5",
]


def as_it_stands(text: str) -> tuple[str, list[Any]]:
    _, statement = compiled_text(text, deleted_too=False, lists_given=False)
    return statement.sql, statement.parameters


def with_lists_lifted(text: str) -> tuple[str, list[Any]]:
    _, statement, parameters = prepared(text, deleted_too=False)
    return statement.sql, parameters


def outcome(compile_: Callable[[str], tuple[str, list[Any]]], text: str) -> Any:
    try:
        return compile_(text)
    except ApiError as refused:
        return refused.body()


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map(" ".join))
def test_lifting_lists_changes_neither_the_statement_nor_the_complaint(condition: str) -> None:
    text = f"{SELECT} {condition}"

    assert outcome(with_lists_lifted, text) == outcome(as_it_stands, text)


def test_queries_that_differ_in_their_lists_share_a_shape() -> None:
    first = f"{SELECT} Name IN ('a', 'b') AND Id IN ('006000000000001') AND NextStep = 'c'"
    second = f"{SELECT} Name IN ('d') AND Id IN ('006000000000002','x') AND NextStep = 'c'"

    assert lifted(first)[0] == lifted(second)[0]
    assert lifted(first)[1] == [["a", "b"], ["006000000000001"]]
    assert lifted(second)[1] == [["d"], ["006000000000002", "x"]]


def test_each_list_finds_its_own_condition(client: Client) -> None:
    for name, step in (("a", "x"), ("b", "y"), ("x", "a")):
        client.opportunity(Name=name, NextStep=step)

    def names(condition: str) -> list[str]:
        return [each["Name"] for each in client.query(f"{SELECT} {condition} ORDER BY Name")]

    assert names("Name IN ('a', 'b') AND NextStep IN ('x')") == ["a"]
    assert names("Name IN ('b', 'x') AND NextStep IN ('a', 'y')") == ["b", "x"]
    assert names("Name NOT IN ('b') AND NextStep IN ('a', 'x', 'y')") == ["a", "x"]


def test_the_arrow_points_into_the_whole_text(client: Client) -> None:
    text = f"{SELECT} Name IN ('a', 'b') AND Nope = 1"
    message = client.raw("GET", "query", params={"q": text}).json()[0]["message"]

    _, line, arrow, place, _ = message.split("\n")
    assert line[arrow.index("^") :].startswith("Nope")
    assert place == f"ERROR at Row:1:Column:{text.index('Nope') + 1}"


def test_a_list_in_a_query_that_is_too_long_is_refused() -> None:
    text = f"{SELECT} Name IN ({', '.join(['%r' % ('x' * 90)] * 1100)})"

    with pytest.raises(ApiError, match="longer than 100000"):
        prepared(text, deleted_too=False)
