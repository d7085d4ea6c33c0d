"""From the text of a query to its tree, or to Salesforce's MALFORMED_QUERY."""

import math
import re
from pathlib import Path as FilePath
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args
from lark.exceptions import VisitError

from localorg import times
from localorg.errors import ApiError
from localorg.soql.tree import (
    Compared,
    Condition,
    Count,
    Joined,
    Like,
    Negated,
    OneOf,
    Ordering,
    Path,
    Query,
    Value,
)

LONGEST = 100_000
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
OPERATORS = {"<>": "!="}


def parsed(text: str) -> Query:
    """The query's tree. ApiError MALFORMED_QUERY points at the place that is wrong."""
    if len(text) > LONGEST:
        raise ApiError(
            "MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST} characters."
        )
    try:
        query: Query = PARSER.parse(text)
    except UnexpectedInput as error:
        raise malformed(text, _complaint(text, error), column=max(error.column, 1)) from error
    except VisitError as error:
        if isinstance(error.orig_exc, ApiError):
            raise error.orig_exc from error
        raise
    return query


def malformed(text: str, complaint: str, *, column: int) -> ApiError:
    return ApiError("MALFORMED_QUERY", pointed_at(text, complaint, column=column))


def pointed_at(text: str, complaint: str, *, column: int) -> str:
    """The complaint below the query and an arrow, as Salesforce prints it."""
    start = max(0, column - 41)
    excerpt = text[start : column + 40].replace("\n", " ")
    arrow = " " * (column - 1 - start) + "^"
    return f"\n{excerpt}\n{arrow}\nERROR at Row:1:Column:{column}\n{complaint}"


def _complaint(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedCharacters):
        return f"unexpected token: '{text[error.pos_in_stream or 0 :][:1]}'"
    token = getattr(error, "token", "")
    return f"unexpected token: '{token or '<EOF>'}'"


def unescaped(literal: str, *, pattern: bool = False) -> str:
    """The text between the quotes. In a LIKE pattern, escapes of its wildcards are kept."""

    def character(match: re.Match[str]) -> str:
        code = match[1]
        if pattern and code in ("%", "_", "\\"):
            return match[0]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in ESCAPES:
            raise ApiError(
                "MALFORMED_QUERY", f"Illegal character sequence '\\{code}' in string literal"
            )
        return ESCAPES[code]

    return ESCAPED.sub(character, literal[1:-1])


@v_args(inline=True)
class TreeBuilder(Transformer[Token, Query]):
    """Called by the parser bottom up, one method per rule of the grammar."""

    def start(self, selected: tuple[Any, ...], name: Token, *parts: Any) -> Query:
        given = dict(parts)
        return Query(
            selected=selected,
            object_name=str(name),
            condition=given.get("where"),
            orderings=given.get("order_by", ()),
            limit=given.get("limit"),
            offset=given.get("offset", 0),
        )

    def select_list(self, *items: Any) -> tuple[Any, ...]:
        return tuple(item for item in items if item is not None)

    def count_all(self) -> None:
        return None

    def selected(self, item: Path, alias: Token | None = None) -> Path | Count:
        return Count(item.path, str(alias)) if alias and isinstance(item, Count) else item

    def aggregate(self, path: Path) -> Count:
        return Count(path, "")

    def path(self, *names: Token) -> Path:
        return Path(tuple(str(name) for name in names), names[0].column or 1)

    def where(self, condition: Condition) -> tuple[str, Condition]:
        return "where", condition

    def all_of(self, *parts: Condition) -> Joined:
        return Joined("AND", parts)

    def any_of(self, *parts: Condition) -> Joined:
        return Joined("OR", parts)

    def negated(self, part: Condition) -> Negated:
        return Negated(part)

    def operator(self, token: Token) -> str:
        return OPERATORS.get(token, str(token))

    def compared(self, path: Path, operator: Any, value: Value) -> Compared:
        return Compared(path, operator, value)

    def like(self, path: Path, literal: Token) -> Like:
        return Like(path, unescaped(literal, pattern=True))

    def one_of(self, path: Path, values: tuple[Value, ...]) -> OneOf:
        return OneOf(path, values, excluded=False)

    def none_of(self, path: Path, values: tuple[Value, ...]) -> OneOf:
        return OneOf(path, values, excluded=True)

    def list(self, *values: Value) -> tuple[Value, ...]:
        return values

    def string(self, literal: Token) -> Value:
        return Value("string", unescaped(literal) if "\\" in literal else literal[1:-1])

    def number(self, literal: Token) -> Value:
        number = float(literal)
        if not math.isfinite(number):
            raise ApiError("MALFORMED_QUERY", f"number out of range: {literal[:40]}")
        return Value("number", number)

    def date(self, literal: Token) -> Value:
        return Value("date", _moment(literal, times.parsed_date))

    def datetime(self, literal: Token) -> Value:
        return Value("datetime", _moment(literal, times.parsed_datetime))

    def true(self) -> Value:
        return Value("boolean", 1)

    def false(self) -> Value:
        return Value("boolean", 0)

    def null(self) -> Value:
        return Value("null", None)

    def order_by(self, *orderings: Ordering) -> tuple[str, tuple[Ordering, ...]]:
        return "order_by", orderings

    def ordering(self, path: Path, *words: Token) -> Ordering:
        kinds = {word.type for word in words}
        return Ordering(path, "DESC" in kinds, "NULLS_LAST" in kinds)

    def limit(self, number: Token) -> tuple[str, int]:
        return "limit", int(number)

    def offset(self, number: Token) -> tuple[str, int]:
        if int(number) > 2000:
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        return "offset", int(number)


def _moment(literal: Token, read: Any) -> str:
    try:
        return str(read(str(literal)))
    except ValueError as error:
        raise ApiError("MALFORMED_QUERY", f"invalid date or datetime: {literal}") from error


GRAMMAR = (FilePath(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
PARSER: Any = Lark(GRAMMAR, parser="lalr", transformer=TreeBuilder(), maybe_placeholders=False)
