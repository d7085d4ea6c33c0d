"""Record ids: 15 case-sensitive characters, and the 3 that make them safe without case.

Source: Salesforce Object Reference, "ID Field Type".
"""

import re
import string
from functools import lru_cache

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
# Which of five characters are upper case, the first one being the lowest bit.
CHECKSUM = {
    f"{pattern:05b}"[::-1]: char for pattern, char in enumerate(string.ascii_uppercase + "012345")
}
IS_UPPER = str.maketrans({char: str(int(char.isupper())) for char in BASE62})
POD = "Lo0"
FORM = re.compile(r"[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?")


def checksum(short: str) -> str:
    """The three characters that encode which of the fifteen are upper case."""
    cases = short.translate(IS_UPPER)
    return CHECKSUM[cases[:5]] + CHECKSUM[cases[5:10]] + CHECKSUM[cases[10:]]


def numbered(prefix: str, number: int) -> str:
    """The id of the n-th record of an object."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    short = prefix + POD + digits.rjust(9, "0")
    return short + checksum(short)


def normalised(value: object) -> str | None:
    """The 18-character form, or None when the value is no id at all."""
    return _long_form(value) if isinstance(value, str) else None


# Ids come again soon: what a query asked for is written next, or named by a lookup.
@lru_cache(maxsize=16_384)
def _long_form(text: str) -> str | None:
    if not FORM.fullmatch(text):
        return None
    long = text[:15] + checksum(text[:15])
    return long if long.startswith(text) else None


def number_of(record_id: str) -> int:
    """Which number this org gave the record; 0 when the id was made elsewhere."""
    if record_id[3:6] != POD:
        return 0
    number = 0
    for digit in record_id[6:15]:
        number = number * 62 + BASE62.index(digit)
    return number
