"""How many records travel in one call, and what came back for each of them.

Source: REST API guide, "Update Multiple Records with Fewer Round-Trips" (200 records) and
"Composite" (25 subrequests, of which 5 may be queries or collections; one API call).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from console.salesforce import errors, records, shapes
from console.salesforce.gateway import SalesforceError, SessionExpired, Unknown, WriteResult
from console.salesforce.redaction import redacted_json
from syncrules.retry import Trouble

COLLECTION: Final = 200
PER_COMPOSITE: Final = 5

STOPS_THE_REST: Final = frozenset(
    {Trouble.UNAVAILABLE, Trouble.CROWDED, Trouble.LIMIT_REACHED, Trouble.MISCONFIGURED}
)
"""Troubles of the connection: the next call would meet them too."""

_T = TypeVar("_T")
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """Fields to be written to one opportunity."""

    salesforce_id: str
    fields: Mapping[str, str | None]

    @property
    def reads_like_a_reference(self) -> bool:
        return any("@{" in (value or "") for value in self.fields.values())


def calls(changes: Sequence[Change]) -> Iterator[list[Sequence[Change]]]:
    """The collections of each call, in the order given.

    Inside a composite, "@{...}" in a value is a reference that Salesforce fills in; changes
    with such a value follow at the end, in calls of one plain collection.
    """
    plain: list[Change] = []
    others: list[Change] = []
    for change in changes:
        (others if change.reads_like_a_reference else plain).append(change)
    for part in in_parts(list(in_parts(plain, size=COLLECTION)), size=PER_COMPOSITE):
        yield list(part)
    for collection_of_others in in_parts(others, size=COLLECTION):
        yield [collection_of_others]


def in_parts(items: Sequence[_T], *, size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def collection(changes: Sequence[Change]) -> Json:
    """The body that updates up to 200 opportunities, each on its own account."""
    return {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Opportunity"}, "id": change.salesforce_id, **change.fields}
            for change in changes
        ],
    }


def composite(requests: Sequence[Json]) -> Json:
    """The body that carries up to five queries or collections in one call.

    Not collated, so that they run in our order: two workers whose batches are sorted alike then
    take the rows' locks in the same order.
    """
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [
            {**request, "referenceId": _reference(position)}
            for position, request in enumerate(requests)
        ],
    }


def composite_bodies(answer: object, *, expected: int) -> list[object | SalesforceError]:
    """For each request of a composite call, in its order, the body or the failure."""
    parts = shapes.sequence(
        shapes.mapping(answer, "composite answer").get("compositeResponse"), "compositeResponse"
    )
    found: dict[str, Json] = {}
    for part in parts:
        response = shapes.mapping(part, "subresponse")
        found[shapes.text(response.get("referenceId"), "referenceId")] = response
    wanted = [_reference(position) for position in range(expected)]
    if len(parts) != expected or found.keys() != set(wanted):
        raise shapes.no_answer(f"{len(parts)} subresponses to {expected} requests")
    return [_body(found[reference]) for reference in wanted]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record of a collection; the answer is ready for JSON, without secrets."""

    error: SalesforceError | None
    answer: Json
    is_whole: bool = False


def outcomes(answer: object | SalesforceError, *, expected: Sequence[str | None]) -> list[Outcome]:
    """What became of each record of a collection, matched by position.

    `expected`: the id that confirms it; None for a record that is new, which any id confirms. An
    answer without one item for each says nothing about any of them: all are unknown.
    """
    if isinstance(answer, list) and len(answer) == len(expected):
        return [_outcome(item, own_id) for item, own_id in zip(answer, expected, strict=True)]
    error = answer
    if not isinstance(error, SalesforceError):
        found = f"{len(answer)} results" if isinstance(answer, list) else "no list of results"
        error = shapes.no_answer(f"{found} for {len(expected)} records")
    shown = {"errorCode": error.code, "message": error.words}
    return [Outcome(error, shown, is_whole=True)] * len(expected)


def results(answer: object | SalesforceError, changes: Sequence[Change]) -> list[WriteResult]:
    """What became of each change of a collection, or of a call that failed as a whole."""
    found = outcomes(answer, expected=[change.salesforce_id for change in changes])
    return [
        WriteResult(change.salesforce_id, one.error, change.fields, one.answer, one.is_whole)
        for change, one in zip(changes, found, strict=True)
    ]


def given_up(changes: Sequence[Change], error: SalesforceError) -> list[WriteResult]:
    """The results of a call that was not made, because of an earlier one's failure."""
    return [WriteResult(change.salesforce_id, error, {}, {}) for change in changes]


def _outcome(item: object, own_id: str | None) -> Outcome:
    if item == {"id": own_id, "success": True, "errors": []}:  # what nearly every record says
        return Outcome(None, cast("Json", item))
    answer = redacted_json(item)
    shown = answer if isinstance(answer, dict) else {"answer": answer}
    try:
        error = _error_of(item, own_id)
    except Unknown as malformed:
        error = malformed
    return Outcome(error, shown)


def _error_of(item: object, own_id: str | None) -> SalesforceError | None:
    result = shapes.mapping(item, "result")
    if not shapes.truth(result.get("success"), "success"):
        entries = shapes.sequence(result.get("errors"), "errors")
        return errors.of_records([shapes.mapping(entry, "errors entry") for entry in entries])
    confirmed = records.salesforce_id(result, "id")
    if own_id in (None, confirmed):
        return None
    return shapes.no_answer(f"a result for {confirmed}, which is another record than {own_id}")


def _body(response: Json) -> object | SalesforceError:
    status = response.get("httpStatusCode")
    if not isinstance(status, int) or isinstance(status, bool):
        raise shapes.malformed("httpStatusCode", status, "a number")
    body = response.get("body")
    if status < 300:
        return body
    error = errors.of_response(status, body)
    if isinstance(error, SessionExpired):
        # Writes here may be repeated without harm, so the whole call is, with a fresh token.
        raise error
    return error


def _reference(position: int) -> str:
    return f"part{position}"
