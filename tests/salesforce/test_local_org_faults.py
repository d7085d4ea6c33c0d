"""The gateway against the local org, when records are refused and calls go wrong."""

from __future__ import annotations

import pytest

from console.salesforce.client import Credentials, Timeouts, connect
from console.salesforce.gateway import (
    Crowded,
    Gateway,
    LimitReached,
    Misconfigured,
    RecordBusy,
    RecordGone,
    Rejected,
    SalesforceError,
    Unavailable,
)
from syncrules.salesforce_id import to_18
from tests.org import Org
from tests.salesforce.answers import opportunity_id
from tests.salesforce.orgs import LINK, PRIMARY, applied, load_opportunities

REFUSALS: list[tuple[dict[str, object], type[SalesforceError], str]] = [
    ({"code": "UNABLE_TO_LOCK_ROW"}, RecordBusy, "UNABLE_TO_LOCK_ROW"),
    (
        {"code": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "A flow: UNABLE_TO_LOCK_ROW: locked"},
        RecordBusy,
        "UNABLE_TO_LOCK_ROW",
    ),
    (
        {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Ask the deal desk"},
        Rejected,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    ),
    (
        {"code": "INVALID_FIELD_FOR_INSERT_UPDATE", "fields": [LINK]},
        Misconfigured,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[code for _, _, code in REFUSALS])
@pytest.mark.parametrize("count", [3, 450])
def test_one_refused_record_does_not_touch_its_neighbours(
    org: Org,
    org_gateway: Gateway,
    case: tuple[dict[str, object], type[SalesforceError], str],
    count: int,
) -> None:
    rule, kind, code = case
    ids = load_opportunities(org, count)
    refused = ids[count // 2]
    org.break_with(action="record_error", record_id=refused, **rule)
    results = org_gateway.update_opportunities({one: {LINK: one} for one in ids})
    error = results[refused].error
    assert (type(error), error and error.code) == (kind, code)
    assert results[refused].answer["success"] is False
    others = [one for one in ids if one != refused]
    assert [results[one].error for one in others] == [None] * len(others)
    assert applied(org) == others
    assert org_gateway.calls == 1


def test_salesforces_own_words_are_kept(org: Org, org_gateway: Gateway) -> None:
    [one] = load_opportunities(org, 1)
    words = "Close date must be in this fiscal year"
    org.break_with(action="record_error", code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message=words)
    error = org_gateway.update_opportunities({one: {LINK: "x"}})[one].error
    assert error is not None
    assert error.words == words


def test_a_record_that_is_not_there_is_gone(org: Org, org_gateway: Gateway) -> None:
    [one] = load_opportunities(org, 1)
    missing = opportunity_id(77)
    results = org_gateway.update_opportunities({missing: {LINK: "x"}, one: {LINK: "y"}})
    assert type(results[missing].error) is RecordGone
    assert results[one].error is None


def test_a_quote_record_that_is_not_there_does_not_make_the_opportunity_gone(
    org: Org, org_gateway: Gateway
) -> None:
    [one] = load_opportunities(org, 1)
    result = org_gateway.update_opportunities({one: {PRIMARY: to_18("a0B000000000099")}})[one]
    assert type(result.error) is Rejected


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "drop", "when": "before"},
        {"action": "drop", "when": "after"},
        {"action": "truncate", "when": "after"},
        {"action": "status", "status": 503, "when": "before"},
        {"action": "status", "status": 503, "when": "after"},
        {"action": "html", "status": 503, "when": "before"},
        {"action": "html", "status": 200, "when": "after"},
    ],
)
@pytest.mark.parametrize("count", [2, 300])
def test_an_unclear_end_is_no_success_and_a_repeat_no_harm(
    org: Org, org_gateway: Gateway, rule: dict[str, str], count: int
) -> None:
    ids = load_opportunities(org, count)
    wish = {one: {LINK: one} for one in ids}
    org.break_with(path="composite", **rule)

    first = org_gateway.update_opportunities(wish)
    assert {type(result.error) for result in first.values()} == {Unavailable}
    assert applied(org) == (ids if rule["when"] == "after" else [])

    second = org_gateway.update_opportunities(wish)
    assert [result.error for result in second.values()] == [None] * count
    found = org_gateway.read_opportunities(ids)
    assert all(found[one].mn_id == one for one in ids)


def test_a_slow_answer_is_not_waited_for(org: Org, org_credentials: Credentials) -> None:
    [one] = load_opportunities(org, 1)
    org.break_with(action="delay", path="query", seconds=2)
    impatient = connect(org_credentials, timeouts=Timeouts(connect=1, read=0.2))
    with pytest.raises(Unavailable, match="TIMEOUT"):
        impatient.read_opportunities([one])


def test_a_used_up_allocation_stops_and_is_told_from_too_many_at_once(
    org: Org, org_gateway: Gateway
) -> None:
    ids = load_opportunities(org, 1200)
    words = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    for message, kind in [("TotalRequests Limit exceeded.", LimitReached), (words, Crowded)]:
        calls_before = org_gateway.calls
        body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]
        org.break_with(action="status", status=403, body=body, path="composite")
        results = org_gateway.update_opportunities({one: {LINK: one} for one in ids})
        assert {type(result.error) for result in results.values()} == {kind}
        assert org_gateway.calls == calls_before + 1
    assert applied(org) == []
