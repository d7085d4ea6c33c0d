"""REGEX and LIKE: whether a whole text has a form."""

from __future__ import annotations

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.registry import lenient, special
from syncrules.formula.kinds import Kind
from syncrules.formula.patterns.matcher import Program, compile_pattern
from syncrules.formula.patterns.tree import PatternError
from syncrules.formula.signature import Arguments, Refusal, checker, declared

_WILDCARDS = {"%": ".*", "_": "."}
_ESCAPED = frozenset("*?+^$(){}[")
_REGEX = "REGEX(text: Text!, pattern: Text!) -> Boolean"


def _infer_regex(arguments: Arguments) -> Kind:
    """A literal pattern is checked when the formula is compiled."""
    kind = checker(*declared(_REGEX))(arguments)
    literal = arguments[1].literal_text
    if literal is not None:
        try:
            compile_pattern(literal)
        except (PatternError, ValueError) as error:
            raise Refusal(f"The regular expression is wrong: {error}.", arguments[1].node) from None
    return kind


@special(_REGEX, _infer_regex)
def _regex(arguments: Arguments) -> Evaluator:
    text, pattern = (argument.run for argument in arguments)
    return lambda frame: _program(pattern(frame) or "").matches(text(frame) or "")


def _program(pattern: str) -> Program:
    try:
        return compile_pattern(pattern)
    except ValueError as error:
        raise EvaluationError(f"The regular expression is wrong: {error}.") from None


@lenient("LIKE(text: Text!, pattern: Text!) -> Boolean")
def _like(text: str | None, pattern: str | None) -> bool:
    """% stands for any text, _ for any character; a backslash takes either for itself."""
    return _program(_from_wildcards(pattern or "")).matches(text or "")


def _from_wildcards(pattern: str) -> str:
    """The expression that Salesforce makes of the wildcards: the dot and the bar stay special."""
    parts = []
    characters = iter(pattern)
    for char in characters:
        if char == "\\":
            following = next(characters, "")
            parts.append(following if following in _WILDCARDS else char + following)
        elif char in _WILDCARDS:
            parts.append(_WILDCARDS[char])
        else:
            parts.append("\\" + char if char in _ESCAPED else char)
    return "".join(parts)
