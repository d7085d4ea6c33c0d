"""What can go wrong with a formula.

FormulaError
├── CompileError            the text is no formula of these fields; says where and what was meant
│   └── UnsupportedError    Salesforce knows it, but only inside its own pages or while it saves
└── EvaluationError         the formula is sound, this record gives #Error!

DeclarationError is for the program that describes the fields wrongly; it never leaves the package.
"""

from __future__ import annotations

_EXCERPT_WIDTH = 80


class FormulaError(Exception):
    """Anything a formula can be blamed for."""


class CompileError(FormulaError):
    """A formula that cannot be compiled, with its place in the text.

    Shape: `line` and `column` count from 1; `excerpt` is the line with a caret under the place;
    `suggestion` is the name that was probably meant.
    """

    def __init__(
        self, reason: str, *, source: str, position: int, suggestion: str | None = None
    ) -> None:
        position = max(0, min(position, len(source)))
        before = source[:position]
        self.reason = reason
        self.suggestion = suggestion
        self.position = position
        self.line = before.count("\n") + 1
        self.column = position - (before.rfind("\n") + 1) + 1
        self.excerpt = _excerpt(source, line=self.line, column=self.column)
        super().__init__(reason)

    def __str__(self) -> str:
        hint = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"Line {self.line}, column {self.column}: {self.reason}{hint}\n{self.excerpt}"


class DeclarationError(ValueError):
    """Fields, types or options that are not described as they must be."""


class UnsupportedError(CompileError):
    """A function or variable of Salesforce that has no meaning outside Salesforce."""


class EvaluationError(FormulaError):
    """A record for which the formula has no value: Salesforce shows #Error!, its API says null."""

    display = "#Error!"


def _excerpt(source: str, *, line: int, column: int) -> str:
    """The line with a caret; a long line is cut to a window around the place."""
    text = (source.split("\n")[line - 1]).replace("\t", " ").replace("\r", " ")
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2)
    window = text[start : start + _EXCERPT_WIDTH]
    lead = "…" if start else ""
    return f"{lead}{window}\n{' ' * (column - 1 - start + len(lead))}^"
