"""Which tables a query reaches through its lookups, and what its names stand for."""

import re

from localorg.errors import ApiError
from localorg.schema import Field, Schema, SObject
from localorg.soql.parse import pointed_at
from localorg.soql.tree import Path

PLACEHOLDER = re.compile(r"\{([^}]+)\}")


class Joins:
    """The table of the query's object, joined with whatever its names lead to."""

    def __init__(self, obj: SObject, *, schema: Schema, text: str) -> None:
        self.schema = schema
        self.text = text
        self.joins: dict[tuple[str, ...], tuple[str, SObject]] = {(): ("t", obj)}
        self.sql = f'"{obj.name}" t'

    def alias(self, walked: tuple[str, ...]) -> str:
        return self.joins[walked][0]

    def object_at(self, walked: tuple[str, ...]) -> SObject:
        return self.joins[walked][1]

    def resolve(self, path: Path) -> tuple[tuple[str, ...], Field]:
        """The canonical relationships and the field, or Salesforce's complaint."""
        names = path.names
        base = self.joins[()][1]
        if len(names) > 1 and names[0].lower() == base.name.lower():
            names = names[1:]
        walked: tuple[str, ...] = ()
        for name in names[:-1]:
            walked = self._join(walked, name, path)
        obj = self.joins[walked][1]
        found = obj.by_name.get(names[-1].lower())
        if found is None:
            raise self._no_such_column(names[-1], obj, path)
        return walked, found

    def _join(self, walked: tuple[str, ...], name: str, path: Path | None) -> tuple[str, ...]:
        alias, obj = self.joins[walked]
        lookup = obj.by_relationship.get(name.lower())
        if lookup is None:
            complaint = (
                f"Didn't understand relationship '{name}' in field path. If you are attempting to "
                "use a custom relationship, be sure to append the '__r' after the custom "
                "relationship name. Please reference your WSDL or the describe call for the "
                "appropriate names."
            )
            column = path.column if path else 1
            raise ApiError("INVALID_FIELD", pointed_at(self.text, complaint, column=column))
        further = (*walked, lookup.relationship)
        if further not in self.joins:
            target = self.schema[lookup.target.lower()]
            joined = f"t{len(self.joins)}"
            self.joins[further] = (joined, target)
            self.sql += (
                f' LEFT JOIN "{target.name}" {joined} ON {joined}."Id" = {alias}."{lookup.name}"'
            )
        return further

    def _no_such_column(self, name: str, obj: SObject, path: Path) -> ApiError:
        complaint = (
            f"No such column '{name}' on entity '{obj.name}'. If you are attempting to use a "
            "custom field, be sure to append the '__c' after the custom field name. Please "
            "reference your WSDL or the describe call for the appropriate names."
        )
        return ApiError("INVALID_FIELD", pointed_at(self.text, complaint, column=path.column))

    def expression(self, walked: tuple[str, ...], field_: Field) -> str:
        """SQL for a field; formulas pull in the relationships that they read through."""
        if field_.stored:
            return f'{self.joins[walked][0]}."{field_.name}"'

        def placeholder(match: re.Match[str]) -> str:
            *relationships, name = match[1].split(".")
            place = walked
            for relationship in relationships:
                place = self._join(place, relationship, None)
            return self.expression(place, self.joins[place][1].by_name[name.lower()])

        return f"({PLACEHOLDER.sub(placeholder, field_.sql)})"
