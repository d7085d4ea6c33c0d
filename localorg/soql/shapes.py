"""Queries that differ only in the texts of their lists: parsed and compiled once."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from localorg.errors import ApiError
from localorg.schema import SCHEMA
from localorg.soql.parse import LONGEST, parsed
from localorg.soql.statement import Statement
from localorg.soql.to_sql import Compiler
from localorg.soql.tree import MARK, Query

# A list of plain texts, without its parentheses. Other texts are matched too, and left alone, so
# that nothing inside of one is taken for a list.
LIST_OR_TEXT = re.compile(
    r"""(\bIN [ \t\f\r\n]* \( [ \t\f\r\n]*)
        ('[^']+' (?: [ \t\f\r\n]* , [ \t\f\r\n]* '[^']+' )*)
        (?= [ \t\f\r\n]* \))
    | '[^']*'
    """,
    re.IGNORECASE | re.VERBOSE,
)
TEXT = re.compile("'([^']+)'")


def prepared(text: str, *, deleted_too: bool) -> tuple[Query, Statement, list[Any]]:
    """The query's tree, its statement and the parameters of that.

    Errors: ApiError when the query is malformed or names what does not exist
    """
    shape, lists = lifted(text)
    if lists:
        with suppress(ApiError):  # Raised again below, where it can quote the whole text.
            query, statement = compiled_text(shape, deleted_too=deleted_too, lists_given=True)
            return query, statement, statement.bound(lists)
    query, statement = compiled_text(text, deleted_too=deleted_too, lists_given=False)
    return query, statement, statement.bound([])


def lifted(text: str) -> tuple[str, list[list[str]]]:
    """The query with a mark in the place of each list of plain texts, and those lists."""
    lists: list[list[str]] = []

    def marked(match: re.Match[str]) -> str:
        head, texts = match.groups()
        if texts is None:
            return match[0]
        lists.append(TEXT.findall(texts))
        return f"{head}'{MARK}'"

    # With an escape or a mark of its own, a text could pass for a mark.
    if len(text) > LONGEST or "\\" in text or MARK in text:
        return text, []
    return LIST_OR_TEXT.sub(marked, text), lists


@lru_cache(maxsize=64)
def compiled_text(text: str, *, deleted_too: bool, lists_given: bool) -> tuple[Query, Statement]:
    query = parsed(text)
    return query, Compiler(SCHEMA, query, text, deleted_too, lists_given).statement()


@lru_cache(maxsize=64)
def compiled(query: Query, *, deleted_too: bool) -> Statement:
    """The statement of a tree that was not read from a text."""
    return Compiler(SCHEMA, query, "", deleted_too, lists_given=True).statement()
