"""Field mappings: each value that fits is carried over, each that does not is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import field_mapping as rule
from syncrules.field_mapping import FieldMap, Problem
from syncrules.json_form import to_json
from syncrules.quote_fields import TARGETS, InvalidTarget, Value, target_of

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def fill_one(target: str, value: object) -> rule.Filled:
    return rule.fill([FieldMap("Source__c", target)], {"Source__c": value})


FITS = [
    ("description", "Renewal", "Renewal"),
    ("description", "x" * 255, "x" * 255),
    ("contract_start", "2026-04-01", date(2026, 4, 1)),
    ("contract_end", "2028-02-29", date(2028, 2, 29)),
    ("currency", "EUR", "EUR"),
]


@pytest.mark.parametrize(("target", "value", "expected"), FITS)
def test_a_value_that_fits_fills_its_field(target: str, value: str, expected: Value) -> None:
    assert fill_one(target, value) == rule.Filled(fields={target: expected})


@pytest.mark.parametrize("value", ["Enterprise", 12.5, 3, 10**400, True, False, "2026-04-01"])
def test_a_custom_field_takes_the_type_of_its_source(value: Value) -> None:
    filled = fill_one("custom:segment", value)

    assert filled == rule.Filled(custom={"segment": value})
    assert type(filled.custom["segment"]) is type(value)


@pytest.mark.parametrize("target", [*TARGETS, "custom:segment"])
@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_value_fills_nothing_and_is_no_problem(target: str, blank: object) -> None:
    assert fill_one(target, blank) == rule.Filled()


MISFITS = [
    ("description", "x" * 256, "has 256 characters, at most 255 fit"),
    ("description", 12.0, "is a number, expected text"),
    ("description", True, "is a checkbox value, expected text"),
    ("description", {"city": "Oslo"}, "is a value of several parts, expected text"),
    ("description", "a\x00b", "contains characters that cannot be stored"),
    ("contract_start", "soon", "is not a date, expected a date such as 2026-04-01"),
    ("contract_start", False, "is a checkbox value, expected a date such as 2026-04-01"),
    ("contract_start", 20260401, "is a number, expected a date such as 2026-04-01"),
    ("contract_start", "20260401", "is not a date, expected a date such as 2026-04-01"),
    ("contract_end", "2026-02-30", "is no day of the calendar"),
    (
        "contract_end",
        "2026-04-01T10:00:00.000+0000",
        "is not a date, expected a date such as 2026-04-01",
    ),
    ("currency", "usd", "is no currency code, expected three capital letters such as USD"),
    ("currency", "US dollars", "is no currency code, expected three capital letters such as USD"),
    ("currency", 978, "is a number, expected text"),
    (
        "custom:place",
        {"city": "Oslo"},
        "is a value of several parts, expected text, a number, a date or a checkbox value",
    ),
    ("custom:ratio", float("nan"), "is not a finite number"),
    ("custom:note", "\ud800", "contains characters that cannot be stored"),
]


@pytest.mark.parametrize(("target", "value", "words"), MISFITS)
def test_a_value_that_does_not_fit_is_named_with_its_field(
    target: str, value: object, words: str
) -> None:
    filled = fill_one(target, value)

    [problem] = filled.problems
    assert (filled.fields, filled.custom) == ({}, {})
    assert (problem.source, problem.target, problem.words) == ("Source__c", target, words)


def test_the_sentence_names_both_fields_and_the_value() -> None:
    [problem] = fill_one("contract_end", "soon").problems

    assert problem.sentence == (
        "Source__c → contract_end: “soon” is not a date, expected a date such as 2026-04-01."
    )


def test_a_long_value_is_shown_in_part_and_an_odd_one_harmless() -> None:
    [long] = fill_one("description", "x" * 300).problems
    [odd] = fill_one("description", "a\x00b\ud800").problems

    assert long.value == "x" * 79 + "…"
    assert odd.value == "a\ufffdb\ufffd"


def test_one_bad_value_keeps_the_rest() -> None:
    maps = [
        FieldMap("A__c", "description"),
        FieldMap("B__c", "contract_start"),
        FieldMap("C__c", "custom:segment"),
    ]

    filled = rule.fill(maps, {"A__c": "Renewal", "B__c": "soon", "C__c": "Enterprise"})

    assert filled.fields == {"description": "Renewal"}
    assert filled.custom == {"segment": "Enterprise"}
    assert [problem.target for problem in filled.problems] == ["contract_start"]


def test_one_source_may_fill_several_fields() -> None:
    maps = [FieldMap("A__c", "description"), FieldMap("A__c", "custom:note")]

    filled = rule.fill(maps, {"A__c": "Renewal"})

    assert (filled.fields, filled.custom) == ({"description": "Renewal"}, {"note": "Renewal"})


def test_a_field_that_vanished_in_salesforce_is_a_problem_of_its_own() -> None:
    filled = rule.fill([FieldMap("Gone__c", "description")], {})

    [problem] = filled.problems
    assert problem.value is None
    assert problem.sentence.startswith("Gone__c → description: Salesforce shows no such field")


def test_values_that_could_not_be_read_are_a_problem_of_every_mapping() -> None:
    maps = [FieldMap("A__c", "description"), FieldMap("B__c", "custom:note")]

    filled = rule.unread(maps, because="could not be read")

    assert filled.problems == (
        Problem("A__c", "description", None, "could not be read"),
        Problem("B__c", "custom:note", None, "could not be read"),
    )


def contract(start: object, end: object) -> rule.Filled:
    maps = [FieldMap("End__c", "contract_end"), FieldMap("Start__c", "contract_start")]
    return rule.fill(maps, {"Start__c": start, "End__c": end})


def test_a_contract_that_ends_before_it_starts_loses_its_end() -> None:
    filled = contract("2026-04-01", "2026-03-31")

    assert filled.fields == {"contract_start": date(2026, 4, 1)}
    assert filled.problems == (
        Problem(
            "End__c",
            "contract_end",
            "2026-03-31",
            "is before the start of the contract, 2026-04-01",
        ),
    )


def test_a_contract_of_one_day_is_one() -> None:
    assert not contract("2026-04-01", "2026-04-01").problems


def test_an_end_is_not_measured_by_a_start_that_did_not_fit() -> None:
    filled = contract("soon", "2026-03-31")

    assert filled.fields == {"contract_end": date(2026, 3, 31)}
    assert [problem.target for problem in filled.problems] == ["contract_start"]


@pytest.mark.parametrize(
    "name",
    ["", "status", "custom:", "custom:1st", "custom:a b", "segment", f"custom:{'x' * 61}"],
)
def test_a_target_that_is_none_says_what_is_accepted(name: str) -> None:
    with pytest.raises(InvalidTarget, match=r"contract_start.*custom:name"):
        target_of(name)
    assert fill_one(name, "x").problems[0].words.startswith(f"{name} is no quote field")


def test_a_custom_target_knows_its_name() -> None:
    target = target_of("custom:segment")

    assert (target.custom_name, target.label) == ("segment", "Custom field segment")
    assert target_of("description").custom_name is None


COMPATIBLE = [
    ("string", "description"),
    ("picklist", "description"),
    ("picklist", "currency"),
    ("date", "contract_start"),
    ("boolean", "custom:is_new"),
    ("percent", "custom:chance"),
    ("date", "custom:start"),
    ("textarea", "custom:note"),
]
INCOMPATIBLE = [
    (
        "boolean",
        "contract_start",
        "IsNew__c holds a checkbox value (boolean), but Contract start takes a date.",
    ),
    ("double", "description", "IsNew__c holds a number (double), but Description takes text."),
    ("date", "currency", "IsNew__c holds a date (date), but Currency takes text."),
    (
        "datetime",
        "contract_end",
        "IsNew__c is of type datetime, but Contract end takes a date.",
    ),
    (
        "address",
        "custom:place",
        (
            "IsNew__c is of type address, but Custom field place takes "
            "text or a number or a date or a checkbox value."
        ),
    ),
]


@pytest.mark.parametrize(("salesforce_type", "target"), COMPATIBLE)
def test_types_that_go_together(salesforce_type: str, target: str) -> None:
    found = target_of(target)

    assert rule.mismatch("IsNew__c", salesforce_type=salesforce_type, target=found) is None


@pytest.mark.parametrize(("salesforce_type", "target", "words"), INCOMPATIBLE)
def test_types_that_do_not_go_together_are_both_named(
    salesforce_type: str, target: str, words: str
) -> None:
    found = target_of(target)

    assert rule.mismatch("IsNew__c", salesforce_type=salesforce_type, target=found) == words


@given(values=st.lists(JSON, min_size=5, max_size=5))
def test_whatever_salesforce_sends_each_mapping_fills_its_field_or_is_a_problem(
    values: list[Any],
) -> None:
    targets = [*TARGETS, "custom:any"]
    sources = [f"F{number}__c" for number in range(5)]

    filled = rule.fill(map(FieldMap, sources, targets), dict(zip(sources, values, strict=True)))

    blank = [t for t, value in zip(targets, values, strict=True) if value in (None, "")]
    problems = [problem.target for problem in filled.problems]
    done = [*filled.fields, *(f"custom:{name}" for name in filled.custom)]
    assert sorted([*done, *problems, *blank]) == sorted(targets)
    assert all(problem.value is None or len(problem.value) <= 80 for problem in filled.problems)
    for problem in filled.problems:
        assert to_json(problem)["target"] == problem.target
