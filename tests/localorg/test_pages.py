"""The pages that show people what is in the org."""

from __future__ import annotations

import re

import requests

from tests.localorg.process import Client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = requests.get(client.org.url + path, timeout=10)
    assert answer.status_code == status
    assert "script" not in answer.headers["Content-Security-Policy"]
    return answer.text


def test_a_newcomer_sees_objects_counts_and_the_last_writes(client: Client) -> None:
    record_id = client.opportunity(Name="Northwind renewal")

    shown = page(client, "/")

    assert re.search(r"<b>1</b>\s*<span>Opportunities</span>", shown)
    assert "Northwind renewal" in shown
    assert f'href="/records/{record_id}"' in shown


def test_a_record_shows_its_fields_its_writes_and_what_points_to_it(client: Client) -> None:
    record_id = client.opportunity(Name="Northwind renewal")
    quote_id = client.create(
        "monetize__Quote__c", monetize__Id__c="quote_1", monetize__Opportunity__c=record_id
    )
    client.update(
        "Opportunity", record_id, monetize__Id__c="opp_77", monetize__PrimaryQuote__c=quote_id
    )

    shown = page(client, f"/records/{record_id}")

    assert "<code>monetize__PrimaryQuote__c</code>" in shown
    assert shown.count("opp_77") == 2  # as a field, and as a write that arrived
    assert f'href="/records/{quote_id}"' in shown
    assert "by <code>monetize__Opportunity__c</code>, 1" in shown


def test_long_lists_have_pages_and_a_search(client: Client) -> None:
    names = [{"Name": f"100%_{number:03}"} for number in range(120)]
    loaded = client.org.load(Account=names)["Account"]

    first, last = page(client, "/objects/Account"), page(client, "/objects/Account?page=3")
    found = page(client, "/objects/Account?q=%25_007")
    by_id = page(client, f"/objects/Account?q={loaded[5][:15]}")

    assert "<th>Account Name<code>Name</code></th>" in first
    assert "Page 1 of 3" in first
    assert (first.count('href="/records/001'), last.count('href="/records/001')) == (50, 20)
    assert found.count("100%_007") == 1
    assert "100%_005" in by_id
    assert "100%_006" not in by_id
    assert "No record is there." in page(client, "/objects/Account?q=nobody")


def test_odd_addresses_are_answered_politely(client: Client) -> None:
    assert "There is no object" in page(client, "/objects/Nope", 404)
    assert "There is no record" in page(client, "/records/nonsense", 404)
    assert "Page 1 of 1" in page(client, "/objects/User?page=nonsense")


def test_a_deleted_record_still_shows_its_history(client: Client) -> None:
    record_id = client.opportunity()
    client.delete("Opportunity", record_id)

    assert "This record was deleted." in page(client, f"/records/{record_id}")
    assert record_id in page(client, "/journal")


def test_markup_in_a_name_is_only_text(client: Client) -> None:
    record_id = client.opportunity(Name="<script>alert(1)</script>")

    assert "<script" not in page(client, f"/records/{record_id}")
    assert "<script" not in page(client, "/objects/Opportunity")


def test_the_style_comes_from_the_org_itself(client: Client) -> None:
    answer = requests.get(f"{client.org.url}/static/localorg.css", timeout=10)

    assert answer.status_code == 200
    assert "prefers-color-scheme: dark" in answer.text
