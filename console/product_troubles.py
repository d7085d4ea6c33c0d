"""What goes wrong with products, as far as it concerns products alone."""

from __future__ import annotations

from typing import Final

from console.salesforce.gateway import (
    Misconfigured,
    RecordBusy,
    RecordGone,
    Rejected,
    SalesforceError,
)

_ABOUT_A_FIELD: Final = frozenset(
    {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "FIELD_NOT_UPDATABLE", "INVALID_TYPE"}
)


def of_products(error: SalesforceError) -> SalesforceError:
    """The error as it concerns products alone.

    A field of products that the org lacks, or hides, must not stop the links of all opportunities.
    A product that went away since it was read is looked for again.
    """
    if is_about_a_field(error):
        return Rejected(error.code, error.words)
    if isinstance(error, RecordGone):
        return RecordBusy(error.code, error.words)
    return error


def is_about_a_field(error: SalesforceError) -> bool:
    """Whether every opportunity of the org would meet it."""
    return isinstance(error, Misconfigured) and error.code in _ABOUT_A_FIELD
