"""List filters whose choices come from the code: none asks the table for its values."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

Choices = list[tuple[str, str]]


class ChoiceFilter(SimpleListFilter):
    """Narrows by one of its own choices; anything else in the address is ignored."""

    choices_offered: Choices
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return self.choices_offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return self.narrow(queryset, chosen) if chosen in dict(self.choices_offered) else queryset


class DefaultingFilter(ChoiceFilter):
    """Narrows by its first choice until another one is made."""

    def value(self) -> str:
        chosen = super().value()
        offered = dict(self.choices_offered)
        return chosen if chosen in offered else self.choices_offered[0][0]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without the choice "All" that stands for no choice."""
        yield from list(super().choices(changelist))[1:]


def choice_filter(
    name: str,
    choices: Choices,
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]],
    *,
    title: str = "",
    kind: type[ChoiceFilter] = ChoiceFilter,
) -> type[ChoiceFilter]:
    """A filter called `name` in the address, that narrows by a function."""
    members = {
        "title": title or name,
        "parameter_name": name,
        "choices_offered": choices,
        "narrow": staticmethod(narrow),
    }
    return type(f"{name.capitalize()}Filter", (kind,), members)


def column_filter(column: str, choices: Choices, *, title: str = "") -> type[ChoiceFilter]:
    """A filter on one column."""
    return choice_filter(
        column, choices, lambda rows, chosen: rows.filter(**{column: chosen}), title=title
    )
