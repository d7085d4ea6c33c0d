"""Faults of the wire, and what the client makes of them."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import traceback
from datetime import UTC, datetime
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import (
    ApiUsage,
    Gateway,
    LimitReached,
    Misconfigured,
    OrgIdentity,
    RecordBusy,
    SalesforceError,
    Unavailable,
    Unknown,
)
from syncrules.salesforce_id import InvalidSalesforceId, to_18
from tests.salesforce.conftest import QUICK, SECRET
from tests.salesforce.scripted import (
    EXPIRED,
    ORG_ID,
    Answer,
    Hang,
    Held,
    Reset,
    ScriptedServer,
    Step,
)

REFUSED = Answer(400, {"error": "invalid_grant", "error_description": "user is inactive"})
ORG = Answer(body={"done": True, "totalSize": 1, "records": [{"Id": ORG_ID}]})


def opportunity_id(number: int) -> str:
    return to_18(f"006{number:012d}")


ONE = opportunity_id(1)


def record(number: int) -> dict[str, object]:
    return {
        "Id": opportunity_id(number),
        "Name": f"Deal {number}",
        "SystemModstamp": "2026-03-01T10:00:00.000+0000",
    }


def page(*numbers: int, following: str | None = None) -> Answer:
    body: dict[str, object] = {"done": following is None, "records": [record(n) for n in numbers]}
    if following is not None:
        body["nextRecordsUrl"] = following
    return Answer(body=body)


def done(*numbers: int) -> list[dict[str, object]]:
    return [{"id": opportunity_id(n), "success": True, "errors": []} for n in numbers]


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


def test_nobody_listens(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.shutdown()
    scripted.server_close()
    with pytest.raises(Unavailable) as failed:
        connect(credentials, timeouts=QUICK).describe_org()
    assert failed.value.code == "CONNECTION_FAILED"


def test_an_expired_token_is_renewed_once_and_the_question_asked_again(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    scripted.will(page(1), EXPIRED, page(1, 2))
    gateway.read_opportunities([ONE])
    found = gateway.read_opportunities([ONE, opportunity_id(2)])
    assert len(found) == 2
    assert scripted.logins_seen() == 2
    tokens = [one.headers["Authorization"] for one in scripted.api_requests()]
    assert tokens[1] != tokens[2]


def test_an_expired_token_inside_a_composite_renews_too(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    changes = {opportunity_id(n): {"Name": "x"} for n in range(1, 202)}
    parts = [done(*range(1, 201)), done(201)]
    refused = {"httpStatusCode": 401, "body": EXPIRED.body, "referenceId": "part1"}
    good = [
        {"httpStatusCode": 200, "body": body, "referenceId": f"part{n}"}
        for n, body in enumerate(parts)
    ]
    scripted.will(
        Answer(body={"compositeResponse": [good[0], refused]}),
        Answer(body={"compositeResponse": good}),
    )
    results = gateway.update_opportunities(changes)
    assert [r.error for r in results.values()] == [None] * 201
    assert scripted.logins_seen() == 2


def test_a_fresh_token_that_is_refused_too_is_a_matter_for_a_person(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    scripted.will(EXPIRED, EXPIRED)
    with pytest.raises(Misconfigured, match="fresh token"):
        gateway.describe_org()
    assert (scripted.logins_seen(), gateway.calls) == (2, 2)


def test_a_refused_log_in_asks_no_question(scripted: ScriptedServer, gateway: Gateway) -> None:
    scripted.logins.append(REFUSED)
    with pytest.raises(Misconfigured) as failed:
        gateway.describe_org()
    assert (failed.value.code, failed.value.words) == ("invalid_grant", "user is inactive")
    assert gateway.calls == 0


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Hang(), Unavailable),
        (Reset(), Unavailable),
        (Answer(503, text="<html></html>"), Unavailable),
        (Answer(text="<html></html>"), Unavailable),
        (Answer(text="{"), Unknown),
        (Answer(body=[]), Unknown),
        (Answer(body={"instance_url": "http://127.0.0.1:1"}), Unknown),
        (Answer(body={"access_token": "x"}), Unknown),
        (Answer(302, headers={"Location": "https://evil.com"}), Misconfigured),
        (Answer(body={"access_token": "x", "instance_url": "https://evil.com"}), Misconfigured),
        (
            Answer(body={"access_token": "x", "instance_url": "https://a.my.salesforce.com"}),
            Misconfigured,
        ),
    ],
)
def test_a_log_in_that_goes_wrong(
    scripted: ScriptedServer, gateway: Gateway, step: Step, kind: type[SalesforceError]
) -> None:
    scripted.logins.append(step)
    with pytest.raises(SalesforceError) as failed:
        gateway.describe_org()
    assert type(failed.value) is kind
    assert scripted.api_requests() == []


def test_many_threads_log_in_once(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.will(*[ORG] * 8)
    outcomes = ask_at_once(credentials, threads=8)
    assert {type(one) for one in outcomes} == {OrgIdentity}
    assert scripted.logins_seen() == 1


def test_many_threads_renew_once(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.will(*[ORG] * 7)
    connect(credentials, timeouts=QUICK).describe_org()
    scripted.revoked.add(scripted.api_requests()[0].headers["Authorization"])
    outcomes = ask_at_once(credentials, threads=6)
    assert {type(one) for one in outcomes} == {OrgIdentity}
    assert scripted.logins_seen() == 2


def test_threads_that_waited_for_a_refused_log_in_do_not_each_try_again(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    scripted.logins.extend([Held(REFUSED), *[REFUSED] * 5])
    opener = threading.Timer(0.3, scripted.gate.set)
    opener.start()
    outcomes = ask_at_once(credentials, threads=6)
    opener.join()
    assert {type(one) for one in outcomes} == {Misconfigured}
    assert scripted.logins_seen() < 6


def ask_at_once(credentials: Credentials, *, threads: int) -> list[object]:
    start = threading.Barrier(threads)
    outcomes: list[object] = []

    def ask() -> None:
        gateway = connect(credentials)
        start.wait()
        try:
            outcomes.append(gateway.describe_org())
        except SalesforceError as error:
            outcomes.append(error)

    workers = [threading.Thread(target=ask) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return outcomes


def test_another_secret_is_another_log_in(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    scripted.will(ORG, ORG)
    connect(credentials, timeouts=QUICK).describe_org()
    rotated = dataclasses.replace(credentials, client_secret="rotated")
    connect(rotated, timeouts=QUICK).describe_org()
    assert scripted.logins_seen() == 2


def test_the_private_key_way_in_signs_for_the_right_audience(scripted: ScriptedServer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    scripted.will(ORG)
    credentials = Credentials(
        scripted.base_url, "console", username="ann@acme.com", private_key=pem
    )
    connect(credentials, timeouts=QUICK).describe_org()
    form = parse_qs(scripted.seen[0].body)
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    claims = jwt.decode(
        form["assertion"][0],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.salesforce.com",
    )
    assert (claims["iss"], claims["sub"]) == ("console", "ann@acme.com")


def test_a_key_that_is_none_is_a_matter_for_a_person(scripted: ScriptedServer) -> None:
    credentials = Credentials(scripted.base_url, "console", username="ann", private_key=SECRET)
    with pytest.raises(Misconfigured) as failed:
        connect(credentials, timeouts=QUICK).describe_org()
    assert failed.value.code == "INVALID_PRIVATE_KEY"
    assert SECRET not in everything_shown(failed.value)


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


@pytest.mark.parametrize(
    "bad",
    ["", "006", "../Account/001", "http://evil.com", "001000000000001AAA", "006000000000001AAB"],
)
def test_an_id_that_is_none_reaches_no_url(
    scripted: ScriptedServer, gateway: Gateway, bad: str
) -> None:
    with pytest.raises(InvalidSalesforceId):
        gateway.read_opportunities([ONE, bad])
    with pytest.raises(InvalidSalesforceId):
        gateway.update_opportunities({bad: {}})
    assert scripted.seen == []


def test_the_same_record_under_two_names_is_refused(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="twice"):
        gateway.update_opportunities({ONE: {}, ONE[:15]: {}})


def test_nothing_asked_is_no_call(scripted: ScriptedServer, gateway: Gateway) -> None:
    assert gateway.read_opportunities([]) == {}
    assert gateway.find_quote_records([]) == {}
    assert gateway.update_opportunities({}) == {}
    assert scripted.seen == []


def test_an_org_with_one_currency_is_asked_for_it_once_per_process(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    words = "No such column 'CurrencyIsoCode' on entity 'Opportunity'"
    refusal = Answer(400, [{"errorCode": "INVALID_FIELD", "message": words}])
    scripted.will(refusal, page(1), page(1))
    for _ in range(2):
        found = connect(credentials, timeouts=QUICK).read_opportunities([ONE])
        assert found[ONE].currency is None
    assert len(scripted.api_requests()) == 3


def test_another_unknown_field_is_a_matter_for_a_person(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    words = "No such column 'monetize__Id__c' on entity 'Opportunity'"
    scripted.will(Answer(400, [{"errorCode": "INVALID_FIELD", "message": words}]))
    with pytest.raises(Misconfigured, match="monetize__Id__c"):
        gateway.read_opportunities([ONE])


def test_a_quote_of_another_case_is_another_quote(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    rows = [
        {"Id": to_18("a0A000000000001"), "monetize__Id__c": "Quote_1"},
        {"Id": to_18("a0A000000000002"), "monetize__Id__c": "quote_1"},
    ]
    scripted.will(Answer(body={"done": True, "records": rows}))
    assert gateway.find_quote_records(["quote_1"]) == {"quote_1": to_18("a0A000000000002")}


def test_what_an_earlier_call_did_is_not_lost_when_a_later_one_fails(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    changes = {opportunity_id(n): {"Name": f"Deal {n}"} for n in range(1, 2101)}
    responses = [
        {
            "httpStatusCode": 200,
            "referenceId": f"part{part}",
            "body": done(*range(200 * part + 1, 200 * part + 201)),
        }
        for part in range(5)
    ]
    scripted.will(Answer(body={"compositeResponse": responses}), Answer(503, text=""))
    results = list(gateway.update_opportunities(changes).values())
    assert [r.error for r in results[:1000]] == [None] * 1000
    assert {type(r.error) for r in results[1000:]} == {Unavailable}
    assert all(r.sent for r in results[:2000])
    assert not any(r.sent for r in results[2000:])
    assert gateway.calls == 2


def test_one_bad_part_of_a_composite_blames_nobody_else(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    changes = {opportunity_id(n): {"Name": "x"} for n in range(1, 602)}
    locked = [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}]
    parts = [
        {"httpStatusCode": 200, "referenceId": "part3", "body": done(601)},
        {"httpStatusCode": 200, "referenceId": "part2", "body": done(*range(401, 600))},
        {"httpStatusCode": 200, "referenceId": "part0", "body": done(*range(1, 201))},
        {"httpStatusCode": 400, "referenceId": "part1", "body": locked},
    ]
    scripted.will(Answer(body={"compositeResponse": parts}))
    results = list(gateway.update_opportunities(changes).values())
    kinds = [type(one.error) for one in results]
    good = type(None)
    assert kinds == [good] * 200 + [RecordBusy] * 200 + [Unknown] * 200 + [good]


def test_a_value_that_reads_like_a_reference_does_not_travel_in_a_composite(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    odd = opportunity_id(202)
    changes = {opportunity_id(n): {"Name": "x"} for n in range(1, 202)}
    changes[odd] = {"Name": "@{part0[0].id}"}
    parts = [done(*range(1, 201)), done(201)]
    responses = [
        {"httpStatusCode": 200, "referenceId": f"part{n}", "body": body}
        for n, body in enumerate(parts)
    ]
    scripted.will(Answer(body={"compositeResponse": responses}), Answer(body=done(202)))
    results = gateway.update_opportunities(changes)
    assert [one.error for one in results.values()] == [None] * 202
    first, second = scripted.api_requests()
    assert "@{" not in first.body
    assert second.path == "/services/data/v62.0/composite/sobjects"


def test_secrets_that_an_answer_repeats_are_in_no_error(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    echo = "Bearer 00D000000000001!token1"
    body = [{"errorCode": "INVALID_FIELD", "message": f"{echo} client_secret={SECRET}"}]
    scripted.will(Answer(400, body), Answer(400, text=f"{echo} client_secret={SECRET}"))
    for _ in range(2):
        with pytest.raises(SalesforceError) as failed:
            gateway.read_opportunities([ONE])
        shown = everything_shown(failed.value)
        assert "token1" not in shown
        assert SECRET not in shown


def test_secrets_are_in_no_error_of_the_wire(scripted: ScriptedServer, gateway: Gateway) -> None:
    scripted.logins.extend([Reset(), REFUSED])
    for _ in range(2):
        with pytest.raises(SalesforceError) as failed:
            gateway.describe_org()
        assert SECRET not in everything_shown(failed.value)
    scripted.will(Reset())
    with pytest.raises(SalesforceError) as failed:
        gateway.describe_org()
    assert "token1" not in everything_shown(failed.value)


def everything_shown(error: SalesforceError) -> str:
    """What a log would hold of it: its traceback, with whatever it was raised from."""
    assert error.__cause__ is None
    assert error.__context__ is None
    return "".join(traceback.format_exception(error)) + repr(vars(error))
