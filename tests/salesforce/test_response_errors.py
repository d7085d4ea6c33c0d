"""What an HTTP answer tells of a whole call, and of a log-in."""

from __future__ import annotations

import pytest

from console.salesforce import errors
from console.salesforce.gateway import (
    Crowded,
    LimitReached,
    Misconfigured,
    RecordBusy,
    Rejected,
    SalesforceError,
    SessionExpired,
    Unavailable,
    Unknown,
)

Kind = type[SalesforceError]

OF_RESPONSE: list[tuple[int, object, Kind]] = [
    (401, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], SessionExpired),
    (401, "", SessionExpired),
    (401, {}, SessionExpired),
    (401, [], SessionExpired),
    (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}], LimitReached),
    (
        403,
        [
            {
                "errorCode": "REQUEST_LIMIT_EXCEEDED",
                "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            }
        ],
        Crowded,
    ),
    (403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "off"}], Misconfigured),
    (403, "<html>forbidden by a proxy</html>", Misconfigured),
    (404, [{"errorCode": "NOT_FOUND", "message": "does not exist"}], Misconfigured),
    (404, "gone fishing", Misconfigured),
    (400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}], Misconfigured),
    (400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}], Rejected),
    (400, "??", Unknown),
    (302, "", Misconfigured),
    (429, "slow down", Unavailable),
    (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "gack"}], Unavailable),
    (500, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}], RecordBusy),
    (500, [{"errorCode": "A_CODE_OF_NEXT_YEAR", "message": "later"}], Unavailable),
    (503, [{"errorCode": "A_CODE_OF_NEXT_YEAR", "message": "later"}], Unavailable),
    (429, [{"errorCode": "A_CODE_OF_NEXT_YEAR", "message": "later"}], Unavailable),
    (429, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}], LimitReached),
    (400, [{"errorCode": "A_CODE_OF_NEXT_YEAR", "message": "no"}], Rejected),
    (502, "<html></html>", Unavailable),
    (503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "later"}], Unavailable),
    (504, None, Unavailable),
]


@pytest.mark.parametrize(("status", "body", "kind"), OF_RESPONSE)
def test_a_response_goes_by_its_code_and_else_by_its_status(
    status: int, body: object, kind: Kind
) -> None:
    assert type(errors.of_response(status, body)) is kind


GARBLED = [{"errorCode": "bad gateway", "message": "upstream reset"}]
BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "later"}]


@pytest.mark.parametrize(
    ("status", "body", "is_unanswered"),
    [
        (502, "<html></html>", True),
        (504, None, True),
        (504, BUSY, True),
        (502, [{"errorCode": "BAD_GATEWAY", "message": "upstream"}], True),
        (500, "<html></html>", True),
        (503, "upstream connect error or reset before headers", True),
        (503, GARBLED, True),
        (503, BUSY, False),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "gack"}], False),
        (500, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}], False),
        (500, [{"errorCode": "A_CODE_OF_NEXT_YEAR", "message": "no"}], False),
        (429, "", False),
        (403, "<html>forbidden by a proxy</html>", False),
        (400, "??", False),
        (401, "", False),
    ],
)
def test_a_gateway_does_not_say_what_became_of_a_call(
    status: int, body: object, *, is_unanswered: bool
) -> None:
    """Nor does what comes with 500 or more and has no code of Salesforce's."""
    assert errors.of_response(status, body).is_unanswered is is_unanswered


OF_LOGIN: list[tuple[int, object, Kind]] = [
    (400, {"error": "invalid_grant", "error_description": "no such user"}, Misconfigured),
    (401, {"error": "invalid_client", "error_description": "bad secret"}, Misconfigured),
    (400, {"error": "invalid_grant", "error_description": "login rate exceeded"}, Unavailable),
    (400, {"error": "server_busy"}, Unavailable),
    (400, "<html></html>", Misconfigured),
    (404, "", Misconfigured),
    (429, "", Unavailable),
    (503, "<html></html>", Unavailable),
]


@pytest.mark.parametrize(("status", "body", "kind"), OF_LOGIN)
def test_a_refused_log_in_needs_a_person_and_an_unanswered_one_time(
    status: int, body: object, kind: Kind
) -> None:
    assert type(errors.of_login(status, body)) is kind


OF_REST_ONLY = {
    "ALREADY_IN_PROCESS": RecordBusy,
    "FORBIDDEN": Misconfigured,
    "INVALID_SESSION_ID": SessionExpired,
    "JSON_PARSER_ERROR": Rejected,
    "MALFORMED_QUERY": Rejected,
    "METHOD_NOT_ALLOWED": Rejected,
    "OPERATION_TOO_LARGE": Rejected,
    "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE": RecordBusy,
    "QUERY_TIMEOUT": RecordBusy,
    "REQUEST_LIMIT_EXCEEDED": LimitReached,
    "REQUEST_RUNNING_TOO_LONG": RecordBusy,
    "SERVER_UNAVAILABLE": Unavailable,
    "TOO_MANY_APEX_REQUESTS": Crowded,
}
"""Published for REST; most of them are missing in the description of the metadata API."""


@pytest.mark.parametrize(("code", "kind"), OF_REST_ONLY.items())
def test_codes_of_the_rest_api_have_their_kinds(code: str, kind: Kind) -> None:
    body = [{"errorCode": code, "message": "no"}]
    assert type(errors.of_response(400, body)) is kind
