"""The query language, asked of a small org over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localorg.soql.parse import parsed, unescaped
from localorg.soql.tree import Compared
from tests.localorg.process import Client

OPPORTUNITIES: list[dict[str, Any]] = [
    {
        "Name": "Alpha",
        "Amount": 100,
        "NextStep": "50% off",
        "StageName": "Closed Won",
        "CloseDate": "2026-01-31",
        "SystemModstamp": "2026-01-01T00:00:00.000+0000",
    },
    {
        "Name": "beta",
        "Amount": 200.5,
        "NextStep": "50 of them",
        "StageName": "Prospecting",
        "CloseDate": "2026-02-28",
        "SystemModstamp": "2026-01-02T00:00:00.000+0000",
    },
    {
        "Name": "It's \\ odd",
        "Amount": None,
        "NextStep": "a_b",
        "StageName": "Prospecting",
        "CloseDate": "2026-03-31",
        "SystemModstamp": "2026-01-03T00:00:00.000+0000",
    },
    {
        "Name": "Élan",
        "Amount": -5,
        "NextStep": None,
        "StageName": "Closed Lost",
        "CloseDate": "2026-04-30",
        "SystemModstamp": "2026-01-03T00:00:00.000+0000",
    },
]


@pytest.fixture
def filled(client: Client) -> Client:
    [account_id] = client.org.load(Account=[{"Name": "Acme", "Industry": "Energy"}])["Account"]
    owned = [{**each, "AccountId": account_id} for each in OPPORTUNITIES[:2]]
    client.org.load(Opportunity=[*owned, *OPPORTUNITIES[2:]])
    return client


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Name = 'Alpha'", ["Alpha"]),
        ("Name = 'aLPHA'", ["Alpha"]),
        ("name = 'BETA'", ["beta"]),
        ("Name = 'It\\'s \\\\ odd'", ["It's \\ odd"]),
        ("Amount = 200.50", ["beta"]),
        ("Amount > 100", ["beta"]),
        ("Amount >= 100", ["Alpha", "beta"]),
        ("Amount < 100", ["Élan"]),
        ("Amount <= -5", ["Élan"]),
        ("Amount = null", ["It's \\ odd"]),
        ("Amount != null", ["Alpha", "beta", "Élan"]),
        ("Amount <> 100", ["beta", "It's \\ odd", "Élan"]),
        ("NOT Amount < 100", ["Alpha", "beta", "It's \\ odd"]),
        ("Name IN ('alpha', 'Beta', 'nobody')", ["Alpha", "beta"]),
        ("Name NOT IN ('alpha', 'Beta')", ["It's \\ odd", "Élan"]),
        ("NextStep IN (null, 'a_b')", ["It's \\ odd", "Élan"]),
        ("NextStep NOT IN (null, 'a_b')", ["Alpha", "beta"]),
        ("NextStep NOT IN ('a_b')", ["Alpha", "beta", "Élan"]),
        ("NextStep = ''", ["Élan"]),
        ("Name LIKE 'AL%'", ["Alpha"]),
        ("Name LIKE '_eta'", ["beta"]),
        ("NextStep LIKE '50\\%%'", ["Alpha"]),
        ("NextStep LIKE 'a\\_b'", ["It's \\ odd"]),
        ("Name LIKE '%\\\\%'", ["It's \\ odd"]),
        ("(NOT Name LIKE '%a%') AND Amount = null", ["It's \\ odd"]),
        ("Name = 'Alpha' OR (Name = 'beta' AND Amount > 0)", ["Alpha", "beta"]),
        ("NOT (Name = 'Alpha' OR Name = 'beta')", ["It's \\ odd", "Élan"]),
        ("IsWon = TRUE", ["Alpha"]),
        ("IsClosed = false", ["beta", "It's \\ odd"]),
        ("CloseDate > 2026-02-28", ["It's \\ odd", "Élan"]),
        ("SystemModstamp >= 2026-01-02T00:00:00Z", ["beta", "It's \\ odd", "Élan"]),
        ("SystemModstamp > 2026-01-02T00:00:00.000+00:00", ["It's \\ odd", "Élan"]),
        ("SystemModstamp <= 2026-01-01T02:00:00+02:00", ["Alpha"]),
        ("Account.Name = 'acme'", ["Alpha", "beta"]),
        ("Account.Owner.Name = 'Integration User'", ["Alpha", "beta"]),
        ("Opportunity.Account.Industry != 'Energy'", ["It's \\ odd", "Élan"]),
        ("ExpectedRevenue = 100", ["Alpha"]),
    ],
)
def test_conditions(filled: Client, condition: str, names: list[str]) -> None:
    found = filled.query(f"SELECT Name FROM Opportunity WHERE {condition} ORDER BY CreatedDate, Id")

    assert [record["Name"] for record in found] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("Name", ["Alpha", "beta", "It's \\ odd", "Élan"]),
        ("Amount", ["It's \\ odd", "Élan", "Alpha", "beta"]),
        ("Amount NULLS LAST", ["Élan", "Alpha", "beta", "It's \\ odd"]),
        ("Amount DESC", ["It's \\ odd", "beta", "Alpha", "Élan"]),
        ("Amount desc nulls last", ["beta", "Alpha", "Élan", "It's \\ odd"]),
        ("SystemModstamp DESC, Name ASC", ["It's \\ odd", "Élan", "beta", "Alpha"]),
        ("Amount NULLS LAST LIMIT 2", ["Élan", "Alpha"]),
        ("Amount NULLS LAST LIMIT 2 OFFSET 1", ["Alpha", "beta"]),
        ("Account.Name DESC NULLS LAST, Name", ["Alpha", "beta", "It's \\ odd", "Élan"]),
    ],
)
def test_orders_and_windows(filled: Client, order: str, names: list[str]) -> None:
    found = filled.query(f"SELECT Name FROM Opportunity ORDER BY {order}")

    assert [record["Name"] for record in found] == names


def test_parents_are_nested_records_or_null(filled: Client) -> None:
    fields = "Id, Name, Account.Name, Account.Owner.Name, monetize__PrimaryQuote__r.Name"
    linked, free = filled.query(
        f"SELECT {fields} FROM Opportunity WHERE Name IN ('Alpha', 'Élan') ORDER BY Name"
    )

    assert linked["attributes"]["type"] == "Opportunity"
    assert linked["attributes"]["url"].endswith(linked["Id"])
    assert linked["Account"]["attributes"]["type"] == "Account"
    assert linked["Account"]["Name"] == "Acme"
    assert linked["Account"]["Owner"]["Name"] == "Integration User"
    assert linked["monetize__PrimaryQuote__r"] is None
    assert free["Account"] is None


def test_counts(filled: Client) -> None:
    whole = filled.sf.query("SELECT COUNT() FROM Opportunity WHERE Amount != null")
    named = filled.sf.query("SELECT COUNT(Amount) amounts FROM Opportunity")
    unnamed = filled.sf.query("SELECT count(Account.Name) FROM Opportunity")

    assert whole == {"totalSize": 3, "done": True, "records": []}
    assert named["records"] == [{"attributes": {"type": "AggregateResult"}, "amounts": 3}]
    assert unnamed["records"][0]["expr0"] == 2


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "MALFORMED_QUERY", "A query string has to be specified"),
        ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'Account'"),
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token: '''"),
        ('SELECT Id FROM Account WHERE Name = "x"', "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY", "Illegal character"),
        (
            "SELECT Id FROM Account WHERE Name='a' AND Name='b' OR Name='c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Account WHERE Name > null", "MALFORMED_QUERY", "null"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-13-01T00:00:00Z",
            "MALFORMED_QUERY",
            "2026-13-01",
        ),
        (
            "SELECT Id, Nonsense__c FROM Opportunity",
            "INVALID_FIELD",
            "No such column 'Nonsense__c' on entity 'Opportunity'",
        ),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Id FROM Account ORDER BY Nope", "INVALID_FIELD", "No such column 'Nope'"),
        (
            "SELECT Nope.Name FROM Opportunity",
            "INVALID_FIELD",
            "Didn't understand relationship 'Nope' in field path",
        ),
        ("SELECT Id, id FROM Account", "INVALID_FIELD", "duplicate field selected: id"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        (
            "SELECT Id FROM Opportunity WHERE Amount = '5'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Opportunity WHERE SystemModstamp > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE", "sObject type 'Nothing__c' is not supported"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        ("SELECT Id FROM Account WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "LIKE"),
        ("SELECT COUNT(Id), Name FROM Account", "MALFORMED_QUERY", "COUNT"),
        ("SELECT Id FROM Account LIMIT 1234567890123456789", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Opportunity WHERE Amount IN (1e999)", "MALFORMED_QUERY", "1e999"),
        (f"SELECT Id FROM Account WHERE {'NOT ' * 500} Name = 'x'", "MALFORMED_QUERY", "deeply"),
    ],
)
def test_what_is_wrong_is_said_as_salesforce_says_it(
    client: Client, text: str, code: str, words: str
) -> None:
    answer = client.raw("GET", "query", params={"q": text})

    assert answer.status_code == 400
    [error] = answer.json()
    assert error["errorCode"] == code
    assert words in error["message"]


def test_the_arrow_stands_under_the_mistake(client: Client) -> None:
    text = "SELECT Id, Nonsense__c FROM Opportunity"
    message = client.raw("GET", "query", params={"q": text}).json()[0]["message"]

    _, line, arrow, place, _ = message.split("\n")
    assert line[arrow.index("^") :].startswith("Nonsense__c")
    assert place == "ERROR at Row:1:Column:12"


def test_long_results_come_in_pages(client: Client) -> None:
    client.org.load(Account=[{"Name": f"Account {number:04}"} for number in range(4500)])

    first = client.sf.query("SELECT Id, Name FROM Account ORDER BY Name")
    second = client.sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = client.sf.query_more(second["nextRecordsUrl"].rsplit("/", 1)[1])

    assert [len(page["records"]) for page in (first, second, third)] == [2000, 2000, 500]
    assert [page["done"] for page in (first, second, third)] == [False, False, True]
    assert first["totalSize"] == 4500
    assert third["records"][-1]["Name"] == "Account 4499"
    assert len(client.query("SELECT Id FROM Account")) == 4500


def test_the_page_size_can_be_asked_for_within_200_and_2000(client: Client) -> None:
    client.org.load(Account=[{"Name": f"Account {number}"} for number in range(450)])

    def sizes(asked: int) -> list[int]:
        options = {"Sforce-Query-Options": f"batchSize={asked}"}
        page = client.sf.query("SELECT Id FROM Account", headers=options)
        found = [len(page["records"])]
        while not page["done"]:
            page = client.sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
            found.append(len(page["records"]))
        return found

    assert sizes(300) == [300, 150]
    assert sizes(1) == [200, 200, 50]


def test_a_page_leaves_out_what_went_in_the_meantime_and_changes_no_order(client: Client) -> None:
    product_names = [{"Name": f"Product {number:03}"} for number in range(300)]
    loaded = client.org.load(Product2=product_names)["Product2"]
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = client.sf.query("SELECT Id FROM Product2 ORDER BY Name", headers=options)
    client.update("Product2", loaded[250], Name="AAA")

    rest = client.sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)

    assert [record["Id"] for record in rest["records"]] == loaded[200:]


def test_an_unknown_locator_is_refused(client: Client) -> None:
    assert client.error("GET", "query/01g000000000001AAA-2000") == (400, "INVALID_QUERY_LOCATOR")
    assert client.error("GET", "query/nonsense") == (400, "INVALID_QUERY_LOCATOR")


def test_deleted_records_are_seen_by_query_all_only(client: Client) -> None:
    record_id = client.opportunity(Name="Gone")
    client.delete("Opportunity", record_id)
    text = "SELECT Id, IsDeleted FROM Opportunity"

    assert client.query(text) == []
    [gone] = client.query(text, include_deleted=True)
    assert (gone["Id"], gone["IsDeleted"]) == (record_id, True)


def test_an_address_that_is_too_long_is_refused(client: Client) -> None:
    listed = ",".join(f"'{number:018}'" for number in range(900))
    text = f"SELECT Id FROM Account WHERE Id IN ({listed})"

    assert client.raw("GET", f"query?q={quote(text)}").status_code == 414


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_survives_in_a_literal(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    query = parsed(f"SELECT Id FROM Account WHERE Name = '{escaped}'")

    assert isinstance(query.condition, Compared)
    assert query.condition.value.value == text


WORDS = """SELECT FROM WHERE AND OR NOT IN LIKE ORDER BY LIMIT OFFSET NULLS FIRST LAST DESC COUNT
    Id Name Amount IsWon Account.Name monetize__PrimaryQuote__r.Name Opportunity ( ) , . = != < >=
    'x' 'a\\%' '\\' 5 -1.5e3 2026-01-01 2026-01-01T00:00:00Z null TRUE false"""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join))
def test_whatever_follows_where_is_answered_or_refused(client: Client, words: str) -> None:
    text = f"SELECT Id, Name FROM Opportunity WHERE {words}"

    answer = client.raw("GET", "query", params={"q": text})

    assert answer.status_code in (200, 400), answer.text


def test_many_alternatives_are_not_too_many(filled: Client) -> None:
    others = " OR ".join(f"Name = '{number}'" for number in range(600))
    text = f"SELECT Name FROM Opportunity WHERE {others} OR Name = 'Alpha'"

    assert [each["Name"] for each in filled.query(text)] == ["Alpha"]


@pytest.mark.parametrize(
    ("literal", "plain", "pattern"),
    [
        (r"'a\nb\tc\"d\'e\\f'", "a\nb\tc\"d'e\\f", "a\nb\tc\"d'e\\\\f"),
        (r"'\u00e9'", "é", "é"),
    ],
)
def test_escapes(literal: str, plain: str, pattern: str) -> None:
    assert unescaped(literal) == plain
    assert unescaped(literal, pattern=True) == pattern


@pytest.mark.parametrize("name", ["Industry", "NotesX", "OrderX", "LimitX", "InX", "Ascending"])
def test_a_name_may_begin_like_a_keyword(name: str) -> None:
    query = parsed(f"SELECT {name} FROM Account WHERE {name} = 'x' ORDER BY {name}")

    assert query.orderings[0].path.names == (name,)
