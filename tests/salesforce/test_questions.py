"""What is asked and written, and what is never put into a call."""

from __future__ import annotations

import pytest

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import (
    Gateway,
    Misconfigured,
    RecordBusy,
    Unavailable,
    Unknown,
)
from syncrules.salesforce_id import InvalidSalesforceId, to_18
from tests.salesforce.answers import ONE, done, opportunity_id, page
from tests.salesforce.conftest import QUICK
from tests.salesforce.scripted import Answer, ScriptedServer


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
    words = "SELECT CurrencyIsoCode FROM: No such column 'monetize__Id__c' on entity 'Opportunity'"
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
