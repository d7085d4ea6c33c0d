"""A check constraint beside each `choices`: Django alone does not hold the database to them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q


def is_one_of(field: str, allowed: Iterable[str | int], *, name: str) -> models.CheckConstraint:
    """The constraint that `field` holds one of the allowed values."""
    values = sorted(getattr(choice, "value", choice) for choice in allowed)
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)
