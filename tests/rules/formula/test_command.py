"""`python -m syncrules.formula`: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.formula.__main__ import answer

NOW = datetime(2026, 3, 17, 13, 45, 10, tzinfo=UTC)
N = {"name": "n", "type": "Number"}


KEYS = ["id", "formula", "returns", "blanks", "fields", "record"]


def ask(**case: object) -> dict[str, object]:
    case = {"id": "x", "returns": "Number", "blanks": "zero", "fields": [N], "record": {}} | case
    return answer(json.dumps(case).encode(), now=NOW)


@pytest.mark.parametrize(
    ("case", "value"),
    [
        ({"formula": "n * 2", "record": {"n": "1.50"}}, "3.00"),
        ({"formula": "n * 2", "record": {"n": 1.5}}, "3.0"),
        ({"formula": "EXP(110)"}, "592097202766467000000000000000000000000000000000"),
        ({"formula": "0 * -1"}, "0"),
        ({"formula": "n", "blanks": "blank"}, None),
        ({"formula": "n > 1", "returns": "Boolean"}, False),
        ({"formula": '"a"', "returns": "Text"}, "a"),
        ({"formula": "DATE(25, 1, 2)", "returns": "Date"}, "0025-01-02"),
        ({"formula": "NOW()", "returns": "DateTime"}, "2026-03-17T13:45:10Z"),
        ({"formula": "TIMENOW()", "returns": "Time"}, "13:45:10.000"),
        (
            {
                "formula": 'IF(TEXT(R__r.pick) = "A", twice, 0)',
                "fields": [
                    N,
                    {"name": "twice", "type": "Number", "formula": "n * 2"},
                    {
                        "name": "R__r",
                        "type": "Reference",
                        "fields": [{"name": "pick", "type": "Picklist", "values": ["A"]}],
                    },
                ],
                "record": {"n": "4", "R__r": {"pick": "A"}},
            },
            "8",
        ),
    ],
)
def test_a_value(case: dict[str, object], value: object) -> None:
    assert ask(**case) == {"id": "x", "value": value}


@pytest.mark.parametrize(
    ("case", "error", "words"),
    [
        ({"formula": "n +"}, "compile", "Line 1, column 4"),
        ({"formula": "m"}, "compile", "There is no field m"),
        ({"formula": "1 / n"}, "evaluation", "#Error! Division by zero."),
        ({"formula": "GETSESSIONID()", "returns": "Text"}, "unsupported", "session"),
        ({"formula": 5}, "compile", "both as text"),
        ({"formula": "n", "fields": {}}, "compile", "n"),
        ({"formula": "n", "fields": "n"}, "compile", "must be a list"),
        ({"formula": "n", "record": [1]}, "compile", "the record an object"),
        ({"formula": "n", "blanks": "none"}, "compile", "not as 'none'"),
        ({"formula": "n", "blanks": []}, "compile", "not as []"),
        ({"formula": "n", "returns": "Blob"}, "compile", "cannot return"),
    ],
)
def test_an_error(case: dict[str, object], error: str, words: str) -> None:
    answered = ask(**case)
    assert (answered["id"], answered["error"]) == ("x", error)
    assert words in str(answered["message"])


@pytest.mark.parametrize(
    "line", [b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"id": 1' + b"0" * 5000]
)
def test_a_line_that_is_no_case(line: bytes) -> None:
    answered = answer(line, now=NOW)
    assert answered["id"] is None
    assert answered["error"] == "compile"


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("n"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "type", "formula", "values", "fields", "n"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=500)
@given(case=st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, _JUNK)))
def test_any_json_gets_an_answer(case: dict[str, object]) -> None:
    case = {"formula": "ISBLANK(n)", "returns": "Checkbox", "fields": [N]} | case
    answered = answer(json.dumps(case).encode(), now=NOW)
    assert answered["id"] == case.get("id")
    assert answered.get("error") in {None, "compile", "evaluation", "unsupported"}


def test_a_bad_line_leaves_the_others_alone() -> None:
    good = json.dumps({"id": 7, "formula": "1 + 1", "returns": "Number", "blanks": "zero"})
    process = subprocess.run(
        [sys.executable, "-m", "syncrules.formula"],
        input=f"{good}\nnonsense\n\n{good}\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in process.stdout.splitlines()]
    assert [a.get("value") for a in answers] == ["2", None, "2"]
    assert process.stderr == ""
