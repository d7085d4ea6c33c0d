"""When a Salesforce account is matched to an MN account, by table: one row per reason."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import map_account
from syncrules.account_facts import KnownAccount, MapAccountFacts, RemoteAccount
from syncrules.decisions import Effect
from syncrules.json_form import from_json, to_json
from syncrules.reasons import Outcome, Reason
from tests.facts import DOWN, LIVE, sf_id

RECORD = sf_id("001")
OTHER = sf_id("001")
NORTHWIND = KnownAccount("acct_1", "Northwind")


def facts(**changes: Any) -> MapAccountFacts:
    """A Salesforce account and an MN account that are free for each other."""
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "salesforce_id": RECORD,
        "chosen": "acct_1",
        "remote": RemoteAccount(RECORD, "Northwind Traders"),
        "account": NORTHWIND,
    }
    return MapAccountFacts(**(defaults | changes))


def new(**changes: Any) -> MapAccountFacts:
    return facts(chosen=None, account=None, **changes)


MATCHED = KnownAccount("acct_1", "Northwind", salesforce_id=RECORD)
TABLE = [
    pytest.param(facts(), Reason.ACCOUNT_LINKED, None, id="both are free"),
    pytest.param(new(), Reason.ACCOUNT_CREATED, None, id="a new one is made"),
    pytest.param(
        facts(account=MATCHED, owner=MATCHED),
        Reason.ACCOUNT_ALREADY_LINKED,
        None,
        id="they are matched already",
    ),
    pytest.param(
        facts(connection=DOWN, remote=None),
        Reason.NO_SALESFORCE_CONNECTION,
        "connection",
        id="no connection",
    ),
    pytest.param(
        facts(remote=None), Reason.SALESFORCE_ACCOUNT_GONE, "record_exists", id="no such record"
    ),
    pytest.param(
        facts(account=None), Reason.ACCOUNT_UNKNOWN, "account_is_known", id="no such MN account"
    ),
    pytest.param(
        facts(owner=KnownAccount("acct_2", "Contoso", salesforce_id=RECORD)),
        Reason.CONFLICTING_ASSOCIATION,
        "record_is_free",
        id="another MN account carries the record's id",
    ),
    pytest.param(
        new(owner=KnownAccount("acct_2", "Contoso", salesforce_id=RECORD)),
        Reason.CONFLICTING_ASSOCIATION,
        "record_is_free",
        id="a second MN account is not made for the record",
    ),
    pytest.param(
        facts(account=KnownAccount("acct_1", "Northwind", salesforce_id=OTHER)),
        Reason.CONFLICTING_ASSOCIATION,
        "account_is_free",
        id="the MN account is tied to another record",
    ),
    pytest.param(
        facts(remote=RemoteAccount(RECORD, "Northwind", mn_id="acct_2")),
        Reason.CONFLICTING_ASSOCIATION,
        "carries_no_other_mn_id",
        id="the record names another MN account",
    ),
    pytest.param(
        new(remote=RemoteAccount(RECORD, "Northwind", mn_id="acct_2")),
        Reason.CONFLICTING_ASSOCIATION,
        "carries_no_other_mn_id",
        id="the record names an MN account, so none is made",
    ),
    pytest.param(
        facts(remote=RemoteAccount(RECORD, "Northwind", mn_id="acct_1")),
        Reason.ACCOUNT_LINKED,
        None,
        id="the record names the chosen one",
    ),
]


@pytest.mark.parametrize(("given", "reason", "stops_at"), TABLE)
def test_the_decision(given: MapAccountFacts, reason: Reason, stops_at: str | None) -> None:
    decision = map_account.decide(given)

    assert decision.reason is reason
    assert (decision.blocking_step.key if decision.blocking_step else None) == stops_at


@pytest.mark.parametrize(("given", "reason", "stops_at"), TABLE)
def test_only_what_is_done_has_an_effect(
    given: MapAccountFacts, reason: Reason, stops_at: str | None
) -> None:
    effects = {
        Reason.ACCOUNT_LINKED: (Effect.LINK_ACCOUNT,),
        Reason.ACCOUNT_CREATED: (Effect.CREATE_ACCOUNT,),
    }
    decision = map_account.decide(given)

    assert decision.effects == effects.get(reason, ())
    assert (decision.outcome is Outcome.DONE) is bool(decision.effects)


@pytest.mark.parametrize(("given", "reason", "stops_at"), TABLE)
def test_facts_can_be_kept_and_read_again(
    given: MapAccountFacts, reason: Reason, stops_at: str | None
) -> None:
    assert from_json(MapAccountFacts, to_json(given)) == given
