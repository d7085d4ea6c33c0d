"""Record ids: 15 case-sensitive characters, and the 3 that make them safe without case.

Source: Salesforce Object Reference, "ID Field Type".
"""

import re
import string

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKSUM = string.ascii_uppercase + "012345"
POD = "Lo0"
FORM = re.compile(r"[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?")


def checksum(short: str) -> str:
    """The three characters that encode which of the fifteen are upper case."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        CHECKSUM[sum(1 << place for place, char in enumerate(group) if char.isupper())]
        for group in groups
    )


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
    if not isinstance(value, str) or not FORM.fullmatch(value):
        return None
    long = value[:15] + checksum(value[:15])
    return long if value in (long, long[:15]) else None


def number_of(record_id: str) -> int:
    """Which number this org gave the record; 0 when the id was made elsewhere."""
    if record_id[3:6] != POD:
        return 0
    number = 0
    for digit in record_id[6:15]:
        number = number * 62 + BASE62.index(digit)
    return number
