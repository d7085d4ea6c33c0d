"""What is refused when a formula is compiled, and how the refusal helps."""

from __future__ import annotations

import pytest

from syncrules.formula import CompileError, UnsupportedError, compile_formula
from syncrules.formula.functions.refused import REFUSED, REFUSED_VARIABLES
from tests.rules.formula.language import FIELDS


def refusal(source: str, returns: str = "Number") -> CompileError:
    with pytest.raises(CompileError) as caught:
        compile_formula(source, FIELDS, returns)
    return caught.value


@pytest.mark.parametrize(
    ("source", "returns", "column", "reason"),
    [
        ('1 = "1"', "Checkbox", 5, "= cannot take Number and Text"),
        ('"a" & 1', "Text", 7, "& cannot take Text and Number"),
        ('n + "a"', "Number", 5, "+ cannot take Number and Text"),
        ("d + e", "Date", 5, "+ cannot take Date and Date"),
        ("1 - d", "Number", 5, "- cannot take Number and Date"),
        ("1 + tm", "Time", 5, "+ cannot take Number and Time"),
        ("b < b", "Checkbox", 5, "< cannot take Boolean and Boolean"),
        ("d = dt", "Checkbox", 5, "= cannot take Date and DateTime"),
        ("pick = 'ONETIME'", "Checkbox", 8, "wrap it in TEXT"),
        ("pick & t", "Text", 1, "wrap it in TEXT"),
        ("place = place", "Checkbox", 9, "= cannot take Location and Location"),
        ("-t", "Number", 2, "- needs Number here, not Text"),
        ("!n", "Checkbox", 2, "! needs Boolean here, not Number"),
        ("NOT n", "Checkbox", 5, "NOT needs Boolean as condition, not Number"),
        ("b && n", "Checkbox", 6, "&& needs Boolean, not Number"),
        ("IF(b, 1, 'a')", "Number", 10, "IF needs Number here, not Text"),
        ("IF(n, 1, 2)", "Number", 4, "IF needs a Boolean as condition"),
        ("IF(NULL, 1, 2)", "Number", 4, "IF needs a Boolean as condition"),
        ("IF(b, 1)", "Number", 1, "IF takes 3 parameters, not 2"),
        ("IF(b, pick, pick)", "Text", 7, "wrap it in TEXT"),
        ("IFS(b, 1, b, 2)", "Number", 1, "one more for all other cases"),
        ("CASE(n, 1, 2)", "Number", 1, "CASE takes at least 4"),
        ("CASE(n, 1, 2, 3, 4)", "Number", 1, "one more for all other cases"),
        ("CASE(n, 'a', 2, 3)", "Number", 9, "CASE needs Number here, not Text"),
        ("CASE(b, TRUE, 2, 3)", "Number", 6, "CASE cannot take Boolean"),
        ("CASE(pick, t, 2, 3)", "Number", 12, "literal texts only"),
        ("ISPICKVAL(t, 'a')", "Checkbox", 11, "needs Picklist as picklist, not Text"),
        ("ISPICKVAL(pick, t)", "Checkbox", 17, "literal text"),
        ("TEXT(b)", "Text", 6, "as value, not Boolean"),
        ("TEXT(t)", "Text", 6, "as value, not Text"),
        ("TEXT(multi)", "Text", 6, "not MultiPicklist"),
        ("ISBLANK(b)", "Checkbox", 9, "ISBLANK cannot take Boolean"),
        ("BLANKVALUE(n, 'a')", "Number", 15, "BLANKVALUE needs Number here"),
        ("LEFT(t)", "Text", 1, "LEFT takes 2 parameters, not 1"),
        ("LEFT(t, u)", "Text", 9, "LEFT needs Number as count, not Text"),
        ("FIND(t, u, 1, 2)", "Number", 1, "FIND takes 2 to 3 parameters, not 4"),
        ("DAY(dt)", "Number", 5, "DAY needs Date as date, not DateTime"),
        ("DATEVALUE(d)", "Date", 11, "DATEVALUE needs DateTime or Text"),
        ("DATEVALUE(NULL)", "Date", 11, "DATEVALUE needs DateTime or Text"),
        ("ADDMONTHS(t, 1)", "Date", 11, "ADDMONTHS needs Date or DateTime"),
        ("FORMATDURATION(d)", "Text", 16, "FORMATDURATION cannot take Date"),
        ("FORMATDURATION(n, m)", "Text", 19, "FORMATDURATION cannot take Number"),
        ("GEOLOCATION(91, 0)", "Number", 13, "degrees up to 90"),
        ("DISTANCE(place, place, 'ft')", "Number", 24, '"mi" and "km"'),
        ("REGEX(t, '(')", "Checkbox", 10, "regular expression is wrong"),
        ("MAX()", "Number", 1, "MAX takes at least 1"),
        ("t", "Number", 1, "yields Text, but must return Number"),
        ("n", "Text", 1, "yields Number, but must return Text"),
        ("d", "DateTime", 1, "yields Date, but must return DateTime"),
        ("pick", "Text", 1, "yields a Picklist"),
        ("n.m", "Number", 1, "n does not lead to another object"),
        ("Product__r", "Number", 1, "is an object: name one of its fields"),
    ],
)
def test_a_type_error_names_its_place(source: str, returns: str, column: int, reason: str) -> None:
    error = refusal(source, returns)
    assert (error.line, error.column) == (1, column)
    assert reason in error.reason


@pytest.mark.parametrize(
    ("source", "column", "reason"),
    [
        ("", 1, "empty"),
        ("  /* nothing */ ", 16, "ends too early"),
        ("1 +", 4, "ends too early"),
        ("(1", 3, "a closing parenthesis is missing"),
        ("1 2", 3, "'2' is not expected here"),
        ("f(1,)", 5, "')' is not expected here"),
        ('"open', 1, "not closed"),
        ("'a\nb'", 1, "not closed, breaks over a line"),
        ('"\\d"', 1, "unknown \\ sequence"),
        ("a & & b", 5, "'&' is not expected"),
        ("a | b", 3, "|| for OR"),
        ("1 /* open", 3, "comment is not closed"),
        ("1.", 2, "'.' has no meaning"),
        ("a # b", 3, "'#' has no meaning"),
        ("n" * 3_901, 3_901, "3,900 characters; this one has 3,901"),
    ],
)
def test_a_syntax_error_names_its_place(source: str, column: int, reason: str) -> None:
    error = refusal(source)
    assert (error.line, error.column) == (1, column)
    assert reason in error.reason


@pytest.mark.parametrize(
    ("source", "suggestion"),
    [
        ("Product__r.Pice__c", "Price__c"),
        ("Produt__r.Price__c", "Product__r"),
        ("Doubel", "Double"),
        ("RUOND(n, 2)", "ROUND"),
        ("Isblnk(t)", "ISBLANK"),
        ("completely_else", None),
    ],
)
def test_an_unknown_name_comes_with_what_was_probably_meant(
    source: str, suggestion: str | None
) -> None:
    error = refusal(source)
    assert error.suggestion == suggestion
    assert ("Did you mean" in str(error)) is (suggestion is not None)


def test_the_message_shows_the_line_with_a_caret() -> None:
    error = refusal("IF(b,\n\tROUND(Doubel, 2),\n\t0)")
    assert str(error) == (
        "Line 2, column 8: There is no field Doubel. Did you mean Double?\n"
        " ROUND(Doubel, 2),\n"
        "       ^"
    )


def test_a_long_line_is_cut_to_a_window_around_the_place() -> None:
    error = refusal("1 + " * 100 + "oops")
    line, caret = error.excerpt.split("\n")
    assert len(line) <= 81
    assert line[caret.index("^") :] == "oops"


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_only_salesforce_pages_know_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{name} is not available: .{{20,}}"):
        compile_formula(f"{name.lower()}(n, whatever)", FIELDS, "Number")


@pytest.mark.parametrize("name", sorted(REFUSED_VARIABLES))
def test_the_variables_of_a_session_are_refused_by_name(name: str) -> None:
    with pytest.raises(UnsupportedError, match="is not available"):
        compile_formula(f"{name}.Anything", FIELDS, "Text")


@pytest.mark.parametrize(
    ("fields", "returns", "blanks", "reason"),
    [
        ([{"type": "Number"}], "Number", "zero", "needs a name"),
        (["n"], "Number", "zero", "must be an object"),
        ([{"name": "n", "type": "Blob"}], "Number", "zero", "unknown type 'Blob'"),
        ([{"name": "n", "type": "Number", "formula": 1}], "Number", "zero", "must be text"),
        ([{"name": "n", "fields": {}}], "Number", "zero", "must be lists"),
        ([{"name": "n", "type": "Number"}], "Blob", "zero", "cannot return 'Blob'"),
        ([{"name": "n", "type": "Number"}], "Number", "nothing", "not as 'nothing'"),
    ],
)
def test_a_wrong_description_is_refused(
    fields: list[object], returns: str, blanks: str, reason: str
) -> None:
    with pytest.raises(CompileError, match=reason):
        compile_formula("n", fields, returns, blanks)  # type: ignore[arg-type]
