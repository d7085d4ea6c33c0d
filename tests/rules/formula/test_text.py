"""Text functions, literals and what a text formula keeps."""

from __future__ import annotations

import pytest

from tests.rules.formula.language import ERROR, boolean, number, text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"a\\"b"', 'a"b'),
        ("'it\\'s'", "it's"),
        ('"a\\\\b"', "a\\b"),
        ('"a\\nb"', "a\nb"),
        ('"a" /* not this */ & "b"', "ab"),
        ('"a" + "b" & "c"', "abc"),
        ('LEFT("123456", 3)', "123"),
        ('LEFT("123456", 37)', "123456"),
        ('LEFT("123456", -2)', None),
        ('RIGHT("123456", 3)', "456"),
        ('RIGHT("123456", 0)', None),
        ('RIGHT("123456", 99)', "123456"),
        ('MID("123456", 4, 2)', "45"),
        ('MID("123456", 4, 37)', "456"),
        ('MID("123456", -4, 2)', "12"),
        ('MID("123456", 37, 2)', None),
        ('MID("123456", 2, 0)', None),
        ('MID("123", 3, 1)', "3"),
        ('MID("123", 3.5, 1)', None),
        ('MID("123", 2.5, 1)', "2"),
        ('SUBSTR("123", -3.5)', None),
        ('SUBSTR("123456", 2)', "23456"),
        ('SUBSTR("123456", -2)', "56"),
        ('SUBSTR("123456", -3, 2)', "45"),
        ('SUBSTR("123456", 0, 2)', "12"),
        ('SUBSTR("123456", 9)', None),
        ('TRIM("  12 34  ")', "12 34"),
        ('TRIM("   ")', None),
        ('UPPER("große")', "GROSSE"),
        ('UPPER("idem", "tr_TR")', "İDEM"),
        ('LOWER("IDEM", "tr")', "\u0131dem"),
        ('LOWER("İDEM")', "i\u0307dem"),
        ('INITCAP("mr. 123smith o\'neil")', "Mr. 123smith O'Neil"),
        ('REVERSE("abc")', "cba"),
        ('LPAD("string", 8)', "string"),
        ('"[" & LPAD("string", 8) & "]"', "[  string]"),
        ('LPAD("string", 10, ",.;")', ",.;,string"),
        ('RPAD("string", 10, ",.;")', "string,.;,"),
        ('RPAD("string", 5)', "strin"),
        ('LPAD("string", 0)', None),
        ('SUBSTITUTE("banana", "an", "o")', "booa"),
        ("TEXT(0.45)", "0.45"),
        ("TEXT(100 / 4)", "25"),
        ("TEXT(1.500)", "1.5"),
        ("TEXT(1000000 * 1000000)", "1000000000000"),
        ("TEXT(-0)", "0"),
        ("CHR(9729)", "☁"),
        ("CHR(0)", None),
        ("CHR(55296)", None),
        ('"a" & BR() & "b"', "a\nb"),
        ("HTMLENCODE(\"<a b='c'>&\")", "&lt;a b=&#39;c&#39;&gt;&amp;"),
        ('JSENCODE("a\'b</x>")', "a\\'b\\u003C/x\\u003E"),
        ('URLENCODE("a b&~c")', "a+b%26%7Ec"),
        ("JSONVALUE('{\"a\": 4.50}', 'a')", "4.50"),
        ("JSONVALUE('{\"a\": true}', 'a')", "true"),
        ("JSONVALUE('{\"a\": {}}', 'a')", None),
        ("JSONVALUE('{', 'a')", ERROR),
        ('JSONPATHVALUE(\'{"a": [{"b": "x"}]}\', \'$.a[0].b\')', "x"),
        ("JSONPATHVALUE('{\"a\": 1}', 'b.c')", None),
        ("FORMATCURRENCY('USD', 1000)", "USD 1,000.00"),
        ("FORMATCURRENCY('JPY', -999999999)", "JPY -999,999,999"),
        ("FORMATCURRENCY('KWD', 1.2345)", "KWD 1.234"),
        ("FORMATCURRENCY('USD', 10 ^ 19)", ERROR),
        ("CASESAFEID('001A0000006Vm9r')", "001A0000006Vm9rIAC"),
        ("CASESAFEID('no id')", "no id"),
        ("FORMATDURATION(1000001)", "277:46:41"),
        ("FORMATDURATION(-1000001, TRUE)", "11:13:46:41"),
    ],
)
def test_texts(source: str, expected: str | None) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('LEN("abc ")', "4"),
        ('FIND("na", "banana")', "3"),
        ('FIND("na", "banana", 4)', "5"),
        ('FIND("na", "banana", -4)', "3"),
        ('FIND("x", "banana")', "0"),
        ('ASCII("☁")', "9729"),
        ('VALUE("-12.50")', "-12.5"),
    ],
)
def test_numbers_from_text(source: str, expected: str) -> None:
    assert number(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"a" = "A"', False),
        ('"a" = "a"', True),
        ('BEGINS("works@b", "works@")', True),
        ('BEGINS("works@b", "WORKS")', False),
        ('ENDS("abc", "bc")', True),
        ('CONTAINS("abc", "b")', True),
        ('CONTAINS("abc", "B")', False),
        ('ISNUMBER("1.e-1")', True),
        ('ISNUMBER("--1")', False),
        ('ISNUMBER("")', False),
        ('LIKE("abc", "a%")', True),
        ('LIKE("abc", "_b_")', True),
        ('LIKE("abc", "ab")', False),
        ('LIKE("100%", "100\\\\%")', True),
        ('LIKE("100x", "100\\\\%")', False),
        ('LIKE("a.c", "a.c")', True),
        ('LIKE("abc", "a.c")', True),
        ('LIKE("a(b", "a(_")', True),
        ('LIKE("f(x)[1]", "f(_)[%]")', True),
        ('LIKE("aa", "a+")', False),
        ('"a" < "b"', True),
        ('"Z" < "a"', True),
        ('"abc" > "ab"', True),
        ('"b" >= "b"', True),
        ('"10" <= "9"', True),
        ('"\uffee" > "\U0001f600"', True),
        ('LIKE("xaxbx", "%a%b%")', True),
    ],
)
def test_tests_of_text(source: str, expected: object) -> None:
    assert boolean(source) is expected


def test_a_text_formula_keeps_1300_characters_without_spaces_around() -> None:
    assert text("t", t="  padded ") == "padded"
    assert text('LPAD("x", 2000, "x")') == "x" * 1300
    assert text("t", t="   ") is None


def test_a_text_field_takes_what_can_be_read_as_text() -> None:
    assert text("t", t=12) == "12"
    assert text("t", t=["a"]) == ERROR
