"""Picklists, which only these functions, CASE, ISBLANK and ISNULL take without TEXT."""

from __future__ import annotations

from decimal import Decimal

from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.registry import lenient, special
from syncrules.formula.kinds import Kind
from syncrules.formula.signature import Arguments, Infer, Refusal, checker, declared

_ISPICKVAL = "ISPICKVAL(picklist: Picklist!, value: Text!) -> Boolean"
_INCLUDES = "INCLUDES(picklist: MultiPicklist!, value: Text!) -> Boolean"


def _with_literal(declaration: str) -> Infer:
    """The declared check, and that the value is a literal: a picklist has no other values."""
    name, parameters, result = declared(declaration)
    check = checker(name, parameters, result)

    def infer(arguments: Arguments) -> Kind:
        kind = check(arguments)
        if arguments[1].literal_text is None:
            raise Refusal(f"{name} needs a literal text as value.", arguments[1].node)
        return kind

    return infer


@special(_ISPICKVAL, _with_literal(_ISPICKVAL))
def _ispickval(arguments: Arguments) -> Evaluator:
    """A picklist without a choice has the value ""."""
    run, value = arguments[0].run, arguments[1].literal_text
    return lambda frame: (run(frame) or "") == value


@special(_INCLUDES, _with_literal(_INCLUDES))
def _includes(arguments: Arguments) -> Evaluator:
    run, value = arguments[0].run, arguments[1].literal_text
    return lambda frame: value in (run(frame) or "").split(";")


@lenient("PICKLISTCOUNT(picklist: MultiPicklist!) -> Number")
def _picklistcount(chosen: str | None) -> Decimal:
    return Decimal(len(chosen.split(";")) if chosen else 0)
