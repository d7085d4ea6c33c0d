"""From syntax tree back to text: parsing what is printed gives the same tree."""

from __future__ import annotations

from syncrules.formula.nodes import (
    LEVEL,
    Call,
    Chain,
    Constant,
    Node,
    Number,
    Reference,
    Text,
    Unary,
)

_UNARY = max(LEVEL.values()) + 1
_PRIMARY = _UNARY + 1
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_WORDS = {True: "TRUE", False: "FALSE", None: "NULL"}


def to_source(node: Node) -> str:
    """The formula in one canonical spelling, with only the parentheses it needs."""
    match node:
        case Number(digits=digits):
            return digits
        case Text(value=value):
            return f'"{value.translate(_QUOTED)}"'
        case Constant(value=value):
            return _WORDS[value]
        case Reference(name=name):
            return name
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(to_source, arguments))})"
        case Unary(operator=operator, operand=operand):
            return operator + _operand(operand, _UNARY)
        case Chain(first=first, steps=steps):
            level = _level(node) + 1
            rest = (f" {step.operator} {_operand(step.operand, level)}" for step in steps)
            return _operand(first, level) + "".join(rest)


def _operand(node: Node, least: int) -> str:
    text = to_source(node)
    return text if _level(node) >= least else f"({text})"


def _level(node: Node) -> int:
    if isinstance(node, Chain):
        return LEVEL[node.steps[0].operator]
    return _UNARY if isinstance(node, Unary) else _PRIMARY
