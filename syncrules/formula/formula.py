"""A compiled formula: the public face of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import cast

from syncrules.formula.compiler import Compiler, Workshop
from syncrules.formula.errors import CompileError, DeclarationError, EvaluationError
from syncrules.formula.fields import Blanks, Field, Scope, checked_blanks
from syncrules.formula.frame import Evaluator, Frame
from syncrules.formula.functions.logic import FAILURES
from syncrules.formula.kinds import Record, Value
from syncrules.formula.results import Finish, finisher
from syncrules.formula.runtime import as_evaluation_error

_REMEMBERED = 128


class Formula:
    """A formula that was found sound and can be evaluated any number of times.

    Shape: `references` are the fields it names, as declared and in the order it names them.
    """

    __slots__ = ("_finish", "_run", "blanks", "references", "returns", "source")

    def __init__(
        self,
        source: str,
        *,
        returns: str,
        blanks: Blanks,
        references: tuple[str, ...],
        run: Evaluator,
        finish: Finish,
    ) -> None:
        self.source = source
        self.returns = returns
        self.blanks = blanks
        self.references = references
        self._run = run
        self._finish = finish

    def __repr__(self) -> str:
        return f"<Formula {self.returns}: {self.source}>"

    def evaluate(self, record: Record, now: datetime | None = None) -> Value:
        """The value of the formula for one record, None when it is blank.

        Units: numbers as Decimal, a Percent as people say it (45, not 0.45); moments in GMT.
        Errors: EvaluationError where Salesforce shows #Error!.
        """
        try:
            return cast("Value", self._finish(self._run(Frame(record, now))))
        except FAILURES as error:
            raise as_evaluation_error(error) from None

    def evaluate_many(
        self, records: Iterable[Record], now: datetime | None = None
    ) -> list[Value | EvaluationError]:
        """The values for many records, in their order.

        A record that gives #Error! has the EvaluationError itself in its place.
        """
        run, finish = self._run, self._finish
        values: list[Value | EvaluationError] = []
        for record in records:
            try:
                values.append(cast("Value", finish(run(Frame(record, now)))))
            except FAILURES as error:
                values.append(as_evaluation_error(error))
        return values


def compile_formula(
    source: str,
    fields: Iterable[Field | Mapping[str, object]],
    returns: str,
    blanks: Blanks = "zero",
    *,
    scale: int | None = None,
    watch: Callable[[], None] | None = None,
) -> Formula:
    """The formula, with every name looked up and every type checked.

    `fields` are those of the formula's own object; `returns` is the type of the field it fills;
    `blanks` says whether a blank number counts as zero; `scale` is how many decimals the result
    keeps, where that is known.

    The formulas compiled last are remembered, as the module `re` remembers its patterns. One with
    a `watch` is not: that is called before each function runs, here and in evaluations, and what
    it raises ends them. So a caller who has a clock keeps the time that a hostile text may take.

    Errors: CompileError with the place and, for an unknown name, what was probably meant.
    """
    try:
        declared = tuple(_as_field(field) for field in fields)
        make = _remembered if watch is None else partial(_compiled, watch=watch)
        return make(source, declared, returns, checked_blanks(blanks), scale)
    except DeclarationError as error:
        raise CompileError(str(error), source=source, position=0) from None


def _compiled(
    source: str,
    fields: tuple[Field, ...],
    returns: str,
    blanks: Blanks,
    scale: int | None,
    *,
    watch: Callable[[], None] | None = None,
) -> Formula:
    workshop = Workshop(blank_is_zero=blanks == "zero", watch=watch)
    compiler = Compiler(source, Scope(fields), workshop)
    typed = compiler.formula(returns)
    return Formula(
        source,
        returns=returns,
        blanks=blanks,
        references=tuple(compiler.references),
        run=typed.run,
        finish=finisher(returns, scale),
    )


_remembered = lru_cache(_REMEMBERED)(_compiled)


def _as_field(field: Field | Mapping[str, object]) -> Field:
    return field if isinstance(field, Field) else Field.from_mapping(field)
