"""Column types of our own: ids of both sides, currency codes, secrets encrypted at rest."""

from __future__ import annotations

from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import RegexValidator
from django.db import models

from syncrules import salesforce_id

_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)


def validate_salesforce_id(value: str) -> None:
    """Accepts the 18-character form with a right checksum."""
    try:
        normal = salesforce_id.to_18(value)
    except salesforce_id.InvalidSalesforceId as error:
        raise ValidationError(str(error)) from error
    if normal != value:
        raise ValidationError(f"{value} is the 15-character form: store {normal}")


class SalesforceIdField(models.CharField[_Set_contra, _Get_co]):
    """A record id of Salesforce, always 18 characters, compared byte by byte."""

    default_validators = [validate_salesforce_id]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 18
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)


class MnIdField(models.CharField[_Set_contra, _Get_co]):
    """An id given by MonetizeNow. Its prefixes differ between sources, so only the form counts."""

    default_validators = [
        RegexValidator(r"\A[A-Za-z0-9_-]{1,64}\Z", "Letters, digits, - and _, at most 64 of them.")
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 64
        kwargs["unique"] = True
        if not args:
            kwargs.setdefault("verbose_name", "MN id")
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField[_Set_contra, _Get_co]):
    """An ISO 4217 code."""

    default_validators = [RegexValidator(r"\A[A-Z]{3}\Z", "Three capital letters, such as USD.")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        kwargs.setdefault("default", "USD")
        super().__init__(*args, **kwargs)


class EncryptedTextField(models.TextField[_Set_contra, _Get_co]):
    """Text that the database only ever sees encrypted.

    The first of FIELD_KEYS encrypts, all of them decrypt, so a key is changed by putting a new
    one in front. A value that no key opens raises; its cipher text is never handed out.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if not value else _cipher().encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        if not value:
            return value
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                f"{self.model.__name__}.{self.name}: no key in FIELD_KEYS opens the stored value"
            ) from error


def _cipher() -> MultiFernet:
    if not settings.FIELD_KEYS:
        raise ImproperlyConfigured("FIELD_KEYS is empty: set one or more Fernet keys")
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
