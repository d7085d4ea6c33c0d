"""Which MN account a Salesforce account is likely to be: what counts as a clue, and how much."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules.account_facts import KnownAccount, RemoteAccount
from syncrules.account_match import MOST, Candidate, Suggestion, rank, same_host, similarity
from tests.facts import sf_id


def remote(**changes: Any) -> RemoteAccount:
    defaults: dict[str, Any] = {"salesforce_id": sf_id("001"), "name": "Northwind Traders"}
    return RemoteAccount(**(defaults | changes))


def candidate(name: str = "Some other name", *, shared: int = 0, **changes: Any) -> Candidate:
    account = KnownAccount(**({"mn_id": "acct_1", "name": name} | changes))
    return Candidate(account, shared_opportunities=shared)


def words(suggestion: Suggestion) -> list[str]:
    return [clue.words for clue in suggestion.clues]


CLUES = [
    pytest.param(
        remote(mn_id="acct_1"),
        candidate(),
        "The Salesforce account names it in monetize__Id__c",
        id="named by the record",
    ),
    pytest.param(
        remote(),
        candidate(shared=1),
        "1 of its opportunities is paired with the record's",
        id="one deal in common",
    ),
    pytest.param(
        remote(),
        candidate(shared=3),
        "3 of its opportunities are paired with the record's",
        id="several deals in common",
    ),
    pytest.param(
        remote(website="https://www.northwind.example/about"),
        candidate(website="northwind.example"),
        "Both have the website northwind.example",
        id="one website",
    ),
    pytest.param(
        remote(), candidate("NORTHWIND TRADERS, Inc."), "The names are the same", id="one name"
    ),
    pytest.param(
        remote(), candidate("Northwind Trading"), "The names are 78% alike", id="names alike"
    ),
]


@pytest.mark.parametrize(("record", "offered", "clue"), CLUES)
def test_a_clue_is_said_in_words(record: RemoteAccount, offered: Candidate, clue: str) -> None:
    (suggestion,) = rank(record, [offered])

    assert words(suggestion) == [clue]


def test_who_has_nothing_in_common_is_not_suggested() -> None:
    assert rank(remote(currency="USD"), [candidate("Contoso", currency="USD")]) == []


def test_the_currency_only_adds_to_another_clue() -> None:
    (same,) = rank(remote(currency="EUR"), [candidate("Northwind Traders", currency="EUR")])
    (other,) = rank(remote(currency="EUR"), [candidate("Northwind Traders", currency="USD")])

    assert words(same)[1] == "Both are in EUR"
    assert words(other)[1] == "The currencies differ: EUR in Salesforce, USD here"
    assert same.points > other.points


def test_the_record_itself_outweighs_deals_and_deals_outweigh_the_name() -> None:
    record = remote(mn_id="acct_named", website="northwind.example")
    ranked = rank(
        record,
        [
            candidate("Northwind Traders", mn_id="acct_name"),
            candidate(mn_id="acct_deals", shared=5),
            candidate(mn_id="acct_named"),
            candidate("Northwind Traders", mn_id="acct_both", website="northwind.example"),
        ],
    )

    order = [each.account.mn_id for each in ranked]
    assert order == ["acct_named", "acct_both", "acct_deals", "acct_name"]
    assert [each.is_likely for each in ranked] == [True, True, True, False]


def test_equal_ones_stand_in_the_order_of_their_names() -> None:
    ranked = rank(
        remote(name="Northwind"),
        [candidate("Northwind Ltd", mn_id="b"), candidate("Northwind Inc", mn_id="a")],
    )

    assert [each.account.name for each in ranked] == ["Northwind Inc", "Northwind Ltd"]


def test_only_a_few_are_suggested() -> None:
    many = [candidate("Northwind Traders", mn_id=f"acct_{index}") for index in range(20)]

    assert len(rank(remote(), many)) == MOST


NAMES = [
    pytest.param("Northwind Traders", "Northwind Traders", True, id="the same"),
    pytest.param("Northwind Traders", "northwind  traders", True, id="case and blanks"),
    pytest.param("Northwind, Inc.", "Northwind", True, id="a legal form"),
    pytest.param("Müller GmbH", "Muller", True, id="an accent"),
    pytest.param("I.B.M.", "IBM Corporation", True, id="dots"),
    pytest.param("The Company", "Company Inc", False, id="nothing but legal forms"),
    pytest.param("Northwind", "Southwind", False, id="another name"),
    pytest.param("", "Northwind", False, id="no name"),
    pytest.param("!!!", "???", False, id="no word"),
    pytest.param("日本商事", "日本商事", True, id="another script"),
]


@pytest.mark.parametrize(("one", "other", "is_same"), NAMES)
def test_when_two_names_are_one(one: str, other: str, *, is_same: bool) -> None:
    assert (similarity(one, other) == 1) is is_same
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1


HOSTS = [
    pytest.param("https://northwind.example", "www.northwind.example/en", "northwind.example"),
    pytest.param("HTTP://Northwind.example:8080/x", "northwind.example", "northwind.example"),
    pytest.param("shop.northwind.example", "northwind.example", "northwind.example"),
    pytest.param("notnorthwind.example", "northwind.example", None),
    pytest.param("https://linkedin.com/a", "https://www.linkedin.com/b", None),
    pytest.param("", "", None),
    pytest.param("example", "example", None),
    pytest.param(
        "https://evil.example@northwind.example", "northwind.example", "northwind.example"
    ),
]


@pytest.mark.parametrize(("one", "other", "host"), HOSTS)
def test_when_two_websites_are_of_one_host(one: str, other: str, host: str | None) -> None:
    assert same_host(one, other) == host
