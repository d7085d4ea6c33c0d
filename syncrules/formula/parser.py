"""From formula text to syntax tree.

A prefix binds tighter than every infix operator, so `-2 ^ 2` is 4; operators of one level are read
from the left, `^` included.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from syncrules.formula.errors import CompileError
from syncrules.formula.nodes import (
    LEVEL,
    Call,
    Chain,
    Constant,
    Node,
    Number,
    Reference,
    Step,
    Text,
    Unary,
)

MAX_SOURCE = 3_900  # Salesforce's limit on the text of a formula
MAX_NESTING = 150  # keeps compiling and evaluating far from Python's own recursion limit

# One flat rule for all infix operators: a rule for each of the seven levels would cost seven
# reductions for every operand. The builder groups them by level instead.
_GRAMMAR = r"""
    ?start: operand | operand ((SIGN | INFIX) operand)+ -> operations
    ?operand: NUMBER -> number
        | TEXT -> text
        | (TRUE | FALSE | NULL) -> constant
        | NAME -> reference
        | NAME "(" [start ("," start)*] ")" -> call
        | "(" start ")"
        | (SIGN | BANG | NOT) operand -> prefixed

    SIGN: /[+-]/
    INFIX.2: /\|\||&&|==|=|<>|!=|<=|>=|[<>&*\/^]/
    BANG: "!"
    NOT.3: /not(?![A-Za-z0-9_$:.#])/i
    TRUE.3: /true(?![A-Za-z0-9_$:.#])/i
    FALSE.3: /false(?![A-Za-z0-9_$:.#])/i
    NULL.3: /null(?![A-Za-z0-9_$:.#])/i
    NAME: /[A-Za-z$][A-Za-z0-9_$:.#]*/
    NUMBER: /[0-9]+(\.[0-9]+)?/
    TEXT: /"([^"\\\n\r]|\\[nrt"'\\])*"|'([^'\\\n\r]|\\[nrt"'\\])*'/
    COMMENT.4: /\/\*[\s\S]*?\*\//
    %ignore COMMENT
    %ignore /[ \t\f\r\n]+/
"""

_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_CANONICAL = {"==": "=", "!=": "<>"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(source: str) -> Node:
    """The syntax tree of a formula.

    Errors: CompileError for text that is no formula, is too long or is nested too deeply.
    """
    if len(source) > MAX_SOURCE:
        reason = f"A formula may have {MAX_SOURCE:,} characters; this one has {len(source):,}."
        raise CompileError(reason, source=source, position=MAX_SOURCE)
    if not source.strip():
        raise CompileError("The formula is empty.", source=source, position=0)
    try:
        tree = cast("Node", _parser().parse(source))
    except UnexpectedInput as error:
        raise _syntax_error(error, source) from None
    if tree.depth > MAX_NESTING:
        raise nesting_error(source, tree.position)
    return tree


def nesting_error(source: str, position: int) -> CompileError:
    """The refusal of a formula that nests too deeply, on its own or through formula fields."""
    reason = f"The formula nests more than {MAX_NESTING} levels deep."
    return CompileError(reason, source=source, position=position)


class _Builder(Transformer[Token, Node]):
    """Makes nodes while the parser reduces, so that no depth of input needs recursion."""

    def number(self, items: list[Token]) -> Node:
        return Number(str(items[0]), items[0].start_pos or 0)

    def text(self, items: list[Token]) -> Node:
        value = _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), items[0][1:-1])
        return Text(value, items[0].start_pos or 0)

    def constant(self, items: list[Token]) -> Node:
        return Constant(_WORDS[items[0].lower()], items[0].start_pos or 0)

    def reference(self, items: list[Token]) -> Node:
        return Reference(str(items[0]), items[0].start_pos or 0)

    def call(self, items: list[Any]) -> Node:
        name, *arguments = items
        return _call(str(name), [a for a in arguments if a is not None], name.start_pos)

    def prefixed(self, items: list[Any]) -> Node:
        sign, operand = items
        position = sign.start_pos
        if sign.type == "NOT":
            return _call("NOT", [operand], position)
        return Unary(str(sign), operand, position, operand.depth + 1)

    def operations(self, items: list[Any]) -> Node:
        return _grouped([_operator(item) if isinstance(item, Token) else item for item in items])


def _operator(token: Token) -> str:
    return _CANONICAL.get(token, str(token))


def _grouped(items: list[Any]) -> Node:
    """Operands with the operators between them, as a tree: split where they bind loosest."""
    if len(items) == 1:
        return cast("Node", items[0])
    loosest = min(LEVEL[operator] for operator in items[1::2])
    cuts = [i for i in range(1, len(items), 2) if LEVEL[items[i]] == loosest]
    first = _grouped(items[: cuts[0]])
    steps = tuple(
        Step(items[cut], _grouped(items[cut + 1 : end]))
        for cut, end in zip(cuts, [*cuts[1:], len(items)], strict=True)
    )
    depth = 1 + max(first.depth, *(step.operand.depth for step in steps))
    return Chain(first, steps, first.position, depth)


def _call(name: str, arguments: list[Node], position: int) -> Call:
    depth = 1 + max((argument.depth for argument in arguments), default=0)
    return Call(name.upper(), tuple(arguments), position, depth)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


def _syntax_error(error: UnexpectedInput, source: str) -> CompileError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        reason = "The formula ends too early"
        reason += ": a closing parenthesis is missing." if "RPAR" in error.accepts else "."
        return CompileError(reason, source=source, position=len(source.rstrip()))
    position = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        return CompileError(_odd_character(source, position), source=source, position=position)
    opening = source.rfind("/*", 0, position + 2)
    if opening >= position - 1 and opening >= 0:
        return CompileError("This comment is not closed.", source=source, position=opening)
    token = error.token if isinstance(error, UnexpectedToken) else source[position : position + 1]
    reason = f"{str(token)!r} is not expected here."
    return CompileError(reason, source=source, position=position)


def _odd_character(source: str, position: int) -> str:
    if source[position] in "\"'":
        return "This text is not closed, breaks over a line, or has an unknown \\ sequence."
    if source[position] in "&|":
        return f"{source[position]!r} is not an operator: write && for AND, || for OR."
    return f"The character {source[position]!r} has no meaning in a formula."
