"""REGEX and LIKE: whether a whole text has a form."""

from __future__ import annotations

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.registry import lenient, special
from syncrules.formula.kinds import Kind
from syncrules.formula.patterns.matcher import MAX_STEPS, Program, compile_pattern
from syncrules.formula.patterns.tree import PatternError
from syncrules.formula.signature import Arguments, Refusal, checker, declared

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
    return _matches_wildcards(text or "", _wildcards(pattern or ""))


def _wildcards(pattern: str) -> list[str | None]:
    """One entry per character: itself, "" for any one, None for any text."""
    entries: list[str | None] = []
    characters = iter(pattern)
    for char in characters:
        following = next(characters, "\\") if char == "\\" else None
        if following is not None:
            entries.extend([following] if following in "%_\\" else ["\\", following])
        else:
            entries.append({"%": None, "_": ""}.get(char, char))
    return entries


def _matches_wildcards(text: str, entries: list[str | None]) -> bool:
    """Only the last % need ever be reconsidered, so that the work stays a product of lengths."""
    position = entry = steps = 0
    resume: tuple[int, int] | None = None
    while position < len(text):
        steps += 1
        if steps > MAX_STEPS:
            raise EvaluationError("LIKE: the pattern is too complicated for this text.")
        wanted = entries[entry] if entry < len(entries) else "\0\0"
        if wanted is None:
            resume = (position, entry + 1)
            entry += 1
        elif wanted in {"", text[position]}:
            position, entry = position + 1, entry + 1
        elif resume is not None:
            resume = (resume[0] + 1, resume[1])
            position, entry = resume
        else:
            return False
    return all(wanted is None for wanted in entries[entry:])
