"""From syntax tree to evaluator: names are looked up and types are checked once, here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from syncrules.formula.errors import CompileError, DeclarationError, UnsupportedError
from syncrules.formula.fields import Field, Scope
from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.functions.catalogue import find, known_names
from syncrules.formula.functions.logic import FAILURES, all_true, any_true
from syncrules.formula.functions.refused import REFUSED, REFUSED_VARIABLES
from syncrules.formula.inputs import reader
from syncrules.formula.kinds import Kind
from syncrules.formula.nodes import Call, Chain, Constant, Node, Number, Reference, Text, Unary
from syncrules.formula.operators import operation
from syncrules.formula.parser import MAX_NESTING, nesting_error, parse
from syncrules.formula.precision import CONTEXT, ZERO
from syncrules.formula.results import accepts, coerce
from syncrules.formula.runtime import (
    UNARY,
    computed_once,
    instead_of_blank,
    run_chain,
    through,
    watched,
)
from syncrules.formula.signature import Refusal, Typed, describe

_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)  # $System.OriginDateTime
_EMPTY = Frame({}, None)


class Workshop:
    """What the formulas of one compilation share: formula fields already made or in the making."""

    def __init__(self, *, blank_is_zero: bool, watch: Callable[[], None] | None = None) -> None:
        self.blank_is_zero = blank_is_zero
        self.watch = watch
        self.nesting = 0
        self.made: dict[tuple[int, str], Evaluator] = {}
        self.making: list[tuple[int, str]] = []


class Compiler:
    """Compiles one formula text against the fields of one object."""

    def __init__(self, source: str, scope: Scope, workshop: Workshop) -> None:
        self.source = source
        self.scope = scope
        self.workshop = workshop
        self.references: dict[str, None] = {}

    def formula(self, returns: str) -> Typed:
        """The compiled formula, its type checked against the return type."""
        typed = self.expression(parse(self.source))
        if not accepts(returns, typed.kind):
            reason = f"The formula yields {describe(typed.kind)}, but must return {returns}."
            raise self.error(reason, typed.node)
        return typed

    def expression(self, node: Node) -> Typed:
        """One node with everything below it."""
        self.workshop.nesting += 1
        if self.workshop.nesting > MAX_NESTING:
            raise nesting_error(self.source, node.position)
        typed = self._typed(node)
        self.workshop.nesting -= 1
        return typed

    def error(self, reason: str, node: Node, suggestion: str | None = None) -> CompileError:
        """The refusal of this formula, at the place of a node."""
        place = {"source": self.source, "position": node.position}
        return CompileError(reason, **place, suggestion=suggestion)  # type: ignore[arg-type]

    def _typed(self, node: Node) -> Typed:
        match node:
            case Number(digits=digits):
                return _constant(Kind.NUMBER, CONTEXT.create_decimal(digits), node)
            case Text(value=value):
                return _constant(Kind.TEXT, value or None, node)
            case Constant(value=value):
                return _constant(Kind.NULL if value is None else Kind.BOOLEAN, value, node)
            case Reference():
                return self._reference(node)
            case Call():
                return self._call(node)
            case Unary():
                return self._unary(node)
            case Chain():
                return self._chain(node)

    def _call(self, node: Call) -> Typed:
        function = find(node.name)
        if function is None:
            raise self._unknown_function(node)
        arguments = tuple(map(self.expression, node.arguments))
        try:
            kind = function.infer(arguments)
            run = watched(function.build(arguments), self.workshop.watch)
            typed = Typed(kind, run, node)
        except Refusal as refusal:
            raise self.error(refusal.reason, refusal.culprit or node) from None
        return _folded(typed) if function.pure and _all_constant(arguments) else typed

    def _unary(self, node: Unary) -> Typed:
        operand = self.expression(node.operand)
        wanted = Kind.BOOLEAN if node.operator == "!" else Kind.NUMBER
        if operand.kind not in {wanted, Kind.NULL}:
            reason = f"{node.operator} needs {wanted.value} here, not {describe(operand.kind)}."
            raise self.error(reason, node.operand)
        typed = Typed(wanted, UNARY[node.operator](operand.run), node)
        return _folded(typed) if operand.constant else typed

    def _chain(self, node: Chain) -> Typed:
        operands = [self.expression(node.first)]
        operands += [self.expression(step.operand) for step in node.steps]
        if node.steps[0].operator in {"&&", "||"}:
            return self._conditions(node, operands)
        left, steps = operands[0], []
        for step, right in zip(node.steps, operands[1:], strict=True):
            try:
                chosen = operation(left, step.operator, right)
            except Refusal as refusal:
                raise self.error(refusal.reason, refusal.culprit or node) from None
            steps.append((chosen, right.run))
            left = Typed(chosen.kind, left.run, node)
        typed = Typed(left.kind, run_chain(operands[0].run, steps), node)
        return _folded(typed) if _all_constant(operands) else typed

    def _conditions(self, node: Chain, operands: list[Typed]) -> Typed:
        sign = node.steps[0].operator
        for operand in operands:
            if operand.kind not in {Kind.BOOLEAN, Kind.NULL}:
                reason = f"{sign} needs Boolean, not {describe(operand.kind)}."
                raise self.error(reason, operand.node)
        combine = all_true if sign == "&&" else any_true
        return Typed(Kind.BOOLEAN, combine([operand.run for operand in operands]), node)

    def _reference(self, node: Reference) -> Typed:
        if node.name.lower() == "$system.origindatetime":
            return _constant(Kind.DATETIME, _ORIGIN, node)
        scope, path = self.scope, []
        *hops, last = node.name.split(".")
        for hop in hops:
            relationship = self._field(hop, scope, node)
            if not relationship.fields:
                raise self.error(f"{relationship.name} does not lead to another object.", node)
            path.append(relationship.name)
            scope = scope.parent(relationship)
        field = self._field(last, scope, node)
        if field.fields:
            raise self.error(f"{field.name} is an object: name one of its fields.", node)
        self.references[".".join([*path, field.name])] = None
        return Typed(field.kind, through(path, self._value(field, scope, node)), node)

    def _value(self, field: Field, scope: Scope, node: Reference) -> Evaluator:
        """What fetches or computes a field of the record in the frame."""
        try:
            if field.formula is None:
                return reader(field, blank_is_zero=self.workshop.blank_is_zero)
            return self._formula_field(field, field.formula, scope, node)
        except DeclarationError as error:
            raise self.error(str(error), node) from None

    def _formula_field(
        self, field: Field, formula: str, scope: Scope, node: Reference
    ) -> Evaluator:
        shop, key = self.workshop, (id(scope), field.name)
        blank = ZERO if shop.blank_is_zero and field.kind is Kind.NUMBER else None
        if key in shop.made:
            return instead_of_blank(shop.made[key], blank)
        if key in shop.making:
            names = [name for _, name in shop.making[shop.making.index(key) :]]
            circle = " → ".join([*names, field.name])
            raise self.error(f"The formula fields refer to each other in a circle: {circle}.", node)
        shop.making.append(key)
        reads_as_zero = shop.blank_is_zero
        shop.blank_is_zero = field.blanks == "zero" if field.blanks else reads_as_zero
        try:
            typed = Compiler(formula, scope, shop).formula(field.type)
        except CompileError as error:
            if isinstance(error, UnsupportedError):
                raise
            raise self.error(f"In the formula field {field.name}: {error.reason}", node) from None
        finally:
            shop.blank_is_zero = reads_as_zero
        shop.making.pop()
        shop.made[key] = computed_once(field.name, typed.run, coerce(field.type))
        return instead_of_blank(shop.made[key], blank)

    def _field(self, name: str, scope: Scope, node: Reference) -> Field:
        field = scope.find(name)
        if field is not None:
            return field
        variable = name.upper()
        if name.startswith("$") and variable in REFUSED_VARIABLES:
            reason = f"{name} is not available: {REFUSED_VARIABLES[variable]}."
            raise UnsupportedError(reason, source=self.source, position=node.position)
        suggestion = _closest(name, scope.names)
        raise self.error(f"There is no field {name}.", node, suggestion)

    def _unknown_function(self, node: Call) -> CompileError:
        if node.name in REFUSED:
            reason = f"{node.name} is not available: {REFUSED[node.name]}."
            return UnsupportedError(reason, source=self.source, position=node.position)
        suggestion = _closest(node.name, known_names())
        return self.error(f"There is no function {node.name}.", node, suggestion)


def _constant(kind: Kind, value: Any, node: Node) -> Typed:
    return Typed(kind, lambda _: value, node, constant=True)


def _folded(typed: Typed) -> Typed:
    """The expression computed now; one that fails is left to fail, or to be caught, later."""
    try:
        value = typed.run(_EMPTY)
    except FAILURES:
        return typed
    return _constant(typed.kind, value, typed.node)


def _all_constant(arguments: Sequence[Typed]) -> bool:
    return all(argument.constant for argument in arguments)


def _closest(name: str, known: Sequence[str]) -> str | None:
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
