"""How a question is written in SOQL, with every value quoted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD

QUOTE_OBJECT: Final = "monetize__Quote__c"
PRIMARY_QUOTE_MN_ID: Final = f"{PRIMARY_QUOTE_FIELD.removesuffix('__c')}__r.{MN_ID_FIELD}"
CURRENCY_FIELD: Final = "CurrencyIsoCode"
"""Exists only in orgs with several currencies."""

OPPORTUNITY_FIELDS: Final = (
    "Id",
    "Name",
    "AccountId",
    "StageName",
    "IsClosed",
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    PRIMARY_QUOTE_MN_ID,
    "SystemModstamp",
)

LINK_FIELDS: Final = ("Id", MN_ID_FIELD, PRIMARY_QUOTE_FIELD)
"""What a push may have written."""

ACCOUNT_FIELDS: Final = ("Id", "Name", "Website", "BillingCountry", MN_ID_FIELD)

IN_LIST: Final = 1000
"""Ids of as many records as one statement asks for; a page of the answer holds twice as many."""
_IN_LIST_BYTES: Final = 60_000
"""A statement may have 100,000 characters."""
_URL_BYTES: Final = 12_000
"""A URL and its headers share 16,384 bytes, and a token can be 2,000 of them."""

# Source: SOQL and SOSL reference, "Quoted String Escape Sequences".
_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)


def quoted(value: str) -> str:
    """The text as a SOQL string literal."""
    return f"'{value.translate(_ESCAPES)}'"


def moment(value: datetime) -> str:
    """The time as a SOQL dateTime literal: UTC, cut to the second.

    Errors: ValueError for a time without zone.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: expected an aware datetime")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def opportunities_by_id(ids: Collection[str], *, fields: Sequence[str]) -> list[str]:
    """Statements that ask for all the ids, a thousand each."""
    what = f"SELECT {', '.join(fields)} FROM Opportunity"  # noqa: S608, our own names
    return [f"{what} WHERE Id IN {values}" for values in _in_lists(ids)]


def opportunities_since(
    since: datetime, *, after: str | None, limit: int, fields: Sequence[str]
) -> str:
    """The statement for what changed at or after a time, in the order it changed.

    `after`: of those that changed at that time only what comes behind this id.
    """
    what = f"SELECT {', '.join(fields)} FROM Opportunity"  # noqa: S608, our own names
    where = f"SystemModstamp >= {moment(since)}"
    if after is not None:
        where += f" AND (SystemModstamp > {moment(since)} OR Id > {quoted(after)})"
    return f"{what} WHERE {where} ORDER BY SystemModstamp, Id LIMIT {limit:d}"


def accounts_by_id(ids: Collection[str], *, fields: Sequence[str]) -> list[str]:
    """Statements that ask for all the ids, a thousand each."""
    what = f"SELECT {', '.join(fields)} FROM Account"  # noqa: S608, our own names
    return [f"{what} WHERE Id IN {values}" for values in _in_lists(ids)]


def opportunities_of_account(account_id: str, *, limit: int, fields: Sequence[str]) -> str:
    """The statement for the opportunities of one account, the latest changed first."""
    what = f"SELECT {', '.join(fields)} FROM Opportunity"  # noqa: S608, our own names
    order = f"ORDER BY SystemModstamp DESC LIMIT {limit:d}"
    return f"{what} WHERE AccountId = {quoted(account_id)} {order}"


def unlinked_opportunities(*, limit: int, fields: Sequence[str]) -> str:
    """The statement for opportunities under an account that carry no MN id."""
    what = f"SELECT {', '.join(fields)} FROM Opportunity"  # noqa: S608, our own names
    where = f"WHERE {MN_ID_FIELD} = NULL AND AccountId != NULL"
    return f"{what} {where} ORDER BY SystemModstamp DESC LIMIT {limit:d}"


def opportunities_with_mn_id(*, after: str | None, limit: int, fields: Sequence[str]) -> str:
    """The statement for those that carry any MN id, in the order of their ids.

    `after`: only what comes behind this id.
    """
    what = f"SELECT {', '.join(fields)} FROM Opportunity"  # noqa: S608, our own names
    where = f"{MN_ID_FIELD} != NULL"
    if after is not None:
        where += f" AND Id > {quoted(after)}"
    return f"{what} WHERE {where} ORDER BY Id LIMIT {limit:d}"


def quotes_by_mn_id(mn_ids: Collection[str]) -> list[str]:
    """Statements that ask for the quote records of all these MN quotes, the oldest first."""
    what = f"SELECT Id, {MN_ID_FIELD} FROM {QUOTE_OBJECT}"  # noqa: S608, our own names
    return [f"{what} WHERE {MN_ID_FIELD} IN {values} ORDER BY Id" for values in _in_lists(mn_ids)]


def asked_in_parts(
    what: str, *, field: str, values: Collection[str], size: int = IN_LIST
) -> list[str]:
    """The statement for all the values of a field, `size` of them at a time."""
    return [f"{what} WHERE {field} IN {part}" for part in _in_lists(values, most=size)]


def fits_a_url(statement: str) -> bool:
    """Whether it may be asked for with GET; a longer one travels in a body."""
    return len(statement) < _URL_BYTES and len(quote(statement)) < _URL_BYTES


def _in_lists(values: Collection[str], *, most: int = IN_LIST) -> Iterator[str]:
    part: list[str] = []
    size = 0
    for value in sorted(set(values)):
        literal = quoted(value)
        length = len(literal) + len(",")
        if part and (len(part) == most or size + length > _IN_LIST_BYTES):
            yield f"({','.join(part)})"
            part, size = [], 0
        part.append(literal)
        size += length
    if part:
        yield f"({','.join(part)})"
