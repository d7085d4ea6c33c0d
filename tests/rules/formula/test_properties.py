"""What holds for every formula and every record."""

from __future__ import annotations

from datetime import date, time
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.formula import (
    Blanks,
    CompileError,
    EvaluationError,
    Formula,
    compile_formula,
    parse,
    to_source,
)
from syncrules.formula.nodes import Chain, Node, Number, Unary
from syncrules.formula.results import to_json
from tests.rules.formula.formulas import RECORDS, RETURNS, sources
from tests.rules.formula.language import FIELDS, NOW

_VALUES = (Decimal, str, bool, date, time)
BLANKS = st.sampled_from(["zero", "blank"])


@pytest.mark.parametrize("kind", RETURNS)
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_what_is_printed_parses_to_the_same_tree(kind: str, data: st.DataObject) -> None:
    tree = parse(data.draw(sources(kind)))
    printed = to_source(tree)
    assert parse(printed) == tree
    assert to_source(parse(printed)) == printed


@pytest.mark.parametrize("kind", RETURNS)
@settings(deadline=None, max_examples=300)
@given(data=st.data(), record=RECORDS, blanks=BLANKS)
def test_evaluation_yields_a_value_or_an_evaluation_error(
    kind: str, data: st.DataObject, record: dict[str, Any], blanks: Blanks
) -> None:
    formula = compile_formula(data.draw(sources(kind)), FIELDS, RETURNS[kind], blanks)
    outcome = _outcome(formula, record)
    (among_many,) = formula.evaluate_many([record], NOW)

    if isinstance(outcome, EvaluationError):
        assert str(among_many) == str(outcome) != ""
    else:
        assert outcome is None or isinstance(outcome, _VALUES)
        assert among_many == outcome
        assert isinstance(to_json(outcome), str | bool | None)


@settings(deadline=None, max_examples=300)
@given(source=st.text("nmtIFABS(),+-*/^&|<>=!'\"\\ 01.\n/*$_", max_size=40))
def test_any_text_compiles_or_is_refused_with_its_place(source: str) -> None:
    refusal = None
    try:
        formula = compile_formula(source, FIELDS, "Number")
    except CompileError as error:
        refusal = error
    if refusal is None:
        assert not isinstance(_outcome(formula, {}), str)
    else:
        assert 1 <= refusal.line <= source.count("\n") + 1
        assert refusal.excerpt.endswith("^")


_LITERALS = st.decimals(0, 10_000, places=3).map(lambda number: f"{number:f}")
_ARITHMETIC = st.recursive(
    _LITERALS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda source: f"-{source}"),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(" ".join),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=400)
@given(source=_ARITHMETIC)
def test_arithmetic_agrees_with_a_naive_evaluator(source: str) -> None:
    try:
        expected: Decimal | None = _naive(parse(source))
    except DecimalException:
        expected = None
    outcome = _outcome(compile_formula(f"IF(b, 0, {source})", FIELDS, "Number"), {})

    if expected is None:
        assert isinstance(outcome, EvaluationError)
    else:
        assert outcome == expected.quantize(Decimal("1E-32"), context=_WIDE)


_CONTEXT = Context(prec=39, rounding=ROUND_HALF_UP)
_WIDE = Context(prec=200, rounding=ROUND_HALF_UP)


def _naive(node: Node) -> Decimal:
    match node:
        case Number(digits=digits):
            return Decimal(digits)
        case Unary(operand=operand):
            return _naive(operand).copy_negate()
        case Chain(first=first, steps=steps):
            value = _naive(first)
            for step in steps:
                operate = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
                value = getattr(_CONTEXT, operate[step.operator])(value, _naive(step.operand))
            return value
    raise AssertionError(node)


def _outcome(formula: Formula, record: dict[str, Any]) -> object:
    try:
        return formula.evaluate(record, NOW)
    except EvaluationError as error:
        return error
