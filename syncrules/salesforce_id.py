"""What is a Salesforce id: 15 and 18 characters, checksum, case repair, pasted URLs.

An 18-character id is the 15-character one plus three check characters: one for each group of
five, whose bits say which of the five are upper case.
Source: Salesforce help, "Convert 15-character record ids to 18 characters"; verified on real ids.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_uppercase
from typing import Final

ACCOUNT: Final = "001"
OPPORTUNITY: Final = "006"
ORGANIZATION: Final = "00D"
PRICEBOOK: Final = "01s"
PRICEBOOK_ENTRY: Final = "01u"
PRODUCT: Final = "01t"
LINE_ITEM: Final = "00k"

_CHECK_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_CASES: Final = bytes(chr(code) in ascii_uppercase for code in range(256))
_CHECKS: Final = {
    bytes(number >> k & 1 for k in range(5)): char for number, char in enumerate(_CHECK_ALPHABET)
}
"""Which of five characters are upper case, a byte of 0 or 1 each -> the character that says so."""
_FORM: Final = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-5]{3})?")
_IN_URL: Final = re.compile(r"(?<![a-zA-Z0-9])([a-zA-Z0-9]{18}|[a-zA-Z0-9]{15})(?![a-zA-Z0-9])")


class InvalidSalesforceId(ValueError):
    """Says what is wrong with a would-be id, in words for the person who pasted it."""


def checksum(id15: str) -> str:
    """The three check characters of a 15-character id."""
    cases = id15.encode().translate(_CASES)
    return _CHECKS[cases[0:5]] + _CHECKS[cases[5:10]] + _CHECKS[cases[10:15]]


# The same few thousand ids are checked at every boundary that a batch crosses.
@lru_cache(maxsize=20_000)
def to_18(text: str, *, prefix: str | None = None) -> str:
    """The 18-character form of a well-formed id.

    Errors: InvalidSalesforceId when the form, the checksum or the object prefix is wrong.
    """
    if not _FORM.fullmatch(text):
        raise InvalidSalesforceId(
            f"{_shown(text)} is not a Salesforce id: expected 15 or 18 letters and digits"
        )
    id15, suffix = text[:15], text[15:].upper()
    expected = checksum(id15)
    if suffix and suffix != expected:
        raise InvalidSalesforceId(
            f"{_shown(text)} is damaged: its last three characters do not fit the others"
        )
    if prefix is not None and not id15.startswith(prefix):
        raise InvalidSalesforceId(
            f"{_shown(text)} starts with {id15[:3]}, expected an id that starts with {prefix}"
        )
    return id15 + expected


def is_valid(text: str, *, prefix: str | None = None) -> bool:
    """Whether `to_18` would accept it."""
    try:
        to_18(text, prefix=prefix)
    except InvalidSalesforceId:
        return False
    return True


def repair_case(text: str) -> str:
    """The 18-character id whose letters' case was lost, restored from its suffix.

    A suffix survives upper- or lower-casing because it reads the same in either case, and it
    says for each of the fifteen characters whether it was upper case.

    Errors: InvalidSalesforceId when the suffix asks for an upper-case digit, or the form is wrong.
    """
    if len(text) != 18 or not _FORM.fullmatch(text):
        raise InvalidSalesforceId(f"{_shown(text)} cannot be repaired: 18 characters are needed")
    restored = []
    for position, char in enumerate(text[:15]):
        bits = _CHECK_ALPHABET.index(text[15 + position // 5].upper())
        is_upper = bool(bits >> (position % 5) & 1)
        if is_upper and not char.isalpha():
            raise InvalidSalesforceId(
                f"{_shown(text)} is damaged: its suffix does not fit character {position + 1}"
            )
        restored.append(char.upper() if is_upper else char.lower())
    return "".join(restored) + text[15:].upper()


def from_pasted(text: str) -> str:
    """The 18-character id in what a person pasted: an id in any state of repair, or a record's URL.

    Errors: InvalidSalesforceId when there is none.
    """
    candidate = text.strip()
    if "/" in candidate or "?" in candidate:
        candidate = _id_in_url(candidate)
    if len(candidate) == 18 and not is_valid(candidate):
        return repair_case(candidate)
    return to_18(candidate)


def _id_in_url(url: str) -> str:
    """The last id-shaped piece of the path with a digit in it (object names have none)."""
    pieces = [p for p in _IN_URL.findall(url) if any(char.isdigit() for char in p)]
    if not pieces:
        raise InvalidSalesforceId(f"no Salesforce id was found in {_shown(url)}")
    return str(pieces[-1])


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
