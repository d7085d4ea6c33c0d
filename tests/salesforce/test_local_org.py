"""The gateway against the local org: what is read and what is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.salesforce.gateway import Gateway
from console.salesforce.looks import LinkFields
from syncrules.salesforce_id import to_18
from tests.org import Org
from tests.salesforce.answers import opportunity_id
from tests.salesforce.orgs import LINK, PRIMARY, applied, load_opportunities

ACCOUNT = to_18("001000000000001")
QUOTE = to_18("a0B000000000001")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_the_org_says_who_it_is(org: Org, org_gateway: Gateway) -> None:
    found = org_gateway.describe_org()
    assert found.organization_id.startswith("00D")
    assert found.instance_url == org.url
    assert found.usage is not None
    assert found.usage == org_gateway.usage
    assert 0 < found.usage.used < found.usage.maximum


def test_an_opportunity_is_read_with_its_primary_quote(org: Org, org_gateway: Gateway) -> None:
    org.load(Account=[{"Id": ACCOUNT, "Name": "Acme"}])
    org.add_quote(QUOTE, "quote_1")
    org.add_opportunity(
        opportunity_id(1), AccountId=ACCOUNT, CurrencyIsoCode="EUR", **{PRIMARY: QUOTE, LINK: "o_1"}
    )
    found = org_gateway.read_opportunities([opportunity_id(1)[:15], opportunity_id(2)])
    assert list(found) == [opportunity_id(1)]
    one = found[opportunity_id(1)]
    assert (one.name, one.account_salesforce_id, one.mn_id) == ("Northwind", ACCOUNT, "o_1")
    assert (one.primary_quote_salesforce_id, one.primary_quote_mn_id) == (QUOTE, "quote_1")
    assert (one.stage_name, one.currency) == ("Prospecting", "EUR")
    assert one.modified_at is not None
    assert one.modified_at.tzinfo is UTC


def test_a_thousand_are_read_in_one_call(org: Org, org_gateway: Gateway) -> None:
    ids = load_opportunities(org, 2100)
    assert org_gateway.read_opportunities(ids[:1000]).keys() == set(ids[:1000])
    assert org_gateway.calls == 1
    assert org_gateway.read_opportunities(ids).keys() == set(ids)
    assert org_gateway.calls == 2


def test_opportunities_and_quotes_are_looked_at_in_one_call(org: Org, org_gateway: Gateway) -> None:
    ids = load_opportunities(org, 1000)
    quotes = {f"quote_{number}": to_18(f"a0B{number:012d}") for number in range(1, 1001)}
    org.load(monetize__Quote__c=[{"Id": one, "Name": mn, LINK: mn} for mn, one in quotes.items()])

    look = org_gateway.look(ids, quote_mn_ids=quotes)

    assert look.opportunities.keys() == set(ids)
    assert look.quote_records == quotes
    assert org_gateway.calls == 1


def test_what_was_written_before_is_read_back_in_the_call_that_looks_at_others(
    org: Org, org_gateway: Gateway
) -> None:
    written, others = (ids := load_opportunities(org, 2000))[:1000], ids[1000:]
    org.add_quote(QUOTE, "quote_1")
    org_gateway.update_opportunities({written[0]: {LINK: "opp_1", PRIMARY: QUOTE}})
    org.delete_opportunity(written[1])
    before = org_gateway.calls

    look = org_gateway.look(others, quote_mn_ids=["quote_1"], written=written)

    assert org_gateway.calls - before == 1
    assert look.kept[written[0]] == LinkFields("opp_1", QUOTE)
    assert look.kept[written[2]] == LinkFields(None, None)
    assert look.kept.keys() == {*written} - {written[1]}
    assert look.opportunities.keys() == {*others}
    assert look.quote_records == {"quote_1": QUOTE}


@pytest.mark.parametrize(("count", "is_read_back"), [(1, True), (800, True), (801, False)])
def test_up_to_eight_hundred_are_written_and_read_back_in_one_call(
    org: Org, org_gateway: Gateway, count: int, *, is_read_back: bool
) -> None:
    ids = load_opportunities(org, count)

    results, found = org_gateway.update_and_read_opportunities(
        {one: {LINK: f"opp_{one}"} for one in ids}
    )

    assert [result.error for result in results.values()] == [None] * count
    assert org_gateway.calls == 1
    assert (found is not None) is is_read_back
    if found is not None:
        assert {one: found[one].mn_id for one in ids} == {one: f"opp_{one}" for one in ids}


def test_a_thousand_are_written_in_one_call(org: Org, org_gateway: Gateway) -> None:
    ids = load_opportunities(org, 1200)
    results = org_gateway.update_opportunities({one: {LINK: f"opp_{one}"} for one in ids})
    assert org_gateway.calls == 2
    assert list(results) == ids
    assert [result.error for result in results.values()] == [None] * 1200
    assert applied(org) == ids
    found = org_gateway.read_opportunities(ids)
    assert all(found[one].mn_id == f"opp_{one}" for one in ids)


def test_a_field_is_cleared_with_none(org: Org, org_gateway: Gateway) -> None:
    org.add_opportunity(opportunity_id(1), **{LINK: "opp_1"})
    result = org_gateway.update_opportunities({opportunity_id(1): {LINK: None}})
    assert result[opportunity_id(1)].error is None
    assert org_gateway.read_opportunities([opportunity_id(1)])[opportunity_id(1)].mn_id is None


def test_what_changed_is_read_in_order_over_all_pages(org: Org, org_gateway: Gateway) -> None:
    ids = load_opportunities(org, 2500)
    found = org_gateway.opportunities_modified_since(LONG_AGO, limit=2400)
    assert len(found) == 2400
    order = [(one.modified_at, one.salesforce_id) for one in found]
    assert order == sorted(order, key=lambda pair: (pair[0] or LONG_AGO, pair[1]))
    assert {one.salesforce_id for one in found} <= set(ids)
    future = datetime(2100, 1, 1, tzinfo=UTC)
    assert org_gateway.opportunities_modified_since(future, limit=10) == []


def test_what_changed_at_the_watermark_is_found_again(org: Org, org_gateway: Gateway) -> None:
    org.add_opportunity(opportunity_id(1))
    [one] = org_gateway.opportunities_modified_since(LONG_AGO, limit=10)
    assert one.modified_at is not None
    assert org_gateway.opportunities_modified_since(one.modified_at, limit=10) == [one]


def test_quote_records_are_found_by_their_mn_id(org: Org, org_gateway: Gateway) -> None:
    quotes = {to_18(f"a0B{number:012d}"): f"quote_{number}" for number in range(1, 1002)}
    org.load(monetize__Quote__c=[{"Id": one, "Name": mn, LINK: mn} for one, mn in quotes.items()])
    found = org_gateway.find_quote_records([*quotes.values(), "quote_0", "nobody's"])
    assert found == {mn: one for one, mn in quotes.items()}
    assert org_gateway.calls == 1


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(
        alphabet=st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("'\"\\%_;-@{}"),
        min_size=1,
        max_size=40,
    )
)
def test_any_mn_id_is_asked_for_as_it_is(org: Org, org_gateway: Gateway, text: str) -> None:
    org.reset()
    org.load(
        monetize__Quote__c=[
            {"Id": QUOTE, "Name": "asked for", LINK: text},
            {"Id": to_18("a0B000000000002"), "Name": "another", LINK: "zz_another_zz"},
        ]
    )
    assert org_gateway.find_quote_records([text]) == {text: QUOTE}
