"""The product sync settings in force, as the rules know them."""

from __future__ import annotations

from dataclasses import dataclass

from console.models import ProductSyncSetting
from syncrules.sync_products import ProductSyncSettings, ZeroUsage


@dataclass(frozen=True, slots=True)
class InForce:
    """What RevOps chose, and in which revision; None while nobody has chosen yet."""

    settings: ProductSyncSettings
    revision: int | None


def in_force() -> InForce:
    """The active revision, or the recommended settings where there is none; one query."""
    row = ProductSyncSetting.objects.filter(is_active=True).first()
    return InForce(of_row(row), row.pk) if row else InForce(ProductSyncSettings(), None)


def of_row(row: ProductSyncSetting) -> ProductSyncSettings:
    """The settings of a revision, or of one that is not saved yet."""
    return ProductSyncSettings(
        amount_field=row.amount_field,
        is_disabled=row.is_disabled,
        zero_usage=ZeroUsage(row.zero_usage),
    )
