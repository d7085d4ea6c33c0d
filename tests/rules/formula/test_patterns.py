"""The regular expressions of REGEX, which match the whole text or not at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.formula.patterns.matcher import compile_pattern
from syncrules.formula.patterns.tree import PatternError


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("[T][e][x][t]", "Text", "text"),
        ("a+", "aaa", ""),
        ("", "", "a"),
        (r"\(\d{3}\) \d{3}-\d{4}", "(510) 797-4647", "510 797-4647"),
        (r"[a-zA-Z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}", "a.b@c.de", "a.b@c"),
        (r"[^0-9]*", "abc", "a1"),
        (r"([A-Z]{2}|\d{3})?x", "ABx", "Ax"),
        (r"(?i)abc", "aBC", "abd"),
        (r"(?i:a)b", "Ab", "AB"),
        (r"a.c", "abc", "a\nc"),
        (r"(?s)a.c", "a\nc", "ac"),
        (r"^\d+$", "123", "12a"),
        (r"(?=.*\d)(?=.*[a-z]).{4,}", "abc1", "abcd"),
        (r"(?!00)\d\d", "10", "00"),
        (r"\bfoo\b.*", "foo bar", "foobar"),
        (r"\w+\s\W", "ab !", "ab b"),
        (r"[\d\-x]+", "1-x", "a"),
        (r"[]a]+", "]a", "b"),
        (r"[a-c[x-z]]+", "axz", "m"),
        (r"a{2}", "aa", "aaa"),
        (r"a{2,}", "aaaa", "a"),
        (r"a{0,2}?b", "aab", "aaab"),
        (r"a*+", "aaa", "b"),
        (r"\Qa.b\E+", "a.bb", "axb"),
        (r"\x41\u0042", "AB", "ab"),
        (r"\p{Lu}\p{L}+", "Été", "été"),
        (r"\P{Digit}+", "ab", "a1"),
        (r"(?<year>\d{4})-(?:0?\d|1[0-2])", "2024-12", "2024-13"),
        (r"(?m)a$\n^b", "a\nb", "ab"),
    ],
)
def test_patterns(pattern: str, matching: str, other: str) -> None:
    program = compile_pattern(pattern)
    assert program.matches(matching)
    assert not program.matches(other)


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "[a", "*a", "a{x}", "a{2,1}", "a{9999}", "[z-a]", r"\1", r"(?<=a)b", r"\k<a>",
        "(?a)", r"\y", r"\p{Nope}", "[a&&b]", "a\\", "(" * 60 + ")" * 60, r"\xZZ",
    ],
)  # fmt: skip
def test_what_is_refused(pattern: str) -> None:
    with pytest.raises((PatternError, ValueError)):
        compile_pattern(pattern)


_PIECES = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)", r"\w", "(?:b|)"])
_COUNTS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{2,}"])
_PATTERNS = st.lists(st.tuples(_PIECES, _COUNTS).map("".join), max_size=5).map("".join)


@settings(deadline=None)
@given(pattern=_PATTERNS, text=st.text("abc", max_size=8))
def test_agrees_with_another_engine(pattern: str, text: str) -> None:
    expected = re.compile(pattern).fullmatch(text) is not None
    assert compile_pattern(pattern).matches(text) is expected
    assert compile_pattern(pattern).matches(text) is expected, "from what it remembers"
    assert compile_pattern(rf"\b|{pattern}|\B").matches(text) is (expected or not text)


def test_what_is_remembered_stays_small() -> None:
    program = compile_pattern("(.|x.){3,}")
    for start in range(0x4E00, 0x9000, 50):
        assert program.matches("".join(map(chr, range(start, start + 50))))
    assert program._remembered < 20_100
