"""Fields of an opportunity that not every org has: asked for until it says that it lacks them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from console.salesforce.gateway import Misconfigured
from console.salesforce.soql import CURRENCY_FIELD
from console.salesforce.tokens import Login


class Channel(Protocol):
    """What carries a question to Salesforce and brings the answer."""

    login: Login

    def lacks(self, fields: Collection[str]) -> None: ...

    def query(self, statements: Sequence[str]) -> list[Mapping[str, object]]: ...

    def query_each(self, statements: Sequence[str]) -> list[list[Mapping[str, object]]]: ...


def asked(
    channel: Channel, statements: Callable[[Collection[str]], list[str]]
) -> list[Mapping[str, object]]:
    """The records of statements that are made for those optional fields that the org has."""
    return [row for rows in asked_each(channel, statements) for row in rows]


def asked_each(
    channel: Channel, statements: Callable[[Collection[str]], list[str]]
) -> list[list[Mapping[str, object]]]:
    """The same, for each of the statements."""
    while True:
        optional = channel.login.optional_fields
        try:
            return channel.query_each(statements(optional))
        except Misconfigured as refused:
            # The words quote the statement too, so the field's name alone says nothing.
            missing = {f for f in optional if f"No such column '{f}'" in refused.words}
            if not missing:
                raise
            channel.lacks(missing)


def currency(optional: Collection[str]) -> tuple[str, ...]:
    """The field of the currency, which accounts have as well, if the org has it."""
    return tuple({CURRENCY_FIELD} & {*optional})
