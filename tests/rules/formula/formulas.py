"""Random formulas that are correctly typed, for the properties of the language."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Source = st.SearchStrategy[str]

_TEXTS = st.text('ab1-. "\\\n', max_size=6).map(
    lambda value: '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
)
_LEAVES: dict[str, list[str]] = {
    "number": ["n", "m", "p", "c", "Double", "Broken", "Product__r.Price__c", "0", "1.5", "12"],
    "text": ["t", "u", '""', "NULL", "TEXT(pick)", "Product__r.Family__r.Name"],
    "boolean": ["b", "IsBig", "TRUE", "FALSE", "ISPICKVAL(pick, 'ONETIME')"],
    "date": ["d", "e", "TODAY()", "DATE(2024, 2, 29)", "Later"],
    "moment": ["dt", "du", "NOW()"],
    "time": ["tm", "TIMENOW()"],
}
# What can be made of what: a template per result, whose slots are filled with formulas of a type.
_TEMPLATES: dict[str, list[str]] = {
    "number": [
        "({number} + {number})", "({number} - {number})", "{number} * {number}",
        "({number} / {number})", "({number} ^ {number})", "-{number}", "ROUND({number}, {number})",
        "TRUNC({number}, {number})", "FLOOR({number})", "CEILING({number})", "MCEILING({number})",
        "MOD({number}, {number})", "MAX({number}, {number})", "MIN({number}, {number})",
        "EXP({number})", "LN({number})", "LOG({number})", "SQRT({number})", "ABS({number})",
        "SIN({number})", "ASIN({number})", "ATAN2({number}, {number})", "LEN({text})",
        "VALUE({text})", "FIND({text}, {text}, {number})", "({date} - {date})",
        "({moment} - {moment})", "({time} - {time})", "DAY({date})", "HOUR({time})",
        "ISOWEEK({date})", "UNIXTIMESTAMP({moment})", "ASCII({text})",
        "IF({boolean}, {number}, {number})", "CASE({number}, {number}, {number}, {number})",
        "BLANKVALUE({number}, {number})", "NULLVALUE({number}, {number})",
        "IFERROR({number}, {number})", "IFS({boolean}, {number}, {number})",
        'DISTANCE(GEOLOCATION({number}, {number}), place, "km")',
    ],
    "text": [
        "({text} & {text})", "({text} + {text})", "LEFT({text}, {number})", "UPPER({text})",
        "RIGHT({text}, {number})", "MID({text}, {number}, {number})", "TRIM({text})",
        "SUBSTR({text}, {number}, {number})", "LPAD({text}, {number}, {text})",
        "RPAD({text}, {number})", "SUBSTITUTE({text}, {text}, {text})", "REVERSE({text})",
        "INITCAP({text})", "TEXT({number})", "TEXT({date})", "TEXT({moment})", "TEXT({time})",
        "CHR({number})", "CASE({text}, {text}, {text}, {text})", "IF({boolean}, {text}, {text})",
        "FORMATDURATION({moment}, {moment})", "FORMATDURATION({number}, {boolean})",
        "FORMATCURRENCY({text}, {number})", "IFERROR({text}, {text})", "BLANKVALUE({text}, {text})",
    ],
    "boolean": [
        "({number} < {number})", "({number} = {number})", "({text} <> {text})",
        "({date} >= {date})", "({moment} = {moment})", "({time} > {time})", "!{boolean}",
        "NOT({boolean})", "({boolean} && {boolean})", "({boolean} || {boolean})",
        "AND({boolean}, {boolean})", "OR({boolean}, {boolean})", "ISBLANK({number})",
        "ISBLANK({text})", "ISNULL({date})", "CONTAINS({text}, {text})", "BEGINS({text}, {text})",
        "IN({number}, {number}, {number})", "IF({boolean}, {boolean}, {boolean})",
    ],
    "date": [
        "({date} + {number})", "({date} - {number})", "DATE({number}, {number}, {number})",
        "DATEVALUE({text} & '')", "DATEVALUE({moment})", "ADDMONTHS({date}, {number})",
        "IF({boolean}, {date}, {date})",
    ],
    "moment": [
        "({moment} + {number})", "({moment} - {number})", "DATETIMEVALUE({date})",
        "FROMUNIXTIME({number})", "ADDMONTHS({moment}, {number})",
    ],
    "time": ["({time} + {number})", "({time} - {number})", "TIMEVALUE({moment})"],
}  # fmt: skip
RETURNS = {
    "number": "Number",
    "text": "Text",
    "boolean": "Checkbox",
    "date": "Date",
    "moment": "DateTime",
    "time": "Time",
}


@st.composite
def sources(draw: Callable[..., Any], kind: str, depth: int = 3) -> str:
    """A formula of a type, nested up to a depth."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if kind == "text" and draw(st.booleans()):
            return str(draw(_TEXTS))
        return str(draw(st.sampled_from(_LEAVES[kind])))
    template = draw(st.sampled_from(_TEMPLATES[kind]))
    while "{" in template:
        start, end = template.index("{"), template.index("}")
        part = draw(sources(template[start + 1 : end], depth - 1))
        # Texts may hold braces of their own nowhere: their alphabet has none.
        template = template[:start] + part + template[end + 1 :]
    return str(template)


_NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**18), 10**18),
    st.decimals(-1000, 1000, places=4),
    st.sampled_from(["1e30", "-0", ".5", "abc", "1e-40", Decimal("1E+3000")]),
)
_TEXT_VALUES = st.one_of(
    st.none(), st.text(max_size=8), st.sampled_from(["2024-02-29", "12", "😀"])
)
_DATES = st.one_of(st.none(), st.dates(), st.just("2024-13-01"))

RECORDS = st.fixed_dictionaries(
    {
        "n": _NUMBERS,
        "m": _NUMBERS,
        "p": _NUMBERS,
        "c": _NUMBERS,
        "t": _TEXT_VALUES,
        "u": _TEXT_VALUES,
        "b": st.sampled_from([None, True, False, "true", "maybe"]),
        "d": _DATES,
        "e": _DATES,
        "dt": st.one_of(st.none(), st.datetimes(), st.just("soon")),
        "du": st.one_of(st.none(), st.datetimes()),
        "tm": st.one_of(st.none(), st.times()),
        "pick": st.sampled_from([None, "ONETIME", "OTHER"]),
        "place": st.sampled_from([None, {"latitude": 1, "longitude": 2}, "here"]),
        "Product__r": st.sampled_from(
            [None, {}, {"Price__c": "5", "Family__r": {"Name": "x"}}, {"Family__r": None}, 7]
        ),
    }
)
