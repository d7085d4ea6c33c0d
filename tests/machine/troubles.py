"""What may go wrong at Salesforce, as scripted faults of the local org."""

from __future__ import annotations

from typing import Any, Final

from syncrules.facts import PRIMARY_QUOTE_FIELD

Rule = dict[str, Any]


def _refused(status: int, code: str, message: str) -> Rule:
    return {
        "action": "status",
        "status": status,
        "body": [{"errorCode": code, "message": message}],
    }


OF_CALLS: Final[dict[str, Rule]] = {
    "out of service": {"action": "status", "status": 503},
    "an error of its own": _refused(500, "UNKNOWN_EXCEPTION", "an unexpected error occurred"),
    "a web page": {"action": "html", "status": 503},
    "too many at once": _refused(
        403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."
    ),
    "no calls left": _refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "carried out, and nonsense said": {
        "action": "status",
        "status": 200,
        "body": {"compositeResponse": []},
        "when": "after",
    },
    "carried out, and half said": {"action": "truncate"},
}
"""Of one call, whatever it asks for."""

OF_RECORDS: Final[dict[str, Rule]] = {
    "locked by somebody": {"action": "record_error", "code": "UNABLE_TO_LOCK_ROW"},
    "refused by a rule": {
        "action": "record_error",
        "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "the stage is closed",
    },
    "rolled back with a neighbour": {
        "action": "record_error",
        "code": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "message": "rolled back",
    },
    "taken, and not kept": {"action": "ignore_fields", "fields": [PRIMARY_QUOTE_FIELD]},
}
"""Of one record, whose neighbours in the same call go through."""

REFUSED_LOGIN: Final[Rule] = {
    "action": "status",
    "status": 400,
    "body": {"error": "invalid_client", "error_description": "invalid client credentials"},
    "path": "oauth2/token",
}
