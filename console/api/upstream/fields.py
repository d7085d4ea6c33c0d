"""Types of the fields in a record: refused in words, rounded or repaired never."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from django.conf import settings
from django.utils import timezone
from pydantic import AfterValidator, BeforeValidator, Field

from syncrules import salesforce_id

_MN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_CUSTOM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CUSTOM_TEXT: Final = 4000
_DIGITS: Final = 40
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def is_mn_id(text: str) -> bool:
    return _MN_ID.fullmatch(text) is not None


def _mn_id(text: str) -> str:
    if not is_mn_id(text):
        raise ValueError("expected 1 to 64 letters, digits, - and _")
    return text


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("NUL and unpaired surrogates are not accepted")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _number(value: Any) -> Any:
    """Numbers come as JSON numbers or as text; true is neither."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
        raise ValueError("expected a number, or a number as text such as 1200.50")
    return value


def _day(value: Any) -> Any:
    """Pydantic alone would take a count of seconds for a day."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("expected a day such as 2026-04-30")
    return value


def _moment(value: Any) -> datetime:
    """Errors: ValueError, also for a time to come, which would keep later versions out."""
    try:
        moment = datetime.fromisoformat(value)
        utc = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("expected a time such as 2026-04-30T12:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("expected a time with its zone, such as 2026-04-30T12:00:00Z")
    if utc < _EARLIEST:
        raise ValueError("is before the year 2000")
    if utc > timezone.now() + settings.INBOUND_TOLERANCE:
        raise ValueError("is in the future")
    return utc


def _id_with(prefix: str) -> AfterValidator:
    def to_18(text: str) -> str:
        return salesforce_id.to_18(text, prefix=prefix)

    return AfterValidator(to_18)


def _custom(*, flags: bool) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Custom values as they are kept: text, nothing, and where allowed true and false."""

    def kept(values: dict[str, Any]) -> dict[str, Any]:
        return {
            _custom_name(name): _custom_value(name, value, flags=flags)
            for name, value in values.items()
        }

    return kept


def _custom_name(name: str) -> str:
    if not _CUSTOM_NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name of a custom field, such as Segment__c")
    return name


def _custom_value(name: str, value: Any, *, flags: bool) -> str | bool | None:
    if value is None or (flags and isinstance(value, bool)):
        return value
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _number_as_text(name, Decimal(value))
    if not isinstance(value, str) or len(value) > _CUSTOM_TEXT:
        raise ValueError(f"{name}: expected text of at most {_CUSTOM_TEXT} characters or a number")
    return _storable(value)


def _number_as_text(name: str, number: Decimal) -> str:
    """Written out. One of a billion digits takes a few characters to send."""
    if abs(number.adjusted()) > _DIGITS or len(number.as_tuple().digits) > _DIGITS:
        raise ValueError(f"{name}: expected a number of at most {_DIGITS} digits")
    return format(number, "f")


MnId = Annotated[str, AfterValidator(_mn_id)]
Name = Annotated[str, Field(max_length=255), AfterValidator(_storable), AfterValidator(_not_blank)]
Text = Annotated[str, Field(max_length=255), AfterValidator(_storable)]
ShortText = Annotated[str, Field(max_length=120), AfterValidator(_storable)]
GroupName = Annotated[str, Field(max_length=150), AfterValidator(_storable)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Money = Annotated[Decimal, BeforeValidator(_number), Field(max_digits=18, decimal_places=2)]
UnitPrice = Annotated[Decimal, BeforeValidator(_number), Field(max_digits=18, decimal_places=4)]
Quantity = Annotated[
    Decimal, BeforeValidator(_number), Field(max_digits=18, decimal_places=4, ge=0)
]
AccountRef = Annotated[str, _id_with(salesforce_id.ACCOUNT)]
OpportunityRef = Annotated[str, _id_with(salesforce_id.OPPORTUNITY)]
ProductRef = Annotated[str, _id_with(salesforce_id.PRODUCT)]
PricebookRef = Annotated[str, _id_with(salesforce_id.PRICEBOOK)]
PricebookEntryRef = Annotated[str, _id_with(salesforce_id.PRICEBOOK_ENTRY)]
QuoteCustomValues = Annotated[dict[str, Any], AfterValidator(_custom(flags=True))]
LineCustomValues = Annotated[dict[str, Any], AfterValidator(_custom(flags=False))]
