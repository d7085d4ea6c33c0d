"""Fields: names in any case, parents, formula fields that use formula fields."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules.formula import CompileError, EvaluationError, Field, compile_formula
from tests.rules.formula.language import ERROR, FIELDS, number, text


def test_names_are_found_in_any_case() -> None:
    assert number("PRODUCT__R.price__C + N", n=1, Product__r={"Price__c": 2}) == "3"


def test_references_are_listed_once_as_declared() -> None:
    formula = compile_formula("double + N + product__r.family__r.rank + n", FIELDS, "Number")
    assert formula.references == ("Double", "n", "Product__r.Family__r.Rank")


def test_parents_to_any_depth() -> None:
    product = {"Price__c": 5, "Family__r": {"Name": "Cloud", "Rank": 3}}
    assert text("Product__r.Family__r.Name", Product__r=product) == "Cloud"
    assert number("Product__r.Family__r.Rank * Product__r.Half__c", Product__r=product) == "7.5"


def test_a_parent_that_is_no_record_is_an_error() -> None:
    assert number("Product__r.Price__c", Product__r="01t000000000001") == ERROR


def test_formula_fields_build_on_formula_fields() -> None:
    fields = [
        {"name": "n", "type": "Number"},
        {"name": "twice", "type": "Number", "formula": "n * 2"},
        {"name": "label", "type": "Text", "formula": 'TEXT(twice) & "!"'},
    ]
    assert compile_formula('label & "?"', fields, "Text").evaluate({"n": 4}) == "8!?"


def test_a_circle_of_formula_fields_is_refused() -> None:
    fields = [
        {"name": "a", "type": "Number", "formula": "b + 1"},
        {"name": "b", "type": "Number", "formula": "A + 1"},
    ]
    with pytest.raises(CompileError, match="in a circle: a → b → a"):
        compile_formula("a", fields, "Number")


def test_the_same_name_on_a_parent_is_another_field() -> None:
    fields: list[dict[str, object]] = [
        {"name": "n", "type": "Number", "formula": "P__r.n + 1"},
        {"name": "P__r", "type": "Reference", "fields": [{"name": "n", "type": "Number"}]},
    ]
    assert compile_formula("n", fields, "Number").evaluate({"P__r": {"n": 1}}) == 2


def test_an_error_in_a_formula_field_is_told_where_it_is_used() -> None:
    fields = [{"name": "bad", "type": "Number", "formula": '1 + "a"'}]
    with pytest.raises(CompileError, match="In the formula field bad: \\+ cannot take") as caught:
        compile_formula("2 * bad", fields, "Number")
    assert caught.value.column == 5


def test_a_formula_field_is_computed_once_per_record() -> None:
    """Forty doublings would be a million million additions if each were computed anew."""
    fields = [Field("f0", "Number", formula="1 + 0"), Field("z", "Number", formula="1 / 0")]
    fields += [Field(f"f{i}", "Number", formula=f"f{i - 1} + f{i - 1}") for i in range(1, 41)]
    assert compile_formula("f40", fields, "Number").evaluate({}) == 2**40

    failing = [Field("f0", "Number", formula="1 / 0")]
    failing += [
        Field(f"f{i}", "Number", formula=f"IFERROR(f{i - 1}, f{i - 1})") for i in range(1, 41)
    ]
    with pytest.raises(EvaluationError, match="Division by zero"):
        compile_formula("f40", failing, "Number").evaluate({})


def test_many_records_at_once() -> None:
    formula = compile_formula("Double / m", FIELDS, "Number")
    records: list[dict[str, Any]] = [{"n": 1, "m": 2}, {"n": 1, "m": 0}, {"n": 3, "m": 2}]

    first, second, third = formula.evaluate_many(records)

    assert (first, third) == (1, 3)
    assert isinstance(second, EvaluationError)
    assert str(second) == "Division by zero."


def test_a_formula_shows_itself() -> None:
    assert repr(compile_formula("n + 1", FIELDS, "Number")) == "<Formula Number: n + 1>"


def test_a_remembered_formula_is_that_of_the_same_fields() -> None:
    number, text = Field("n", "Number"), Field("n", "Text")
    first = compile_formula("ISBLANK(n)", [number], "Checkbox")
    assert compile_formula("ISBLANK(n)", [{"name": "n", "type": "Number"}], "Checkbox") is first
    assert compile_formula("ISBLANK(n)", [text], "Checkbox").evaluate({"n": ""}) is True
    assert compile_formula("ISBLANK(n)", [number], "Checkbox", "blank").evaluate({}) is True
    assert first.evaluate({}) is False


@pytest.mark.parametrize(
    ("own", "outer", "value"),
    [
        ("blank", "zero", 7),  # sees the blank, though the formula around it would not
        ("zero", "blank", 0),
        (None, "zero", 0),
        (None, "blank", 7),
    ],
)
def test_a_formula_field_treats_blanks_its_own_way(own: Any, outer: Any, value: int) -> None:
    seen = Field("seen", "Number", formula="BLANKVALUE(n, 7)", blanks=own)
    fields = [Field("n", "Number"), seen]
    assert compile_formula("seen", fields, "Number", outer).evaluate({}) == value
    assert compile_formula("BLANKVALUE(n, 7)", fields, "Number", outer).evaluate({}) == (
        0 if outer == "zero" else 7
    )


@pytest.mark.parametrize(("outer", "value"), [("zero", 1), ("blank", None)])
def test_a_blank_formula_field_is_read_the_way_of_the_reader(outer: Any, value: Any) -> None:
    fields = [
        {"name": "n", "type": "Number"},
        {"name": "same", "type": "Number", "formula": "n", "blanks": "blank"},
        {"name": "more", "type": "Number", "formula": "same + 1"},
    ]
    assert compile_formula("more", fields, "Number", outer).evaluate({}) == value
    # One record, one computation, two readers who differ about its blank.
    fields[2]["blanks"] = "zero"
    both = compile_formula("IF(ISBLANK(same), more, -more)", fields, "Number", outer)
    assert both.evaluate({}) == (-1 if outer == "zero" else 1)


class TimeIsUp(Exception):
    pass


def test_a_watch_ends_a_formula_that_takes_long() -> None:
    looks: list[int] = []

    def watch() -> None:
        looks.append(1)
        if len(looks) > 5:
            raise TimeIsUp

    source = "IFERROR(ABS(ABS(ABS(ABS(n)))), 0)"
    formula = compile_formula(source, FIELDS, "Number", watch=watch)
    assert formula.evaluate({"n": 1}) == 1
    with pytest.raises(TimeIsUp):
        formula.evaluate({"n": 1})
    with pytest.raises(TimeIsUp):  # constants are computed while compiling
        compile_formula("ABS(1)", FIELDS, "Number", watch=watch)
