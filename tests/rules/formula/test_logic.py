"""Conditions, choices, picklists, errors as values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.formula.language import ERROR, boolean, number, text

ONETIME = 'IF( TEXT(Product__r.Type__c) = "ONETIME", Product__r.Price__c, n )'  # as people paste it


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("IF(1 = 1, 1 + 1, 1 / 0)", "2"),
        ("IF(1 = 2, 1 / 0, 3)", "3"),
        ("IFS(FALSE, 1 / 0, TRUE, 2, 1 / 0)", "2"),
        ("IFS(FALSE, 1, NULL = 1, 2, 3)", "3"),
        ("CASE(10, 9, 0, 10, 1, 11, 0, 2)", "1"),
        ("CASE(37, 9, 0, 10, 1, 2)", "2"),
        ("CASE(NULL, 9, 0, 2)", "2"),
        ("CASE(9, 9, 0, 10, NULL, 2)", "0"),
        ("CASE(1, 1, 5, 2, 1 / 0, 6)", ERROR),
        ("IFERROR(1 / 0, 7)", "7"),
        ("IFERROR(VALUE('x'), 7) + 1", "8"),
        ("IFERROR(Broken, 7)", "7"),
        ("IFERROR(1 / 0, 1 / 0)", ERROR),
        ("IFERROR(4, 1 / 0)", "4"),
        ("IFERROR(NULL, 7)", None),
        ("BLANKVALUE(1, 1 / 0)", ERROR),
        ("Broken + 1", ERROR),
    ],
)
def test_choices(source: str, expected: str | None) -> None:
    assert number(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("AND(1 = 1, 3 < 37, 8 <> 12)", True),
        ("AND(1 = 1)", True),
        ("AND(1 <> 1, 1 / 0 = 0)", False),
        ("OR(1 = 0, 3 > 37)", False),
        ("OR(1 = 1, 1 / 0 = 0)", True),
        ("TRUE && !FALSE", True),
        ("not true || true", True),
        ("NOT TRUE = FALSE", True),
        ("1 < 2 = TRUE", True),
        ("FALSE && FALSE || TRUE", True),
        ("1 == 1 && 1 != 2", True),
        ("b = (n > 3)", True),
        ("IN('b', 'a', 'b')", True),
        ("IN(pick, 'ONETIME', 'OTHER')", True),
        ("ISPICKVAL(pick, 'ONETIME')", True),
        ("ISPICKVAL(pick, 'onetime')", False),
        ("TEXT(pick) = 'ONETIME'", True),
        ("'RECURRING' <> TEXT(pick)", True),
        ("INCLUDES(multi, 'B')", True),
        ("INCLUDES(multi, 'D')", False),
        ("IsBig", False),
    ],
)
def test_conditions(source: str, expected: object) -> None:
    record: dict[str, Any] = {"b": "true", "n": 5, "pick": "ONETIME", "multi": "A;B"}
    assert boolean(source, **record) is expected


def test_an_error_in_a_condition_is_the_result() -> None:
    assert boolean("AND(TRUE, 1 / 0 = 0)") == ERROR
    assert text("IF(1 / 0 = 0, 'a', 'b')") == ERROR


@pytest.mark.parametrize(
    ("product", "zero", "blank"),
    [
        ({"Type__c": "ONETIME", "Price__c": "99.95"}, "99.95", "99.95"),
        ({"Type__c": "RECURRING", "Price__c": "99.95"}, "1200", "1200"),
        ({"Type__c": None, "Price__c": "99.95"}, "1200", "1200"),
        ({"Type__c": "ONETIME", "Price__c": None}, "0", None),
        (None, "1200", "1200"),
    ],
)
def test_the_one_time_formula(product: object, zero: str, blank: str | None) -> None:
    assert number(ONETIME, "zero", n="1200", Product__r=product) == zero
    assert number(ONETIME, "blank", n="1200", Product__r=product) == blank


def test_a_choice_on_a_picklist() -> None:
    source = 'CASE(pick, "ONETIME", "once", "RECURRING", "often", "?")'
    assert text(source, pick="RECURRING") == "often"
    assert text(source, pick="recurring") == "?"
    assert text(source) == "?"
