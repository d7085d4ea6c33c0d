"""Which objects and fields the org has. Everything else (tables, describe, checks) follows."""

from localorg.schema.fields import Field, Schema, SObject
from localorg.schema.monetize import PACKAGE
from localorg.schema.standard import STAGES, STANDARD, Stage

SCHEMA = Schema(*STANDARD, *PACKAGE)

__all__ = ["SCHEMA", "STAGES", "Field", "SObject", "Schema", "Stage"]
