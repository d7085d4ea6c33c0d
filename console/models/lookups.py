"""A lookup for as many values as a batch has."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """`id__any_of=ids` finds what `id__in=ids` finds, with one parameter for all of them.

    A thousand parameters take longer to be put into the statement, and to be read from it, than
    what they are to find.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        kind, _, _ = str(self.lhs.output_field.db_type(connection)).partition("(")  # of any length
        return f"{column} = ANY(%s::{kind}[])", (*parameters, _as_array(self.rhs))


def _as_array(values: list[Any]) -> list[Any] | str:
    """As PostgreSQL writes an array, for which the driver takes eight times as long; what needs
    more than quotes is left to it."""
    if all(type(value) is int for value in values):
        return f"{{{','.join(map(str, values))}}}"
    if all(type(value) is str and '"' not in value and "\\" not in value for value in values):
        return f"""{{"{'","'.join(values)}"}}"""
    return values
