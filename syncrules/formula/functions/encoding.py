"""Text for other systems: HTML, JavaScript, URLs, JSON, currency amounts, record ids."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import quote_plus

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.registry import lenient, lenient_call, special, strict
from syncrules.formula.kinds import Kind
from syncrules.formula.precision import CONTEXT
from syncrules.formula.signature import Arguments, Infer, Refusal, checker, declared
from syncrules.salesforce_id import InvalidSalesforceId, to_18

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "©": "&copy;"}
_SCRIPT = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "<": "\\u003C",
    ">": "\\u003E", "\u2028": "\\n", "\u2029": "\\u2029", "\0": "", "*": "\\*",
    "!--": "\\!--", "/*": "\\/\\*", "*/": "\\*\\/", "&#39;": "\\&#39;",
}  # fmt: skip
_TO_HTML = str.maketrans(_HTML)
_TO_SCRIPT = re.compile("|".join(map(re.escape, sorted(_SCRIPT, key=len, reverse=True))))
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,9})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_LARGEST_AMOUNT = Decimal(2**63 - 1)
# Decimals of a currency where they are not two. Source: ISO 4217.
_DECIMALS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


@lenient("HTMLENCODE(text: Text!) -> Text")
def _htmlencode(text: str | None) -> str | None:
    return None if text is None else text.translate(_TO_HTML)


@lenient("JSENCODE(text: Text!) -> Text")
def _jsencode(text: str | None) -> str | None:
    return (text and _TO_SCRIPT.sub(lambda match: _SCRIPT[match[0]], text)) or None


@lenient("JSINHTMLENCODE(text: Text!) -> Text")
def _jsinhtmlencode(text: str | None) -> str | None:
    return _jsencode(_htmlencode(text))


@lenient("URLENCODE(text: Text!) -> Text")
def _urlencode(text: str | None) -> str | None:
    return None if text is None else quote_plus(text, safe="*").replace("~", "%7E")


@strict("CASESAFEID(id: Text) -> Text")
def _casesafeid(record_id: str) -> str:
    """The 18-character form of a record id; what is no id is left as it is."""
    try:
        return to_18(record_id)
    except InvalidSalesforceId:
        return record_id


@lenient("FORMATCURRENCY(code: Text, amount: Number) -> Text")
def _formatcurrency(code: str | None, amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    if not -_LARGEST_AMOUNT - 1 <= amount < _LARGEST_AMOUNT:
        raise EvaluationError("The amount is too large to be shown as a currency.")
    place = Decimal(1).scaleb(-_DECIMALS.get(code or "", 2))
    shown = amount.quantize(place, rounding=ROUND_HALF_EVEN, context=CONTEXT)
    return f"{code or ''} {shown:,f}"


def _with_literal_key(declaration: str) -> Infer:
    name, parameters, result = declared(declaration)
    check = checker(name, parameters, result)

    def infer(arguments: Arguments) -> Kind:
        kind = check(arguments)
        if arguments[1].literal_text is None:
            raise Refusal(f"{name} needs a literal text to look for.", arguments[1].node)
        return kind

    return infer


_JSONVALUE = "JSONVALUE(json: Text!, key: Text!) -> Text"
_JSONPATHVALUE = "JSONPATHVALUE(json: Text!, path: Text!) -> Text"


@special(_JSONVALUE, _with_literal_key(_JSONVALUE))
def _jsonvalue(arguments: Arguments) -> Evaluator:
    return lenient_call(_member, arguments)


@special(_JSONPATHVALUE, _with_literal_key(_JSONPATHVALUE))
def _jsonpathvalue(arguments: Arguments) -> Evaluator:
    return lenient_call(_at_path, arguments)


def _member(text: str | None, key: str | None) -> str | None:
    """The member of a JSON object as text; containers and missing members are blank."""
    if text is None or key is None:
        return None
    try:
        value = _loaded(text)
    except ValueError:
        raise EvaluationError("JSONVALUE was given text that is not JSON.") from None
    return _as_text(value[key]) if isinstance(value, dict) and key in value else None


def _at_path(text: str | None, path: str | None) -> str | None:
    """The value at a path such as $.items[0].name; whatever is wrong with it, it is blank."""
    if text is None or path is None:
        return None
    trail = path[1:] if path.startswith("$") else f".{path}"
    if _PATH_STEP.sub("", trail):
        return None
    try:
        value = _loaded(text)
        for step in _PATH_STEP.finditer(trail):
            name, index, *quoted = step.groups()
            value = value[int(index)] if index else value[name or quoted[0] or quoted[1]]
    except (LookupError, TypeError, ValueError):
        return None
    return None if value is None else _as_text(value)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _as_text(value: object) -> str | None:
    if isinstance(value, dict | list):
        return None
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value) or None
