"""Character classes and escapes of a regular expression."""

from __future__ import annotations

from syncrules.formula.patterns.cursor import Cursor
from syncrules.formula.patterns.tree import PatternError, Test

_MAX_DEPTH = 20
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "a": "\a", "e": "\x1b"}
_CODES = {"x": 2, "u": 4}
_NAMED: dict[str, Test] = {
    "Lower": lambda c: "a" <= c <= "z",
    "Upper": lambda c: "A" <= c <= "Z",
    "Alpha": lambda c: c.isascii() and c.isalpha(),
    "Digit": lambda c: "0" <= c <= "9",
    "Alnum": lambda c: c.isascii() and c.isalnum(),
    "Punct": lambda c: c.isascii() and c.isprintable() and not c.isalnum() and c != " ",
    "Space": lambda c: c in " \t\n\x0b\f\r",
    "ASCII": str.isascii,
    "L": str.isalpha,
    "IsAlphabetic": str.isalpha,
    "Lu": str.isupper,
    "Ll": str.islower,
    "N": str.isnumeric,
    "Nd": str.isdecimal,
}
_SHORT: dict[str, Test] = {
    "d": _NAMED["Digit"],
    "w": lambda c: c.isascii() and is_word(c),
    "s": _NAMED["Space"],
}


def is_word(char: str) -> bool:
    """Whether a word boundary takes the character for part of a word."""
    return char.isalnum() or char == "_"


def negation(test: Test) -> Test:
    """The test that passes where the other does not."""
    return lambda char: not test(char)


def same(expected: str) -> Test:
    """The test for one character."""
    return lambda char: char == expected


def escape(cursor: Cursor) -> Test:
    """The class or character after a backslash. Errors: PatternError for an unknown one."""
    letter = cursor.peek()
    if letter and letter in "pP":
        return _property(cursor)
    test = _SHORT.get(letter.lower()) if letter else None
    if test is None:
        return same(escaped_char(cursor))
    cursor.next()
    return test if letter.islower() else negation(test)


def escaped_char(cursor: Cursor) -> str:
    """The single character that an escape stands for. Errors: PatternError."""
    letter = cursor.next()
    if letter in _CODES:
        digits = "".join(cursor.next() for _ in range(_CODES[letter]))
        return chr(int(digits, 16))
    if letter in _CONTROLS:
        return _CONTROLS[letter]
    if letter.isascii() and letter.isalnum():
        raise PatternError(f"\\{letter} is not supported")
    return letter


def bracketed(cursor: Cursor, depth: int = 0) -> Test:
    """The class whose opening bracket was just read. Errors: PatternError."""
    if depth > _MAX_DEPTH:
        raise PatternError("the classes nest too deeply")
    negated = cursor.take("^")
    tests = [_item(cursor, depth)]  # a ] in first place is a character
    while not cursor.take("]"):
        tests.append(_item(cursor, depth))

    def contains(char: str) -> bool:
        return any(test(char) for test in tests)

    return negation(contains) if negated else contains


def _item(cursor: Cursor, depth: int) -> Test:
    """One character, range, escape or class within a class."""
    if cursor.take("&&"):
        raise PatternError("intersections of classes are not supported")
    if cursor.take("["):
        return bracketed(cursor, depth + 1)
    if cursor.peek() == "\\" and cursor.peek(1).lower() in {"d", "w", "s", "p"}:
        cursor.next()
        return escape(cursor)
    first = _char(cursor)
    if cursor.peek() != "-" or cursor.peek(1) in {"", "]"}:
        return same(first)
    cursor.next()
    last = _char(cursor)
    if last < first:
        raise PatternError(f"the range {first}-{last} runs backwards")
    return lambda char: first <= char <= last


def _char(cursor: Cursor) -> str:
    char = cursor.next()
    return escaped_char(cursor) if char == "\\" else char


def _property(cursor: Cursor) -> Test:
    letter = cursor.next()
    name = cursor.until("}") if cursor.take("{") else cursor.next()
    if name not in _NAMED:
        raise PatternError(f"\\{letter}{{{name}}} is not supported")
    return _NAMED[name] if letter == "p" else negation(_NAMED[name])


def folded(test: Test) -> Test:
    """The test without regard to case."""
    return lambda char: test(char) or test(char.lower()) or test(char.upper())
