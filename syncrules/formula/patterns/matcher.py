"""Matching by walking all readings of a pattern at once, so that no pattern can explode.

The pattern becomes a program of small instructions; the matcher keeps the set of places in the
program that the text so far can have led to. The work is at most text length times program
length, and both are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from syncrules.formula.errors import EvaluationError
from syncrules.formula.patterns.classes import is_word
from syncrules.formula.patterns.reader import read_pattern
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

_MAX_PROGRAM = 5_000
MAX_STEPS = 1_000_000  # Salesforce gives up after as many looks at a character

_MAX_REMEMBERED = 20_000  # places, for each program; then it starts over

_LINE_ENDS = "\n\r\u0085\u2028\u2029"


@dataclass(slots=True)
class _Instruction:
    """Tests one character, tests the place, or leads on without either; then goes to `targets`."""

    targets: list[int]
    test: Test | None = None
    place: str | None = None
    look: Program | None = None
    negated: bool = False


@dataclass(slots=True)
class _State:
    """A set of places with the sets that single characters lead to from it, once they are known."""

    places: Iterable[int]
    work: int
    has_goal: bool
    after: dict[str, _State] = field(default_factory=dict)


class Program:
    """A compiled pattern. The last instruction is the goal."""

    def __init__(self, pattern: Pattern) -> None:
        self._code: list[_Instruction] = []
        self._emit(pattern)
        self._goal = self._add(_Instruction([]))
        self._looks_around = any(i.look is not None or i.place is not None for i in self._code)
        self._start: _State | None = None
        self._remembered = 0

    def matches(self, text: str) -> bool:
        """Whether the whole text matches. Errors: EvaluationError when it is too much work."""
        if self._looks_around:
            return self._run(text, 0, _Budget(), whole=True)
        return self._run_remembered(text)

    def _run_remembered(self, text: str) -> bool:
        """As `_run`, where only the character decides what comes next, so that can be kept."""
        if self._start is None or self._remembered > _MAX_REMEMBERED:
            self._start, self._remembered = self._state([0]), 0
        state = self._start
        left = MAX_STEPS - state.work
        for char in text:
            following = state.after.get(char)
            if following is None:
                following = self._state(self._ahead(state.places, char))
                if self._remembered <= _MAX_REMEMBERED:
                    state.after[char] = following
                    self._remembered += 1 + following.work
            left -= state.work + following.work
            if left < 0:
                raise _too_complicated()
            if not following.work:
                return False
            state = following
        return state.has_goal

    def _state(self, entries: list[int]) -> _State:
        places = self._closure(entries, "", 0, _Budget())
        return _State(places, len(places), self._goal in places)

    def _ahead(self, places: Iterable[int], char: str) -> list[int]:
        return [
            target
            for index in places
            if (test := self._code[index].test) is not None and test(char)
            for target in self._code[index].targets
        ]

    def _run(self, text: str, start: int, budget: _Budget, *, whole: bool) -> bool:
        places = self._closure([0], text, start, budget)
        for position in range(start, len(text)):
            if not whole and self._goal in places:
                return True
            budget.spend(len(places))
            ahead = self._ahead(places, text[position])
            if not ahead:
                return False
            places = self._closure(ahead, text, position + 1, budget)
        return self._goal in places

    def _closure(self, entries: list[int], text: str, position: int, budget: _Budget) -> set[int]:
        """Every instruction that can be reached before the next character is read."""
        reached: set[int] = set()
        waiting = list(entries)
        while waiting:
            index = waiting.pop()
            if index in reached:
                continue
            reached.add(index)
            instruction = self._code[index]
            if instruction.test is None and _holds(instruction, text, position, budget):
                waiting.extend(instruction.targets)
        budget.spend(len(reached))
        return reached

    def run_ahead(self, text: str, position: int, budget: _Budget) -> bool:
        """Whether the pattern matches some text from this position on."""
        return self._run(text, position, budget, whole=False)

    def _emit(self, pattern: Pattern) -> None:
        """Append code for the pattern; it leaves by falling off its end."""
        match pattern:
            case Char(test=test):
                self._step(_Instruction([], test=test))
            case Place(name=name):
                self._step(_Instruction([], place=name))
            case Look(body=body, negated=negated):
                self._step(_Instruction([], look=Program(body), negated=negated))
            case Sequence(parts=parts):
                for part in parts:
                    self._emit(part)
            case Choice(options=options):
                self._emit_choice(options)
            case Repeat(body=body, least=least, most=most):
                self._emit_repeat(body, least, most)

    def _emit_choice(self, options: tuple[Pattern, ...]) -> None:
        fork = self._code[self._add(_Instruction([]))]
        exits = []
        for option in options:
            fork.targets.append(len(self._code))
            self._emit(option)
            exits.append(self._code[self._add(_Instruction([]))])
        for instruction in exits:
            instruction.targets.append(len(self._code))

    def _emit_repeat(self, body: Pattern, least: int, most: int | None) -> None:
        for _ in range(least):
            self._emit(body)
        if most is None:
            fork = self._add(_Instruction([]))
            self._code[fork].targets.append(len(self._code))
            self._emit(body)
            self._add(_Instruction([fork]))
            self._code[fork].targets.append(len(self._code))
            return
        forks = []
        for _ in range(most - least):
            fork = self._add(_Instruction([]))
            self._code[fork].targets.append(len(self._code))
            forks.append(self._code[fork])
            self._emit(body)
        for instruction in forks:
            instruction.targets.append(len(self._code))

    def _step(self, instruction: _Instruction) -> None:
        self._add(instruction)
        instruction.targets.append(len(self._code))

    def _add(self, instruction: _Instruction) -> int:
        if len(self._code) >= _MAX_PROGRAM:
            raise PatternError("it is too long once its repetitions are written out")
        self._code.append(instruction)
        return len(self._code) - 1


class _Budget:
    """How much work one match may still do."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise _too_complicated()


def _too_complicated() -> EvaluationError:
    return EvaluationError("REGEX: the pattern is too complicated for this text.")


@lru_cache(maxsize=64)
def compile_pattern(text: str) -> Program:
    """The program for a regular expression. Errors: PatternError."""
    return Program(read_pattern(text))


def _holds(instruction: _Instruction, text: str, position: int, budget: _Budget) -> bool:
    """Whether an instruction that reads no character lets the reading pass here."""
    if instruction.look is not None:
        return instruction.look.run_ahead(text, position, budget) is not instruction.negated
    return instruction.place is None or _at_place(instruction.place, text, position)


def _at_place(name: str, text: str, position: int) -> bool:
    before, after = text[max(position - 1, 0) : position], text[position : position + 1]
    match name:
        case "^":
            return not before
        case "z":
            return not after
        case "$":
            return not after or (text[position:] in {"\r\n", *_LINE_ENDS})
        case "^m":
            return not before or (bool(after) and before in _LINE_ENDS)
        case "$m":
            return not after or after in _LINE_ENDS
    is_edge = (bool(before) and is_word(before)) is not (bool(after) and is_word(after))
    return is_edge if name == "b" else not is_edge
