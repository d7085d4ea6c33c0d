"""`python -m syncrules.formula`: a formula per line of JSON in, its value per line of JSON out.

In:  {"id", "formula", "returns", "blanks", "fields": [{"name", "type", "formula"?, "values"?,
     "fields"?}], "record": {…}}
Out: {"id", "value"} or {"id", "error": "compile" | "evaluation" | "unsupported", "message"}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from syncrules.formula.errors import (
    DeclarationError,
    EvaluationError,
    FormulaError,
    UnsupportedError,
)
from syncrules.formula.fields import Blanks
from syncrules.formula.formula import compile_formula
from syncrules.formula.results import to_json

_COMPILE, _EVALUATION, _UNSUPPORTED = "compile", "evaluation", "unsupported"


def answer(line: bytes, *, now: datetime) -> dict[str, object]:
    """The answer to one line; whatever is wrong with it is an error of this line alone."""
    try:
        case = json.loads(line, parse_float=Decimal)
    except (RecursionError, ValueError) as error:
        return _failed(None, _COMPILE, f"The line is not JSON: {error}")
    if not isinstance(case, dict):
        return _failed(None, _COMPILE, "The line is not a JSON object.")
    try:
        return {"id": case.get("id"), "value": _value(case, now)}
    except UnsupportedError as error:
        return _failed(case.get("id"), _UNSUPPORTED, str(error))
    except EvaluationError as error:
        return _failed(case.get("id"), _EVALUATION, f"{error.display} {error}")
    except (FormulaError, DeclarationError) as error:
        return _failed(case.get("id"), _COMPILE, str(error))


def main(lines: Iterable[bytes]) -> None:
    """Answers each line that is not empty as soon as it is read."""
    for line in lines:
        if line.strip():
            print(json.dumps(answer(line, now=datetime.now(UTC))), flush=True)


def _value(case: Mapping[str, object], now: datetime) -> object:
    source, returns = case.get("formula"), case.get("returns")
    blanks, fields = case.get("blanks", "zero"), case.get("fields") or []
    record = case.get("record") or {}
    if not isinstance(source, str) or not isinstance(returns, str):
        raise DeclarationError("A case needs a formula and what it returns, both as text.")
    if not isinstance(fields, list) or not isinstance(record, dict):
        raise DeclarationError("The fields must be a list and the record an object.")
    formula = compile_formula(source, fields, returns, cast("Blanks", blanks))
    return to_json(formula.evaluate(record, now))


def _failed(case_id: object, error: str, message: str) -> dict[str, object]:
    return {"id": case_id, "error": error, "message": message}


if __name__ == "__main__":
    main(sys.stdin.buffer)
