"""The Salesforce formula language: compile a formula once, evaluate it for any number of records.

>>> from syncrules.formula import compile_formula
>>> fields = [{"name": "Amount__c", "type": "Currency"}]
>>> formula = compile_formula("ROUND(Amount__c * 1.1, 2)", fields, "Currency", "zero")
>>> formula.evaluate({"Amount__c": "19.99"})
Decimal('21.99')
"""

from syncrules.formula.errors import (
    CompileError,
    EvaluationError,
    FormulaError,
    UnsupportedError,
)
from syncrules.formula.fields import Blanks, Field
from syncrules.formula.formula import Formula, compile_formula
from syncrules.formula.kinds import Location, Record, Value
from syncrules.formula.parser import parse
from syncrules.formula.printer import to_source

__all__ = [
    "Blanks",
    "CompileError",
    "EvaluationError",
    "Field",
    "Formula",
    "FormulaError",
    "Location",
    "Record",
    "UnsupportedError",
    "Value",
    "compile_formula",
    "parse",
    "to_source",
]
