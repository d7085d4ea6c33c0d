"""Accounts, a silent Salesforce, ids of nothing, and the structure of an explanation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console import claims, outbox
from console.explain import Explanation, NothingFound, explain
from console.flows import link_via_primary_quote, push_outbound
from console.models import SalesforceConnection
from syncrules.facts import MN_ID_FIELD
from syncrules.json_form import from_json, to_json
from syncrules.reasons import Outcome, Reason
from tests.builders import make_account, make_pairing
from tests.explain.asking import CONSOLE, VERA, actions, foreseen, sides, told
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_a_matched_account_is_ready_for_a_quote(connected: SalesforceConnection) -> None:
    account = make_account()
    assert account.salesforce_id

    for asked in (account.mn_id, account.salesforce_id):
        answer = told(asked)
        assert foreseen(answer)[:2] == ("create_from_quote_initiation", Outcome.DONE)
        assert sides(answer)[0].title == account.name


@pytest.mark.parametrize("side", ["MonetizeNow", "Salesforce"])
def test_an_account_that_is_not_matched_is_what_stands_in_the_way(
    connected: SalesforceConnection, side: str
) -> None:
    asked = sf_id("001") if side == "Salesforce" else make_account(salesforce_id=None).mn_id

    answer = told(asked)

    assert answer.decision.reason is Reason.ACCOUNT_NOT_LINKED
    assert [step.key for step in answer.decision.steps] == ["connection", "account_is_matched"]


@pytest.mark.parametrize(
    ("is_linked", "expected"),
    [(False, Reason.NO_SALESFORCE_CONNECTION), (True, Reason.WILL_BE_RETRIED)],
)
def test_what_can_be_known_without_salesforce_is_still_told(
    pair: Pair, org: Org, *, is_linked: bool, expected: Reason
) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    if not is_linked:
        pair.opportunity.associations.all().delete()
    org.break_with(action="status", status=503, times=None)

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is expected
    assert "could not be read just now" in answer.remarks[0]
    assert sides(answer)[1].title == "Northwind"
    assert "as log entry" in sides(answer)[1].source


def test_without_a_live_connection_checking_it_is_offered(pair: Pair) -> None:
    SalesforceConnection.objects.update(state="broken", detail="INVALID_LOGIN")

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is Reason.NO_SALESFORCE_CONNECTION
    assert "INVALID_LOGIN" in str(answer.decision.steps[0])
    assert "check-connection" in actions(answer)


def test_without_any_connection_there_is_nothing_to_check(db: None) -> None:
    answer = told(sf_id())

    assert answer.decision.reason is Reason.NO_SALESFORCE_CONNECTION
    assert "check-connection" not in actions(answer)


def test_a_record_that_neither_side_knows_is_unknown(connected: SalesforceConnection) -> None:
    answer = explain(sf_id(), actor=CONSOLE)

    assert isinstance(answer, NothingFound)
    assert any("Salesforce, asked just now" in place for place in answer.looked_in)


def test_a_record_that_is_known_here_and_gone_there_is_explained(
    connected: SalesforceConnection,
) -> None:
    record = make_pairing(ended_at=connected.updated_at, ended_because="old").salesforce_id

    assert told(record).decision.reason is Reason.SALESFORCE_RECORD_GONE


def test_an_explanation_survives_json(pair: Pair) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    answer = told(pair.salesforce_id[:15])

    assert from_json(Explanation, json.loads(json.dumps(to_json(answer)))) == answer


def test_pushing_what_is_foreseen_does_what_was_foreseen(pair: Pair, org: Org) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    answer = told(pair.salesforce_id)

    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="page", actor=VERA)
    push_outbound.run(claims.claim())

    fields: dict[str, Any] = org.opportunity(pair.salesforce_id)
    assert answer.decision.reason is Reason.PUSHED
    assert fields[MN_ID_FIELD] == pair.opportunity.mn_id
    assert told(pair.salesforce_id).lately[0].title == answer.words.title
