"""From the text of a regular expression to its tree.

The part of Java's syntax that Salesforce formulas live on: classes with ranges and negation, the
escapes, groups, alternation, every quantifier, anchors, word boundaries, lookahead, and the flags
i, m, s. Back references, lookbehind and class intersections are refused.
"""

from __future__ import annotations

import re

from syncrules.formula.patterns.classes import bracketed, escape, folded, same
from syncrules.formula.patterns.cursor import Cursor
from syncrules.formula.patterns.tree import (
    Char,
    Choice,
    Look,
    Pattern,
    PatternError,
    Place,
    Repeat,
    Sequence,
    Test,
)

_MAX_REPEAT = 1_000
_MAX_DEPTH = 50
_QUANTIFIERS: tuple[tuple[str, int, int | None], ...] = (
    ("*", 0, None),
    ("+", 1, None),
    ("?", 0, 1),
)
_QUOTED = re.compile(r"(\\[^Q])|\\Q(.*?)(?:\\E|\Z)", re.DOTALL)  # \Q…\E takes all as it is
_PLACES = {"A": "^", "Z": "$", "z": "z", "b": "b", "B": "B"}


def read_pattern(text: str) -> Pattern:
    """The tree of a regular expression. Errors: PatternError."""
    reader = _Reader(_QUOTED.sub(_unquoted, text))
    pattern = reader.choice()
    if reader.cursor.peek():
        raise PatternError("a closing parenthesis has no partner")
    return pattern


class _Reader:
    """Recursive descent; `depth` bounds it, `flags` are those of the innermost group."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.flags: frozenset[str] = frozenset()
        self.depth = 0

    def choice(self) -> Pattern:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise PatternError("the groups nest too deeply")
        options = [self._sequence()]
        while self.cursor.take("|"):
            options.append(self._sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Pattern:
        parts: list[Pattern] = []
        while self.cursor.peek() not in {"", "|", ")"}:
            parts.append(self._quantified(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quantified(self, atom: Pattern) -> Pattern:
        bounds = self._bounds()
        if bounds is None:
            return atom
        # Lazy or possessive makes no difference to whether the whole text can match, except that
        # possessive ones match less; formulas use them for speed alone.
        if not self.cursor.take("?"):
            self.cursor.take("+")
        return Repeat(atom, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, least, most in _QUANTIFIERS:
            if self.cursor.take(sign):
                return least, most
        return self._counted() if self.cursor.take("{") else None

    def _counted(self) -> tuple[int, int | None]:
        low, comma, high = self.cursor.until("}").partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()):
            raise PatternError("a repetition must be {n}, {n,} or {n,m}")
        least = int(low[:9])
        most = int(high[:9]) if high else (None if comma else least)
        if max(least, most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise PatternError(f"a repetition counts up to {_MAX_REPEAT}, the least first")
        return least, most

    def _atom(self) -> Pattern:
        char = self.cursor.next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._char(bracketed(self.cursor))
        if char == ".":
            return Char((lambda _: True) if "s" in self.flags else _within_line)
        if char in "^$":
            return Place(char + "m" if "m" in self.flags else char)
        if char in "*+?{":
            raise PatternError(f"{char} has nothing to repeat")
        return self._escaped() if char == "\\" else self._char(same(char))

    def _escaped(self) -> Pattern:
        letter = self.cursor.peek()
        if letter in _PLACES:
            return Place(_PLACES[self.cursor.next()])
        if letter == "k" or (letter.isdecimal() and letter != "0"):
            raise PatternError("back references are not supported")
        return self._char(escape(self.cursor))

    def _group(self) -> Pattern:
        outer = self.flags
        if self.cursor.take("?"):
            for mark, negated in (("=", False), ("!", True)):
                if self.cursor.take(mark):
                    return Look(self._body(outer), negated)
            if self._opening() == ")":
                return Sequence(())  # flags alone hold for the rest of the enclosing group
        return self._body(outer)

    def _body(self, outer: frozenset[str]) -> Pattern:
        pattern = self.choice()
        if not self.cursor.take(")"):
            raise PatternError("a closing parenthesis is missing")
        self.flags = outer
        return pattern

    def _opening(self) -> str:
        """Reads past `(?:`, `(?>`, `(?<name>` or `(?i-s:` and says how it ended."""
        if self.cursor.take(">"):
            return ":"
        if self.cursor.take("<"):
            if self.cursor.peek() in {"=", "!"}:
                raise PatternError("lookbehind is not supported")
            self.cursor.until(">")
            return ":"
        switch_on = True
        while (letter := self.cursor.next()) not in ":)":
            if letter not in "-imsu":
                raise PatternError(f"(?{letter} is not supported")
            switch_on = switch_on and letter != "-"
            self.flags = self.flags | {letter} if switch_on else self.flags - {letter}
        return letter

    def _char(self, test: Test) -> Char:
        return Char(folded(test) if "i" in self.flags else test)


def _unquoted(match: re.Match[str]) -> str:
    return match[1] or re.escape(match[2])


def _within_line(char: str) -> bool:
    return char not in "\n\r\u0085\u2028\u2029"
