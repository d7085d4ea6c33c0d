"""Salesforce records -> facts. A malformed record is refused, naming the field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from console.salesforce import shapes
from console.salesforce.gateway import Unknown
from console.salesforce.looks import LinkFields
from console.salesforce.soql import CURRENCY_FIELD
from syncrules.account_facts import RemoteAccount
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, RemoteOpportunity
from syncrules.salesforce_id import ACCOUNT, OPPORTUNITY, InvalidSalesforceId, to_18

_PRIMARY_QUOTE = f"{PRIMARY_QUOTE_FIELD.removesuffix('__c')}__r"


def opportunity(record: Mapping[str, object]) -> RemoteOpportunity:
    """The facts of one Opportunity record.

    Shape:  the record holds the fields of `soql.OPPORTUNITY_FIELDS`
    Errors: Unknown, naming the field
    """
    own_id = salesforce_id(record, "Id", prefix=OPPORTUNITY)
    return RemoteOpportunity(
        salesforce_id=own_id,
        name=shapes.text(record.get("Name"), f"Name of {own_id}"),
        account_salesforce_id=_lookup(record, "AccountId", prefix=ACCOUNT),
        mn_id=shapes.text_or_none(record.get(MN_ID_FIELD), f"{MN_ID_FIELD} of {own_id}"),
        primary_quote_salesforce_id=_lookup(record, PRIMARY_QUOTE_FIELD),
        primary_quote_mn_id=_mn_id_of_primary_quote(record, own_id),
        stage_name=shapes.text_or_none(record.get("StageName"), f"StageName of {own_id}"),
        currency=shapes.text_or_none(record.get(CURRENCY_FIELD), f"{CURRENCY_FIELD} of {own_id}"),
        is_closed=shapes.truth(record.get("IsClosed"), f"IsClosed of {own_id}"),
        modified_at=moment(record, "SystemModstamp"),
    )


def link_fields(record: Mapping[str, object]) -> tuple[str, LinkFields]:
    """The id of an Opportunity record, and what a push may have written to it.

    Shape:  the record holds the fields of `soql.LINK_FIELDS`
    Errors: Unknown, naming the field
    """
    own_id = salesforce_id(record, "Id", prefix=OPPORTUNITY)
    mn_id = shapes.text_or_none(record.get(MN_ID_FIELD), f"{MN_ID_FIELD} of {own_id}")
    return own_id, LinkFields(mn_id, _lookup(record, PRIMARY_QUOTE_FIELD))


def is_of(record: Mapping[str, object], sobject: str) -> bool:
    """Whether a record, as a query answers it, is of this object."""
    attributes = record.get("attributes")
    return isinstance(attributes, dict) and attributes.get("type") == sobject


def account(record: Mapping[str, object]) -> RemoteAccount:
    """The facts of one Account record.

    Shape:  the record holds the fields of `soql.ACCOUNT_FIELDS`
    Errors: Unknown, naming the field
    """
    own_id = salesforce_id(record, "Id", prefix=ACCOUNT)

    def blank_or(field: str) -> str | None:
        return shapes.text_or_none(record.get(field), f"{field} of {own_id}")

    return RemoteAccount(
        salesforce_id=own_id,
        name=shapes.text(record.get("Name"), f"Name of {own_id}"),
        website=blank_or("Website"),
        country=blank_or("BillingCountry"),
        currency=blank_or(CURRENCY_FIELD),
        mn_id=blank_or(MN_ID_FIELD),
    )


def quote_records(
    rows: Iterable[Mapping[str, object]], *, wanted: Collection[str]
) -> dict[str, str]:
    """MN quote id -> Salesforce id of the oldest record with it."""
    found: dict[str, str] = {}
    for row in rows:
        mn_id = shapes.text(row.get(MN_ID_FIELD), MN_ID_FIELD)
        # Salesforce compares text without regard to case; MonetizeNow's ids differ by it.
        if mn_id in wanted:
            found.setdefault(mn_id, salesforce_id(row, "Id"))
    return found


def salesforce_id(record: Mapping[str, object], field: str, *, prefix: str | None = None) -> str:
    """The 18-character id in a field."""
    value = shapes.text(record.get(field), field)
    try:
        return to_18(value, prefix=prefix)
    except InvalidSalesforceId as error:
        problem = f"{field}: {error}"
    raise Unknown("MALFORMED_ANSWER", problem)


def _lookup(record: Mapping[str, object], field: str, *, prefix: str | None = None) -> str | None:
    return None if record.get(field) is None else salesforce_id(record, field, prefix=prefix)


def _mn_id_of_primary_quote(record: Mapping[str, object], own_id: str) -> str | None:
    """None also where our user may see the lookup but not the quote record behind it."""
    quote = record.get(_PRIMARY_QUOTE)
    if quote is None:
        return None
    what = f"{_PRIMARY_QUOTE} of {own_id}"
    fields = shapes.mapping(quote, what)
    return shapes.text_or_none(fields.get(MN_ID_FIELD), f"{what}, its {MN_ID_FIELD}")


def moment(record: Mapping[str, object], field: str) -> datetime:
    """The time in a field, in UTC."""
    value = shapes.text(record.get(field), field)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise shapes.malformed(field, value, "an ISO 8601 time") from None
    if found.tzinfo is None:
        raise shapes.malformed(field, value, "a time with its zone")
    return found.astimezone(UTC)
