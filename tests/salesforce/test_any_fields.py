"""Fields that an administrator names: read as they are, and never able to spoil the reading."""

from __future__ import annotations

import pytest

from console.salesforce import any_fields
from console.salesforce.gateway import FieldInfo, Gateway, Misconfigured, Unavailable, Unknown
from syncrules.salesforce_id import InvalidSalesforceId
from tests.org import Org
from tests.salesforce.answers import ONE, opportunity_id
from tests.salesforce.orgs import load_opportunities
from tests.salesforce.scripted import Answer, ScriptedServer
from tests.salesforce.test_soql import STATEMENT_LIMIT

NAMES_THAT_ARE_NONE = [
    "",
    "Segment__c FROM Account",
    "Account.Name",
    "Name,Id",
    "../Account",
    "1st__c",
    "Größe__c",
    "Name\n",
    "X" * 81,
]
NO_COLUMN = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Gone__c' on entity"}]


def test_values_are_read_under_the_names_they_were_asked_by(org: Org, org_gateway: Gateway) -> None:
    org.add_opportunity(ONE, NextStep="call", CloseDate="2026-04-01", Amount=12.5)

    found = org_gateway.read_opportunity_fields(
        [ONE[:15], opportunity_id(2)], ["nextstep", "CloseDate", "Amount", "IsWon", "Type", "Id"]
    )

    assert found == {
        ONE: {
            "nextstep": "call",
            "CloseDate": "2026-04-01",
            "Amount": 12.5,
            "IsWon": False,
            "Type": None,
            "Id": ONE,
        }
    }


def test_one_field_asked_for_by_two_names_is_selected_once(org: Org, org_gateway: Gateway) -> None:
    """Salesforce refuses a statement that selects a field twice."""
    org.add_opportunity(ONE, NextStep="call")

    found = org_gateway.read_opportunity_fields([ONE], ["NextStep", "NEXTSTEP"])

    assert found == {ONE: {"NextStep": "call", "NEXTSTEP": "call"}}
    [statement] = any_fields.statements([ONE], ["NextStep", "NEXTSTEP", "ID"])
    assert statement.startswith("SELECT Id, NEXTSTEP FROM Opportunity")


def test_a_field_that_vanished_is_missing_and_spoils_nothing(
    org: Org, org_gateway: Gateway
) -> None:
    org.add_opportunity(ONE, NextStep="call")

    found = org_gateway.read_opportunity_fields([ONE], ["Segment__c", "NextStep"])

    assert found == {ONE: {"NextStep": "call"}}


def test_when_all_of_them_vanished_the_record_still_stands(org: Org, org_gateway: Gateway) -> None:
    org.add_opportunity(ONE)

    assert org_gateway.read_opportunity_fields([ONE], ["Segment__c"]) == {ONE: {}}


def test_a_refusal_that_the_description_does_not_explain_is_told(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    field = {"name": "Gone__c", "label": "Gone", "type": "string", "length": 9, "custom": True}
    scripted.will(Answer(400, NO_COLUMN), Answer(body={"fields": [field]}))

    with pytest.raises(Misconfigured, match="No such column"):
        gateway.read_opportunity_fields([ONE], ["Gone__c"])


def test_a_refusal_of_another_kind_is_not_looked_into(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    scripted.will(Answer(403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "off"}]))

    with pytest.raises(Misconfigured, match="off"):
        gateway.read_opportunity_fields([ONE], ["NextStep"])

    assert len(scripted.api_requests()) == 1


def test_trouble_is_trouble(org: Org, org_gateway: Gateway) -> None:
    org.break_with(path="query", action="status", status=503)

    with pytest.raises(Unavailable):
        org_gateway.read_opportunity_fields([ONE], ["NextStep"])


@pytest.mark.parametrize("bad", NAMES_THAT_ARE_NONE)
def test_a_name_that_is_none_reaches_no_call(
    scripted: ScriptedServer, gateway: Gateway, bad: str
) -> None:
    with pytest.raises(ValueError, match="no API name"):
        gateway.read_opportunity_fields([ONE], ["NextStep", bad])
    with pytest.raises(ValueError, match="no API name"):
        gateway.describe_fields(bad)
    with pytest.raises(InvalidSalesforceId):
        gateway.read_opportunity_fields(["../006"], ["NextStep"])
    assert scripted.seen == []


def test_nothing_asked_is_no_call(scripted: ScriptedServer, gateway: Gateway) -> None:
    assert gateway.read_opportunity_fields([], ["NextStep"]) == {}
    assert gateway.read_opportunity_fields([ONE], []) == {}
    assert scripted.seen == []


def test_many_records_and_fields_travel_in_statements_that_are_short_enough(
    org: Org, org_gateway: Gateway
) -> None:
    ids = load_opportunities(org, 300)
    names = [f"Field_{number:02}{'x' * 68}__c" for number in range(60)]

    asked = any_fields.statements(ids, names)
    found = org_gateway.read_opportunity_fields(ids, ["Name", "StageName", *names])

    assert max(len(one) for one in asked) < STATEMENT_LIMIT
    assert found == {one: {"Name": one, "StageName": "Prospecting"} for one in ids}


def test_an_object_is_described(org: Org, org_gateway: Gateway) -> None:
    found = org_gateway.describe_fields("Opportunity")

    assert found["CloseDate"].type == "date"
    assert found["NextStep"] == FieldInfo("NextStep", "Next Step", "string", 255, is_custom=False)
    assert found["monetize__Id__c"].is_custom
    assert org_gateway.calls == 1


def test_an_object_that_the_org_does_not_have(org: Org, org_gateway: Gateway) -> None:
    with pytest.raises(Misconfigured):
        org_gateway.describe_fields("monetize__Nothing__c")


@pytest.mark.parametrize(
    "fields",
    [None, {}, [7], [{"name": "A"}], [{"name": "A", "type": "string", "length": "9"}]],
)
def test_a_description_of_another_shape_is_not_believed(
    scripted: ScriptedServer, gateway: Gateway, fields: object
) -> None:
    scripted.will(Answer(body={"fields": fields}))

    with pytest.raises(Unknown):
        gateway.describe_fields("Opportunity")
