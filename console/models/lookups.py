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
        return f"{column} = ANY(%s::{kind}[])", (*parameters, self.rhs)
