"""Faults of the wire, and what the client makes of them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.salesforce.client import Credentials, Timeouts, connect
from console.salesforce.gateway import (
    ApiUsage,
    Gateway,
    LimitReached,
    Misconfigured,
    SalesforceError,
    Unavailable,
    Unknown,
)
from tests.salesforce.answers import ONE, ORG, done, opportunity_id, page, record
from tests.salesforce.conftest import QUICK
from tests.salesforce.scripted import Answer, Hang, Reset, ScriptedServer, Step, Trickle

WIRE: list[tuple[str, Step, type[SalesforceError]]] = [
    ("no answer", Hang(), Unavailable),
    ("connection reset", Reset(), Unavailable),
    ("cut in the middle", Answer(body={"done": True}, cut=50), Unavailable),
    ("a web page", Answer(text="<html>Down for maintenance</html>"), Unavailable),
    ("a web page with 503", Answer(503, text="<html>Down</html>"), Unavailable),
    ("too many requests", Answer(429, text=""), Unavailable),
    ("truncated JSON", Answer(text='{"done": true, "records": ['), Unknown),
    ("nothing", Answer(text=""), Unknown),
    ("null", Answer(text="null"), Unknown),
    ("a number", Answer(text="17"), Unknown),
    ("a list", Answer(body=[1]), Unknown),
    ("no records", Answer(body={"done": True}), Unknown),
    ("no end", Answer(body={"records": []}), Unknown),
    ("an end in words", Answer(body={"records": [], "done": "true"}), Unknown),
    ("a record in words", Answer(body={"records": ["x"], "done": True}), Unknown),
    ("an endless empty page", Answer(body={"records": [], "done": False}), Unknown),
    ("a redirect", Answer(302, headers={"Location": "http://127.0.0.1:1/"}), Misconfigured),
    ("wrong version", Answer(404, [{"errorCode": "NOT_FOUND", "message": "no"}]), Misconfigured),
    (
        "allocation used up",
        Answer(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]),
        LimitReached,
    ),
]


@pytest.mark.parametrize(("step", "kind"), [w[1:] for w in WIRE], ids=[w[0] for w in WIRE])
def test_a_reading_fails_with_what_the_wire_did(
    scripted: ScriptedServer, gateway: Gateway, step: Step, kind: type[SalesforceError]
) -> None:
    scripted.will(step)
    with pytest.raises(SalesforceError) as failed:
        gateway.read_opportunities([ONE])
    assert type(failed.value) is kind
    assert gateway.calls == 1


@pytest.mark.parametrize(("step", "kind"), [w[1:] for w in WIRE], ids=[w[0] for w in WIRE])
def test_a_writing_is_never_a_success_whatever_the_wire_did(
    scripted: ScriptedServer, gateway: Gateway, step: Step, kind: type[SalesforceError]
) -> None:
    scripted.will(step)
    result = gateway.update_opportunities({ONE: {"monetize__Id__c": "opp_1"}})[ONE]
    assert type(result.error) is kind
    assert result.sent == {"monetize__Id__c": "opp_1"}


UNANSWERED = {name: step for name, step, _ in WIRE[:5]} | {
    "truncated JSON": Answer(text='{"done": true, "records": ['),
    "nothing": Answer(text=""),
    "null": Answer(text="null"),
    "too few results": Answer(body=[]),
    "a bad gateway": Answer(502, text=""),
    "a gateway that waited in vain": Answer(504, text="<html>Gateway Timeout</html>"),
}
ANSWERED = {
    "too many requests": Answer(429, text=""),
    "out of order": Answer(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "later"}]),
    "a refusal": Answer(400, [{"errorCode": "JSON_PARSER_ERROR", "message": "no"}]),
}


@pytest.mark.parametrize("name", [*UNANSWERED, *ANSWERED])
def test_it_is_told_whether_a_write_may_have_been_carried_out(
    scripted: ScriptedServer, gateway: Gateway, name: str
) -> None:
    scripted.will({**UNANSWERED, **ANSWERED}[name])
    result = gateway.update_opportunities({ONE: {"monetize__Id__c": "opp_1"}})[ONE]
    assert result.error is not None
    assert (result.is_whole, result.error.is_unanswered) == (True, name in UNANSWERED)


def test_what_a_composite_does_not_answer_may_have_been_carried_out(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    changes = {opportunity_id(n): {"Name": "x"} for n in range(201)}
    scripted.will(Answer(body={"compositeResponse": []}))
    for result in gateway.update_opportunities(changes).values():
        assert result.error is not None
        assert result.error.is_unanswered


@pytest.mark.parametrize("step", [Hang(), Answer(502, text="")], ids=["no answer", "a gateway"])
def test_without_a_token_nothing_was_carried_out(
    scripted: ScriptedServer, gateway: Gateway, step: Step
) -> None:
    scripted.logins.append(step)
    result = gateway.update_opportunities({ONE: {"monetize__Id__c": "opp_1"}})[ONE]
    assert type(result.error) is Unavailable
    assert not result.error.is_unanswered
    assert scripted.api_requests() == []


def test_nobody_listens(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.shutdown()
    scripted.server_close()
    with pytest.raises(Unavailable) as failed:
        connect(credentials, timeouts=QUICK).describe_org()
    assert failed.value.code == "CONNECTION_FAILED"


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_trickling_answer_has_as_long_as_any_other(
    scripted: ScriptedServer, credentials: Credentials, part: Literal["head", "body"]
) -> None:
    scripted.will(Trickle(Answer(body=done(1)), part))
    hasty = connect(credentials, timeouts=Timeouts(connect=2, read=0.5))
    result = hasty.update_opportunities({ONE: {"monetize__Id__c": "opp_1"}})[ONE]
    assert result.error is not None
    assert (result.error.code, result.error.is_unanswered) == ("TIMEOUT", True)


def test_usage_is_known_after_an_answer_and_after_a_refusal(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    seen = [gateway.usage]
    for status, header in [
        (200, "api-usage=18/5000"),
        (403, "per-app-api-usage=17/250(appName=console);api-usage=25/5000"),
        (200, "nonsense"),
    ]:
        body = ORG.body if status == 200 else [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]
        scripted.will(Answer(status, body, headers={"Sforce-Limit-Info": header}))
        with contextlib.suppress(LimitReached):
            gateway.describe_org()
        seen.append(gateway.usage)
    used = ApiUsage(used=25, maximum=5000)
    assert seen == [None, ApiUsage(used=18, maximum=5000), used, used]


def test_the_meter_hears_of_no_usage_that_an_answer_did_not_speak_of(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    heard: list[ApiUsage | None] = []
    gateway = connect(credentials, timeouts=QUICK, meter=heard.append)
    scripted.will(Answer(body=ORG.body, headers={"Sforce-Limit-Info": "api-usage=18/5000"}))
    scripted.will(ORG, Hang())
    for _ in range(3):
        with contextlib.suppress(Unavailable):
            gateway.describe_org()
    assert heard == [ApiUsage(used=18, maximum=5000), None, None]


def test_all_pages_are_read_whatever_their_size(scripted: ScriptedServer, gateway: Gateway) -> None:
    scripted.will(
        page(1, 2, following="/services/data/v62.0/query/01gxx-2"),
        page(3, following="/services/data/v62.0/query/01gxx-3"),
        page(4),
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    found = gateway.opportunities_modified_since(since, limit=4)
    assert [one.name for one in found] == ["Deal 1", "Deal 2", "Deal 3", "Deal 4"]
    assert scripted.api_requests()[2].path == "/services/data/v62.0/query/01gxx-3"


@pytest.mark.parametrize(
    "following",
    [
        "@127.0.0.2:1/services/data/v62.0/query/01g-2",
        "//127.0.0.2:1/services/data/v62.0/query/01g-2",
        ".evil.com/services/data/v62.0/query/01g-2",
        "/services/data/v62.0/query/../../../x",
        "http://127.0.0.2/services/data/v62.0/query/01g-2",
        17,
        None,
    ],
)
def test_the_token_follows_no_next_page_elsewhere(
    scripted: ScriptedServer, gateway: Gateway, following: object
) -> None:
    body = {"done": False, "records": [record(1)], "nextRecordsUrl": following}
    scripted.will(Answer(body=body))
    with pytest.raises(Unknown, match="nextRecordsUrl"):
        gateway.read_opportunities([ONE])
    assert gateway.calls == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["records", "done", "nextRecordsUrl", "Id", "success", "id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=json_values)
def test_no_answer_whatever_brings_another_error_than_ours(
    scripted: ScriptedServer, gateway: Gateway, body: object
) -> None:
    scripted.steps.clear()
    scripted.will(Answer(body=body), Answer(text="{"), Answer(body=body))
    with contextlib.suppress(SalesforceError):
        assert gateway.read_opportunities([ONE]) == {}
    scripted.steps.clear()
    scripted.will(Answer(body=body))
    assert gateway.update_opportunities({ONE: {"Name": "x"}})[ONE].error is not None
