"""Both sides in bulk at the edge: how many calls it takes, and who changed a record last."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import Gateway, Misconfigured, Unknown
from syncrules.salesforce_id import InvalidSalesforceId, to_18
from tests.org import Org
from tests.salesforce.answers import ONE, opportunity_id, record
from tests.salesforce.conftest import QUICK
from tests.salesforce.scripted import Answer, ScriptedServer

PERSON = to_18("005000000000777")
MOMENT = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)


def add(org: Org, *numbers: int, **fields: object) -> None:
    required = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
    org.load(
        Opportunity=[
            {"Id": opportunity_id(number), "Name": f"Deal {number}", **required, **fields}
            for number in numbers
        ]
    )


def audited(number: int, **fields: object) -> dict[str, object]:
    """A record as the org answers the question."""
    return {**record(number), "LastModifiedDate": "2026-03-01T10:00:00.000+0000", **fields}


def test_a_record_comes_with_its_amount_and_who_changed_it_last(
    org: Org, org_gateway: Gateway
) -> None:
    org.load(User=[{"Id": PERSON, "Name": "Blake Rivers", "Username": "blake"}])
    last = {"LastModifiedById": PERSON, "LastModifiedDate": MOMENT.isoformat()}
    add(org, 1, Amount=1200.5, CurrencyIsoCode="EUR", monetize__Id__c="opp_1", **last)

    [state] = org_gateway.audit.read_states([ONE[:15]]).values()

    assert (state.opportunity.salesforce_id, state.opportunity.mn_id) == (ONE, "opp_1")
    assert (state.amount, state.opportunity.currency) == (Decimal("1200.5"), "EUR")
    assert (state.changed_by, state.changed_at) == ("Blake Rivers", MOMENT)


def test_records_that_are_gone_are_not_among_the_answers(org: Org, org_gateway: Gateway) -> None:
    add(org, 1, 2)
    org.delete_opportunity(opportunity_id(2))

    found = org_gateway.audit.read_states([opportunity_id(number) for number in (1, 2, 3)])

    assert [*found] == [ONE]


def test_a_thousand_records_are_one_call(org: Org, org_gateway: Gateway) -> None:
    numbers = range(1, 1001)
    add(org, *numbers)

    found = org_gateway.audit.read_states([opportunity_id(number) for number in numbers])

    assert len(found) == 1000
    assert org_gateway.calls == 1


def test_two_hundred_records_come_with_their_products_in_one_call(
    org: Org, org_gateway: Gateway
) -> None:
    numbers = range(1, 201)
    add(org, *numbers, Amount=7)
    entry, product, book = (
        to_18("01u000000000001"),
        to_18("01t000000000001"),
        to_18("01s000000000001"),
    )
    org.load(
        OpportunityLineItem=[
            {
                "OpportunityId": opportunity_id(number),
                "PricebookEntryId": entry,
                "Quantity": 2,
                "TotalPrice": 10,
            }
            for number in numbers
        ],
        Pricebook2=[{"Id": book, "Name": "Standard", "IsActive": True}],
        Product2=[{"Id": product, "Name": "Seat", "IsActive": True}],
        PricebookEntry=[{"Id": entry, "Pricebook2Id": book, "Product2Id": product, "UnitPrice": 5}],
    )

    found = org_gateway.audit.read_products([opportunity_id(number) for number in numbers])

    assert len(found) == 200
    assert {len(each.products.lines) for each in found.values()} == {1}
    assert {each.state.amount for each in found.values()} == {Decimal(10)}
    assert org_gateway.calls == 1


def test_nothing_asked_is_no_call(scripted: ScriptedServer, gateway: Gateway) -> None:
    assert gateway.audit.read_states([]) == {}
    assert gateway.audit.read_products([]) == {}
    with pytest.raises(InvalidSalesforceId):
        gateway.audit.opportunities_with_mn_id(after="006", limit=10)
    assert scripted.seen == []


def test_records_with_an_mn_id_are_listed_page_by_page(org: Org, org_gateway: Gateway) -> None:
    add(org, 1, 3, 5, monetize__Id__c="opp_of_all")
    add(org, 2, 4)

    first = org_gateway.audit.opportunities_with_mn_id(after=None, limit=2)
    second = org_gateway.audit.opportunities_with_mn_id(after=opportunity_id(3), limit=2)

    listed = [[each.opportunity.salesforce_id for each in page] for page in (first, second)]
    assert listed == [[opportunity_id(1), opportunity_id(3)], [opportunity_id(5)]]


def test_an_org_with_one_currency_is_asked_for_it_once(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    words = "No such column 'CurrencyIsoCode' on entity 'Opportunity'"
    refusal = Answer(400, [{"errorCode": "INVALID_FIELD", "message": words}])
    answer = Answer(body={"done": True, "records": [audited(1)]})
    scripted.will(refusal, answer, answer)

    for _ in range(2):
        [state] = connect(credentials, timeouts=QUICK).audit.read_states([ONE]).values()
        assert (state.opportunity.currency, state.changed_by) == (None, None)
    assert len(scripted.api_requests()) == 3


def test_a_hidden_amount_is_a_matter_for_a_person(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    words = "No such column 'Amount' on entity 'Opportunity'"
    scripted.will(Answer(400, [{"errorCode": "INVALID_FIELD", "message": words}]))

    with pytest.raises(Misconfigured, match="Amount"):
        gateway.audit.read_states([ONE])


@pytest.mark.parametrize(
    "odd", [{"Amount": "12"}, {"LastModifiedBy": "Blake"}, {"LastModifiedDate": "yesterday"}]
)
def test_an_odd_answer_is_refused_by_name(
    scripted: ScriptedServer, gateway: Gateway, odd: dict[str, object]
) -> None:
    scripted.will(Answer(body={"done": True, "records": [audited(1, **odd)]}))

    with pytest.raises(Unknown, match=next(iter(odd))):
        gateway.audit.read_states([ONE])
