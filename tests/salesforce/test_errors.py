from __future__ import annotations

import pickle
import re
from importlib import resources

import pytest

from console.salesforce import errors
from console.salesforce.gateway import (
    LimitReached,
    Misconfigured,
    RecordBusy,
    RecordGone,
    Rejected,
    SalesforceError,
    Unavailable,
    Unknown,
)
from syncrules.retry import Trouble

Kind = type[SalesforceError]

OF_RECORD: list[tuple[str, str, list[str], Kind]] = [
    ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", [], RecordBusy),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Close date is in the past", ["CloseDate"], Rejected),
    ("ENTITY_IS_DELETED", "entity is deleted", [], RecordGone),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [], RecordGone),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["Id"], RecordGone),
    ("INVALID_CROSS_REFERENCE_KEY", "bad", ["monetize__PrimaryQuote__c"], Rejected),
    ("ENTITY_IS_DELETED", "entity is deleted", ["monetize__PrimaryQuote__c"], Rejected),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "check security settings", [], Misconfigured),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access", [], Rejected),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back", [], Unavailable),
    ("UNKNOWN_EXCEPTION", "An unexpected error occurred", [], RecordBusy),
    ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", [], LimitReached),
    ("A_CODE_OF_NEXT_YEAR", "no", [], Rejected),
    ("not a code", "no", [], Unknown),
    ("", "no", [], Unknown),
    ("INVALID_SESSION_ID", "of a call-out in a trigger", [], Unavailable),
]


@pytest.mark.parametrize(("code", "words", "fields", "kind"), OF_RECORD)
def test_the_code_of_a_record_error_decides(
    code: str, words: str, fields: list[str], kind: Kind
) -> None:
    found = errors.of_record({"statusCode": code, "message": words, "fields": fields})
    assert type(found) is kind
    assert found.words == words


NESTED: list[tuple[str, str, str, Kind]] = [
    (
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "failed to trigger a flow. UNABLE_TO_LOCK_ROW: unable to obtain exclusive access",
        "UNABLE_TO_LOCK_ROW",
        RecordBusy,
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "AfterUpdate: Update failed. first error: UNABLE_TO_LOCK_ROW, unable to obtain",
        "UNABLE_TO_LOCK_ROW",
        RecordBusy,
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "first error: FIELD_CUSTOM_VALIDATION_EXCEPTION, no",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        Rejected,
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "UNABLE_TO_LOCK_ROW, then SERVER_UNAVAILABLE",
        "SERVER_UNAVAILABLE",
        Unavailable,
    ),
    (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Ask Ann, who knows UNABLE_TO_LOCK_ROW",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        Rejected,
    ),
]


@pytest.mark.parametrize(("outer", "words", "code", "kind"), NESTED)
def test_a_passing_trouble_inside_a_wrapper_wins(
    outer: str, words: str, code: str, kind: Kind
) -> None:
    found = errors.of_record({"statusCode": outer, "message": words})
    assert (type(found), found.code) == (kind, code)


def published_codes() -> list[str]:
    """Every StatusCode of the metadata API's description, as simple_salesforce ships it."""
    wsdl = resources.files("simple_salesforce").joinpath("metadata.wsdl").read_text()
    start = wsdl.index('<xsd:simpleType name="StatusCode">')
    return re.findall(r'value="(\w+)"', wsdl[start : wsdl.index("</xsd:simpleType>", start)])


def test_every_published_code_has_a_kind() -> None:
    codes = published_codes()
    assert len(codes) > 500
    unknown = [
        code
        for code in codes
        if isinstance(errors.of_record({"statusCode": code, "message": "no"}), Unknown)
    ]
    assert unknown == []


def test_every_trouble_has_a_kind_of_its_own() -> None:
    kinds = {kind.trouble for kind in errors.KINDS.values()} | {Unknown.trouble}
    assert kinds == set(Trouble)


def test_several_errors_keep_the_words_of_all() -> None:
    found = errors.of_records(
        [
            {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Name"},
            {"statusCode": "STRING_TOO_LONG", "message": "Stage"},
        ]
    )
    assert (type(found), found.code, found.words) == (
        Rejected,
        "REQUIRED_FIELD_MISSING",
        "Name; Stage",
    )


def test_a_refusal_without_reason_is_unknown() -> None:
    assert type(errors.of_records([])) is Unknown


def test_an_error_survives_the_way_to_another_process() -> None:
    sent = Unavailable("TIMEOUT", "read timed out", is_unanswered=True)
    error = pickle.loads(pickle.dumps(sent))
    assert (type(error), str(error)) == (Unavailable, "TIMEOUT: read timed out")
    assert error.is_unanswered
