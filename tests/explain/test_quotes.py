"""A quote: primary or not, finalized, stray; and what is kept from who may not read it."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group

from console.models import Quote, SalesforceConnection
from syncrules.json_form import to_json
from syncrules.reasons import Outcome, Owner, Reason
from tests.builders import make_log_entry, make_opportunity, make_pairing, make_quote
from tests.explain.asking import VERA, actions, foreseen, sides, told
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_a_quote_that_is_not_primary_may_become_it(connected: SalesforceConnection) -> None:
    quote = make_quote()

    answer = told(quote.mn_id)

    assert foreseen(answer) == ("update_primary_quote", Outcome.DONE, Reason.PRIMARY_QUOTE_SET)
    assert actions(answer)["set-primary"].why_not == ""
    assert sides(answer)[0].facts["amount"] == "12,000.00 USD"


def test_a_primary_quote_goes_out_with_its_opportunity(pair: Pair) -> None:
    assert told(pair.quote.mn_id).decision.flow == "push_outbound"


def test_a_finalized_deal_says_that_nobody_can_change_it(connected: SalesforceConnection) -> None:
    answer = told(make_quote(opportunity=make_opportunity(status="WON")).mn_id)

    assert answer.decision.reason is Reason.ENTITY_FINALIZED
    assert answer.words.owner is Owner.NOBODY
    assert "finalized" in actions(answer)["set-primary"].why_not


def test_a_quote_without_opportunity_leads_to_nothing(connected: SalesforceConnection) -> None:
    quote = make_quote()
    Quote.objects.update(opportunity=None)

    answer = told(quote.mn_id)

    assert foreseen(answer)[::2] == ("link_via_primary_quote", Reason.QUOTE_WITHOUT_OPPORTUNITY)
    assert answer.actions == ()


def test_a_quote_that_may_not_be_read_tells_nothing_but_that(pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    quote = make_quote(opportunity=pair.opportunity, description="Secret plan", status="EXPIRED")
    quote.readers.add(Group.objects.create(name="deal desk"))
    make_log_entry(opportunity=pair.opportunity, quote_mn_id=quote.mn_id)

    answer = told(quote.mn_id, actor=VERA)

    assert answer.decision.reason is Reason.QUOTE_INACCESSIBLE
    assert (answer.actions, answer.waits, answer.lately) == ((), (), ())
    everything = json.dumps(to_json(answer))
    for secret in (
        pair.opportunity.mn_id,
        pair.opportunity.name,
        pair.salesforce_id,
        pair.quote.mn_id,
        quote.account.name,
        quote.account.mn_id,
        "Secret plan",
        "EXPIRED",
        "12,000",
        "deal desk",
    ):
        assert secret not in everything
    assert told(quote.mn_id).decision.reason is Reason.INVALID_QUOTE_COMBINATION


def test_the_opportunity_behind_a_hidden_primary_quote_is_not_told(pair: Pair) -> None:
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    answer = told(pair.salesforce_id, actor=VERA)

    assert answer.decision.reason is Reason.QUOTE_INACCESSIBLE
    assert pair.opportunity.mn_id not in json.dumps(to_json(answer))


@pytest.mark.parametrize("of", ["opportunity", "another quote"])
def test_the_status_of_a_hidden_primary_quote_is_not_told(pair: Pair, of: str) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    pair.quote.readers.add(Group.objects.create(name="deal desk"))
    Quote.objects.filter(pk=pair.quote.pk).update(status="ACCEPTED_ADMIN_EDITABLE")
    asked = {
        "opportunity": pair.opportunity.mn_id,
        "another quote": make_quote(opportunity=pair.opportunity).mn_id,
    }[of]

    assert "ACCEPTED_ADMIN_EDITABLE" not in json.dumps(to_json(told(asked, actor=VERA)))
    assert "ACCEPTED_ADMIN_EDITABLE" in json.dumps(to_json(told(asked)))
