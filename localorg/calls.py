"""One REST call and its answer, whether it came over HTTP or inside a composite request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localorg.errors import ApiError, not_found, unknown_type
from localorg.org import Org
from localorg.records import Writer
from localorg.schema import SCHEMA, SObject


@dataclass(frozen=True, kw_only=True)
class Call:
    """`path` starts below `/services/data/vXX.0/` and carries no slash at either end."""

    method: str
    path: str
    version: str
    request_id: str
    user_id: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def writer(self, org: Org) -> Writer:
        return Writer(org, request_id=self.request_id, user_id=self.user_id)

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        if not isinstance(self.body, dict):
            raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")
        return self.body

    def sobject_url(self, obj: SObject, record_id: str) -> str:
        return f"/services/data/v{self.version}/sobjects/{obj.name}/{record_id}"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(error: ApiError) -> Answer:
    return Answer(error.status, error.body())


def object_in_url(name: str) -> SObject:
    """The object of this name; an address with an unknown one leads nowhere."""
    obj = SCHEMA.get(name.lower())
    if obj is None:
        raise not_found()
    return obj


def object_in_body(name: str) -> SObject:
    """The object of this name. INVALID_TYPE when there is none."""
    obj = SCHEMA.get(name.lower())
    if obj is None:
        raise unknown_type(name)
    return obj
