"""Whatever a person pastes: which thing it names, and what was done to the id to read it."""

from __future__ import annotations

import pytest

from console.explain.answer import Kind, NothingFound, Subject
from console.explain.subject import LONGEST, identify
from tests.builders import make_account, make_opportunity, make_quote

pytestmark = pytest.mark.django_db
ID15 = "006Dm0000000032"
ID18 = "006Dm0000000032IAA"
MIXED = "006QyAbCdEfGhIjIAF"


def read(text: str) -> Subject:
    subject = identify(text)
    assert isinstance(subject, Subject), subject
    return subject


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ID18, ""),
        (f"  {ID18}\n", ""),
        (ID15, "completed"),
        (ID18.lower(), "repaired"),
        (ID18.upper(), "repaired"),
        (f"https://acme.lightning.force.com/lightning/r/Opportunity/{ID18}/view", "address"),
        (f"https://acme.my.salesforce.com/{ID15}", "address"),
        (f"https://acme.my.salesforce.com/{ID15}?nooverride=1", "address"),
    ],
)
def test_a_salesforce_opportunity_in_every_form(text: str, said: str) -> None:
    subject = read(text)

    assert (subject.kind, subject.id) == (Kind.SALESFORCE_OPPORTUNITY, ID18)
    assert said in " ".join(subject.notes)
    assert bool(subject.notes) == bool(said)


def test_a_salesforce_account_is_told_by_its_prefix() -> None:
    assert read("001Dm000000000uIAA").kind is Kind.SALESFORCE_ACCOUNT


def test_ids_of_monetize_now_are_looked_up() -> None:
    opportunity = make_opportunity()
    quote = make_quote(opportunity=opportunity)

    assert read(opportunity.mn_id).kind is Kind.OPPORTUNITY
    assert read(quote.mn_id).kind is Kind.QUOTE
    assert read(opportunity.account.mn_id).kind is Kind.ACCOUNT


def test_a_stored_mn_id_comes_before_what_it_looks_like() -> None:
    make_account(mn_id=ID15)

    assert read(ID15).kind is Kind.ACCOUNT


def test_an_mn_id_that_names_two_things_says_so() -> None:
    make_quote(opportunity=make_opportunity(mn_id="m-1"), mn_id="m-1")

    subject = read("m-1")

    assert subject.kind is Kind.OPPORTUNITY
    assert subject.notes == ("The same MN id also names an MN quote.",)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "Nothing was asked"),
        ("   ", "Nothing was asked"),
        ("opp_unknown", "expected 15 or 18"),
        ("006Dm0000000032XXX", "damaged"),
        ("01tDm0000000032IAA", "something else: it starts with 01t"),
        ("https://acme.my.salesforce.com/home", "no Salesforce id was found"),
        ("a\x00b", "not a Salesforce id"),
        ("'; DROP TABLE console_opportunity; --", "not a Salesforce id"),
        ("../../etc/passwd", "no Salesforce id"),
        ("ö" * 18, "As a Salesforce id"),
        ("x" * (LONGEST + 1), "over 500 characters"),
    ],
)
def test_what_names_nothing_is_told_why(text: str, because: str) -> None:
    answer = identify(text)

    assert isinstance(answer, NothingFound)
    assert because in answer.because
    assert len(answer.accepted) == 4
