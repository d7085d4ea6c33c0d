"""Which kind of failure is it? By Salesforce's code first, by the HTTP status second.

Source: SOAP API guide, "Core Data Types: StatusCode"; REST API guide, "Status Codes and Error
Responses"; OAuth error codes from the help page "OAuth 2.0 Error Codes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from console.salesforce.gateway import (
    Crowded,
    LimitReached,
    Misconfigured,
    RecordBusy,
    RecordGone,
    Rejected,
    SalesforceError,
    SessionExpired,
    Unavailable,
    Unknown,
)
from console.salesforce.redaction import redacted

_Kind = type[SalesforceError]

KINDS: Final[Mapping[str, _Kind]] = {
    # Salesforce as a whole is not to be had: nothing wrong with the record.
    "SERVER_UNAVAILABLE": Unavailable,  # comes with 503
    "SERVICE_UNAVAILABLE": Unavailable,
    "BAD_GATEWAY": Unavailable,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Unavailable,  # read-only window
    "TOO_MANY_APEX_REQUESTS": Crowded,  # the org's synchronous Apex slots are taken
    "INVALID_QUERY_LOCATOR": Unavailable,  # a cursor expired between pages: ask anew
    # An innocent neighbour's fate: goes again without counting as a failure of its own.
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Unavailable,
    "PROCESSING_HALTED": Unavailable,
    "FAILED_DUE_TO_OTHER_INPUTS": Unavailable,
    # Somebody else holds the record, or its triggers took too long. May last: attempts count.
    "UNABLE_TO_LOCK_ROW": RecordBusy,
    "UNABLE_TO_LOCK_RECORD": RecordBusy,
    "RECORD_IN_USE_BY_WORKFLOW": RecordBusy,
    "TERRITORY_REALIGN_IN_PROGRESS": RecordBusy,
    "COLLISION_DETECTED": RecordBusy,
    "CONFLICT": RecordBusy,
    "OPERATION_CONFLICT": RecordBusy,
    "ALREADY_IN_PROCESS": RecordBusy,  # by another call
    "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE": RecordBusy,  # of an event that a trigger publishes
    "QUERY_TIMEOUT": RecordBusy,
    "REQUEST_RUNNING_TOO_LONG": RecordBusy,
    "INTERNAL_ERROR": RecordBusy,
    "UNKNOWN_EXCEPTION": RecordBusy,  # an error inside Salesforce; a poison record repeats it
    # The allocation is used up.
    "REQUEST_LIMIT_EXCEEDED": LimitReached,  # of too many at once: see _by_code
    "STORAGE_LIMIT_EXCEEDED": LimitReached,
    # The token.
    "INVALID_SESSION_ID": SessionExpired,
    "SESSION_EXPIRED": SessionExpired,
    "SESSION_INVALIDATED": SessionExpired,
    "INVALID_ACCESS_TOKEN": SessionExpired,
    "INVALID_AUTH_HEADER": SessionExpired,
    # The login or the org's set-up.
    "INVALID_LOGIN": Misconfigured,
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": Misconfigured,
    "INVALID_CLIENT": Misconfigured,
    "INACTIVE_OWNER_OR_USER": Rejected,  # the opportunity's owner left, not our user
    "API_DISABLED_FOR_ORG": Misconfigured,
    "API_CURRENTLY_DISABLED": Misconfigured,
    "UNSUPPORTED_API_VERSION": Misconfigured,
    "FUNCTIONALITY_NOT_ENABLED": Misconfigured,
    "PACKAGE_DISABLED": Misconfigured,  # the monetize package
    "PACKAGE_LICENSE_REQUIRED": Misconfigured,
    "REQUIRE_CONNECTED_APP_SCS": Misconfigured,
    "FORBIDDEN": Misconfigured,
    "INSUFFICIENT_ACCESS": Misconfigured,  # to the resource, not to a record
    "TXN_SECURITY_NO_ACCESS": Misconfigured,
    "INVALID_READ_ONLY_USER_DML": Misconfigured,
    # A field or object our user does not see, or the package is not installed: every record
    # would meet it.
    "INVALID_FIELD": Misconfigured,
    "INVALID_FIELD_FOR_INSERT_UPDATE": Misconfigured,  # field-level security
    "FIELD_NOT_UPDATABLE": Misconfigured,
    "INVALID_TYPE": Misconfigured,
    # The record is not there, or not for us.
    "ENTITY_IS_DELETED": RecordGone,
    "NOT_FOUND": RecordGone,
    "RECORD_NOT_FOUND": RecordGone,
    "MISSING_RECORD": RecordGone,
    "INVALID_CROSS_REFERENCE_KEY": RecordGone,  # of the record's own id: see of_record
    # A "no" to this record that a person must resolve. Other codes land here too: a code with
    # words is an answer, and the words go to the person as they are.
    "CANNOT_EXECUTE_FLOW_TRIGGER": Rejected,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Rejected,  # an Apex trigger failed
    "DUPLICATES_DETECTED": Rejected,  # a duplicate rule
    "DUPLICATE_EXTERNAL_ID": Rejected,
    "DUPLICATE_VALUE": Rejected,
    "ENTITY_IS_ARCHIVED": Rejected,
    "ENTITY_IS_LOCKED": Rejected,  # by an approval process, for days: not a busy row
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Rejected,
    "FIELD_FILTER_VALIDATION_EXCEPTION": Rejected,  # a lookup filter
    "FIELD_INTEGRITY_EXCEPTION": Rejected,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Rejected,
    "INSUFFICIENT_ACCESS_OR_READONLY": Rejected,  # sharing: of this record
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Rejected,
    "JSON_PARSER_ERROR": Rejected,
    "MALFORMED_ID": Rejected,
    "MALFORMED_QUERY": Rejected,
    "NUMBER_OUTSIDE_VALID_RANGE": Rejected,
    "RECORD_LOCKED": Rejected,
    "REQUIRED_FIELD_MISSING": Rejected,
    "STRING_TOO_LONG": Rejected,
}

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_WRAPPERS: Final = frozenset(
    {
        "APEX_ERROR",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "FLOW_EXCEPTION",
        "UNKNOWN_EXCEPTION",
    }
)
"""Codes whose message quotes the error of what ran inside. In a validation rule's message the
same words would be a person's prose."""
_TRANSIENT_INSIDE: Final = frozenset(
    {"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"}
)


def of_record(error: Mapping[str, object]) -> SalesforceError:
    """The failure that one record's `errors` entry tells of."""
    code, words = _code_and_words(error)
    found = _by_code(code, words)
    fields = error.get("fields")
    if isinstance(found, RecordGone) and _names_another_record(fields):
        return Rejected(found.code, found.words)
    # A session that expired inside a trigger is not ours; ours would have failed the whole call.
    if isinstance(found, SessionExpired):
        return Unavailable(found.code, found.words)
    return found or Unknown("NO_CODE", words)


def of_response(status: int, body: object) -> SalesforceError:
    """The failure that an HTTP answer tells of, which concerns the whole call."""
    error = body[0] if isinstance(body, list) and body else body
    code, words = _code_and_words(error) if isinstance(error, dict) else ("", _prose(body))
    found = _by_code(code, words)
    if found is None or (_is_passing(status) and not _is_clear(found.code)):
        kind, known_as = _by_status(status), code or f"HTTP_{status}"
    else:
        kind, known_as = type(found), found.code
    if kind is RecordGone:
        # We address no single record by URL, so it is the address that leads nowhere: a wrong
        # API version, a renamed domain. Taken for missing records it would undo every link.
        kind = Misconfigured
    # It may be a gateway's word for a trouble of its own, after it had passed the call on.
    is_unanswered = status in _OF_GATEWAYS or (status >= 500 and found is None)
    return kind(known_as, words, is_unanswered=is_unanswered)


def of_login(status: int, body: object) -> SalesforceError:
    """The failure that the token endpoint tells of."""
    if _is_passing(status):
        return Unavailable(f"HTTP_{status}", "the login service does not answer just now")
    if not isinstance(body, dict):
        return Misconfigured("LOGIN_REFUSED", f"HTTP {status}: {_prose(body)}")
    code = redacted(str(body.get("error", "LOGIN_REFUSED")))
    words = redacted(str(body.get("error_description", f"HTTP {status}")))
    if code in ("server_busy", "temporarily_unavailable", "unknown_error"):
        return Unavailable(code, words)
    if "login rate exceeded" in words.lower():
        return Unavailable(code, words)
    return Misconfigured(code, words)


def of_records(errors: Sequence[Mapping[str, object]]) -> SalesforceError:
    """The failure of a record with one or several entries: the first, with the words of all."""
    if not errors:
        return Unknown("NO_CODE", "refused without a reason")
    first, *others = [of_record(error) for error in errors]
    words = "; ".join([first.words, *(other.words for other in others)])
    return type(first)(first.code, words)


_VAGUE: Final = frozenset({"UNKNOWN_EXCEPTION", "INTERNAL_ERROR"})
"""Codes of an accident inside Salesforce, which say less than the status does."""
_PASSING: Final = frozenset({408, 420, 429})
_OF_GATEWAYS: Final = frozenset({502, 504})


def _is_passing(status: int) -> bool:
    """Whether the status says that the whole call was not for now, whatever it asked for."""
    return status in _PASSING or status >= 500


def _is_clear(code: str) -> bool:
    return code in KINDS and code not in _VAGUE


def _by_code(code: str, words: str) -> SalesforceError | None:
    if not _CODE.fullmatch(code):
        return None
    if code in _WRAPPERS:
        inner = [found for found in _CODE.findall(words) if found in _TRANSIENT_INSIDE]
        if inner:
            return KINDS[inner[-1]](inner[-1], words)
    if code == "REQUEST_LIMIT_EXCEEDED" and "ConcurrentRequests" in words:
        return Crowded(code, words)
    return KINDS.get(code, Rejected)(code, words)


def _by_status(status: int) -> _Kind:
    if _is_passing(status):
        return Unavailable
    if status == 401:
        return SessionExpired
    if status in (403, 404) or 301 <= status <= 308:
        return Misconfigured
    return Unknown


def _names_another_record(fields: object) -> bool:
    """A lookup that leads nowhere names its field; the record itself names none, or its Id."""
    return isinstance(fields, list) and any(str(field).lower() != "id" for field in fields)


def _code_and_words(error: Mapping[str, object]) -> tuple[str, str]:
    code = error.get("errorCode") or error.get("statusCode") or error.get("error") or ""
    words = error.get("message") or error.get("error_description") or "no words given"
    return str(code).strip(), redacted(str(words))


def _prose(body: object) -> str:
    """What to show of a body that is no error list. Of a web page, only that it is one."""
    shown = str(body).strip()
    if shown.startswith("<"):
        return "a web page instead of an answer"
    return redacted(shown) or "an empty answer"
