"""Account mapping in the browser: the list, and one match with its verdict."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse, reverse_lazy

from console.admin.base import page_of
from console.models import Account, SalesforceConnection, SyncLog
from tests.admin.accounts import make_record, page, wait_for, words
from tests.builders import make_account, make_opportunity, make_pairing
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
FIND = reverse_lazy("admin:console_account_mapping_find")


@pytest.fixture
def record(org: Org, connected: SalesforceConnection) -> str:
    """A Salesforce account that nobody has matched."""
    return make_record(org, Name="Northwind Traders", Website="https://www.northwind.example")


# --- The list ------------------------------------------------------------------------------------


def test_what_quotes_wait_for_is_listed_by_name(operator: Client, org: Org, record: str) -> None:
    wait_for(record)
    wait_for(record)
    matched = make_account().salesforce_id
    assert matched is not None
    wait_for(matched)

    text = words(operator, reverse("admin:console_account_mappings"))

    assert "Northwind Traders" in text
    assert "2 quotes" in text
    assert page(record) in text
    assert page(matched) not in text


def test_a_look_into_salesforce_finds_more(operator: Client, org: Org, record: str) -> None:
    org.add_opportunity(sf_id(), AccountId=record)
    address = reverse("admin:console_account_mappings")

    assert page(record) not in words(operator, address)
    assert page(record) in words(operator, address, look="salesforce")


def test_the_list_stands_when_salesforce_does_not(operator: Client, org: Org, record: str) -> None:
    wait_for(record)
    org.break_with(action="status", status=503, times=None)

    text = words(operator, reverse("admin:console_account_mappings"), look="salesforce")

    assert page(record) in text
    assert "Salesforce could not be read" in text


@pytest.mark.parametrize(
    "pasted", ["{}", "https://x.my.salesforce.com/lightning/r/Account/{}/view"]
)
def test_an_account_may_be_pasted(operator: Client, pasted: str) -> None:
    record = sf_id("001")

    answer = operator.get(str(FIND), {"record": pasted.format(record)})

    assert (answer.status_code, answer["Location"]) == (302, page(record))


@pytest.mark.parametrize("pasted", ["006Qy0000012345", "nonsense", ""])
def test_what_is_pasted_in_vain_is_said(operator: Client, pasted: str) -> None:
    answer = operator.get(str(FIND), {"record": pasted}, follow=True)

    assert "Not a Salesforce account" in answer.content.decode()


# --- One of them ---------------------------------------------------------------------------------


def test_likely_ones_are_shown_with_their_evidence(operator: Client, org: Org, record: str) -> None:
    """Name, website and shared history; nothing is matched by looking."""
    by_name = make_account(name="Northwind Traders Inc", salesforce_id=None, website="")
    by_site = make_account(name="NWT", salesforce_id=None, website="northwind.example")
    by_deal = make_account(name="Contoso", salesforce_id=None, website="")
    deal = sf_id()
    org.add_opportunity(deal, AccountId=record)
    make_pairing(opportunity=make_opportunity(account=by_deal), salesforce_id=deal)
    make_account(name="Northwind Traders", website="northwind.example")  # matched elsewhere

    text = words(operator, page(record))

    order = [text.index(each.mn_id) for each in (by_deal, by_site, by_name)]
    assert order == sorted(order)
    assert "The names are the same" in text
    assert "Both have the website northwind.example" in text
    assert "1 of its opportunities is paired with" in text
    assert not Account.objects.filter(salesforce_id=record).exists()


def test_a_choice_is_shown_before_it_is_confirmed(operator: Client, record: str) -> None:
    account = make_account(salesforce_id=None)

    text = words(operator, page(record), account=account.mn_id)

    assert "These two can be matched" in text
    assert f'name="account" value="{account.mn_id}"' in text
    assert not SyncLog.objects.exists()


def test_a_confirmed_choice_is_done_once(operator: Client, record: str) -> None:
    account = make_account(salesforce_id=None)

    for _ in range(2):
        answer = operator.post(page(record), {"account": account.mn_id}, follow=True)

    account.refresh_from_db()
    assert account.salesforce_id == record
    assert "These two accounts are matched already" in answer.content.decode()
    assert [entry.reason for entry in SyncLog.objects.order_by("pk")] == [
        "account_linked",
        "account_already_linked",
    ]


def test_an_mn_account_is_created(operator: Client, record: str) -> None:
    assert "An MN account can be created" in words(operator, page(record), account="new")

    operator.post(page(record), {"account": "new"})

    assert Account.objects.get(salesforce_id=record).name == "Northwind Traders"


def test_a_conflict_is_explained_and_closes_the_button(operator: Client, record: str) -> None:
    account = make_account()

    text = words(operator, page(record), account=account.mn_id)
    answer = operator.post(page(record), {"account": account.mn_id}, follow=True)

    assert "One of the two is already tied to another record" in text
    assert re.search(r'<button type="submit" class="c-button" disabled', text)
    assert "Nothing was changed" in answer.content.decode()
    assert SyncLog.objects.get().reason == "conflicting_association"


def test_a_matched_record_says_to_whom(operator: Client, record: str) -> None:
    owner = make_account(name="Owner Ltd", salesforce_id=record)

    text = words(operator, page(record))

    assert "is matched to" in text
    assert owner.mn_id in text


def test_any_account_can_be_searched(operator: Client, record: str) -> None:
    make_account(name="Wholly different", mn_id="acct_far", salesforce_id=None)

    text = words(operator, page(record), q="wholly")

    assert "?account=acct_far" in text


def test_salesforce_down_and_record_gone_are_said(operator: Client, org: Org, record: str) -> None:
    assert "The Salesforce account no longer exists" in words(operator, page(sf_id("001")))

    org.break_with(action="status", status=503, times=None)
    assert "Salesforce could not be read" in words(operator, page(record))
    answer = operator.post(page(record), {"account": "new"}, follow=True)
    assert "Nothing was matched" in answer.content.decode()
    assert not SyncLog.objects.exists()


@pytest.mark.parametrize("wrong", ["006Qy0000012345", "001Qy0000012345XXX", "x"])
def test_what_is_no_account_is_not_found(operator: Client, wrong: str) -> None:
    assert operator.get(page(wrong)).status_code == 404


def test_names_from_salesforce_stay_text(operator: Client, org: Org, record: str) -> None:
    nasty = "<script>alert(1)</script>"
    other = make_record(org, Name=nasty, Website=nasty, BillingCountry=nasty)
    wait_for(other)
    account = make_account(name=nasty, salesforce_id=None)

    for text in (
        words(operator, page(other)),
        words(operator, page(other), account=account.mn_id),
        words(operator, page(other), q=nasty),
        words(operator, reverse("admin:console_account_mappings")),
    ):
        assert nasty not in text
        assert "&lt;script&gt;" in text


def test_the_log_entry_has_the_steps_and_leads_to_the_account(
    operator: Client, record: str
) -> None:
    operator.post(page(record), {"account": "new"})
    SalesforceConnection.objects.update(base_url="https://acme.my.salesforce.com")

    text = words(operator, page_of(SyncLog.objects.get()))

    assert "Does the Salesforce account exist?" in text
    assert f"https://acme.my.salesforce.com/lightning/r/Account/{record}/view" in text


# --- Who may -------------------------------------------------------------------------------------

PAGES = ("mappings", "mapping_export", "mapping_import")


@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
def test_everybody_may_look(signed_in: Any, role: str, record: str) -> None:
    client = signed_in(role)

    for name in PAGES:
        assert client.get(reverse(f"admin:console_account_{name}")).status_code == 200
    assert client.get(page(record)).status_code == 200


def test_strangers_may_not(signed_in: Any, record: str) -> None:
    stranger, nobody = signed_in("stranger"), signed_in("")
    for address in [*(reverse(f"admin:console_account_{name}") for name in PAGES), page(record)]:
        assert stranger.get(address).status_code == 403
        assert nobody.get(address).status_code == 302


def test_a_viewer_may_look_and_not_match(viewer: Client, record: str) -> None:
    account = make_account(salesforce_id=None)

    text = words(viewer, page(record), account=account.mn_id)
    refused = viewer.post(page(record), {"account": account.mn_id})
    sent = viewer.post(reverse("admin:console_account_mapping_import"), {"shown": "x"})

    assert "You need the right to match accounts" in text
    assert (refused.status_code, sent.status_code) == (403, 403)
    assert not Account.objects.filter(salesforce_id=record).exists()


def test_a_match_wants_the_csrf_token(operator: Client, record: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies

    assert strict.post(page(record), {"account": "new"}).status_code == 403
