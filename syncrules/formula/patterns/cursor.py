"""A reading position in the text of a regular expression."""

from __future__ import annotations

from syncrules.formula.patterns.tree import PatternError


class Cursor:
    """Reads a text from the left, with a look at what follows."""

    __slots__ = ("position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def peek(self, ahead: int = 0) -> str:
        """The character that follows, "" at the end."""
        return self.text[self.position + ahead : self.position + ahead + 1]

    def next(self) -> str:
        """The character that follows, consumed. Errors: PatternError at the end."""
        char = self.peek()
        if not char:
            raise PatternError("it ends too early")
        self.position += 1
        return char

    def take(self, expected: str) -> bool:
        """Whether this follows; if so it is consumed."""
        found = self.text.startswith(expected, self.position)
        self.position += len(expected) * found
        return found

    def until(self, end: str) -> str:
        """What stands before the end mark, both consumed. Errors: PatternError without one."""
        stop = self.text.find(end, self.position)
        if stop < 0:
            raise PatternError(f"{end} is missing")
        found = self.text[self.position : stop]
        self.position = stop + len(end)
        return found
