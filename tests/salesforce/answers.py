"""Answers as an org gives them, for the scripted server."""

from __future__ import annotations

from syncrules.salesforce_id import to_18
from tests.salesforce.scripted import Answer

ORG_ID = "00D000000000001EAA"
REFUSED = Answer(400, {"error": "invalid_grant", "error_description": "user is inactive"})
ORG = Answer(body={"done": True, "totalSize": 1, "records": [{"Id": ORG_ID}]})


def opportunity_id(number: int) -> str:
    return to_18(f"006{number:012d}")


ONE = opportunity_id(1)


def record(number: int) -> dict[str, object]:
    return {
        "Id": opportunity_id(number),
        "Name": f"Deal {number}",
        "IsClosed": False,
        "SystemModstamp": "2026-03-01T10:00:00.000+0000",
    }


def page(*numbers: int, following: str | None = None) -> Answer:
    body: dict[str, object] = {"done": following is None, "records": [record(n) for n in numbers]}
    if following is not None:
        body["nextRecordsUrl"] = following
    return Answer(body=body)


def done(*numbers: int) -> list[dict[str, object]]:
    return [{"id": opportunity_id(n), "success": True, "errors": []} for n in numbers]
