"""Salesforce ids: form, checksum, repair of a damaged one, and what people paste."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import salesforce_id
from syncrules.salesforce_id import InvalidSalesforceId

# As printed in Salesforce's own developer documentation.
REAL = [
    "001A0000006Vm9rIAC",
    "00570000001ZwTiAAK",
    "001D000000IqhSLIAZ",
    "00D50000000IZ3ZEAW",
    "00550000001fg5OAAQ",
    "a00D0000008o6y8IAA",
    "006D000000CwFy6IAF",
    "701D0000000rOeJIAU",
    "001R0000005hDFYIA2",
    "00Q30000001ESbkEAG",
]
ID15 = st.text(string.ascii_letters + string.digits, min_size=15, max_size=15)
DEAL = "006D000000CwFy6IAF"


@pytest.mark.parametrize("real", REAL)
def test_the_checksum_of_real_ids(real: str) -> None:
    assert salesforce_id.checksum(real[:15]) == real[15:]
    assert salesforce_id.to_18(real[:15]) == real
    assert salesforce_id.to_18(real) == real


@given(ID15)
def test_a_damaged_case_is_restored_from_the_suffix(id15: str) -> None:
    whole = salesforce_id.to_18(id15)

    assert salesforce_id.repair_case(whole.lower()) == whole
    assert salesforce_id.repair_case(whole.upper()) == whole
    assert salesforce_id.repair_case(whole.swapcase()) == whole
    assert salesforce_id.from_pasted(whole.lower()) == whole


@given(ID15)
def test_both_forms_of_an_id_are_one(id15: str) -> None:
    whole = salesforce_id.to_18(id15)

    assert salesforce_id.to_18(whole) == whole
    assert whole[:15] == id15
    assert salesforce_id.is_valid(whole)


@given(st.text(max_size=40))
def test_whatever_is_pasted_gives_a_whole_id_or_is_refused(text: str) -> None:
    try:
        found = salesforce_id.from_pasted(text)
    except InvalidSalesforceId:
        return  # nothing else is raised
    assert salesforce_id.is_valid(found)


PASTED = [
    pytest.param(DEAL, id="18 characters"),
    pytest.param(DEAL[:15], id="15 characters"),
    pytest.param(f"  {DEAL}\n", id="with blanks around it"),
    pytest.param(DEAL.lower(), id="lower case"),
    pytest.param(
        f"https://acme.lightning.force.com/lightning/r/Opportunity/{DEAL}/view", id="Lightning"
    ),
    pytest.param(
        f"https://acme.lightning.force.com/lightning/r/{DEAL}/view?ws=%2Flightning%2Fr%2F",
        id="Lightning without the object, with a workspace",
    ),
    pytest.param(f"https://acme.my.salesforce.com/{DEAL[:15]}", id="Classic"),
    pytest.param(f"https://acme.my.salesforce.com/{DEAL}?srPos=0&srKp=006", id="Classic search"),
    pytest.param(f"acme.my.salesforce.com/{DEAL}", id="without a scheme"),
    pytest.param(
        f"https://acme.lightning.force.com/one/one.app#/sObject/{DEAL}/view", id="one.app"
    ),
]


@pytest.mark.parametrize("text", PASTED)
def test_what_people_paste(text: str) -> None:
    assert salesforce_id.from_pasted(text) == DEAL


REFUSED = [
    pytest.param("", None, "'' is not a Salesforce id: expected 15 or 18 letters", id="nothing"),
    pytest.param("006D", None, "'006D' is not a Salesforce id", id="too short"),
    pytest.param("006D000000CwFy_", None, "expected 15 or 18 letters and digits", id="a sign"),
    pytest.param("006D000000CwFy6IAG", None, "is damaged: its last three", id="wrong checksum"),
    pytest.param("006D000000CwFy\uff16", None, "expected 15 or 18", id="a digit of another script"),
    pytest.param(DEAL, "001", "starts with 006, expected an id that starts with 001", id="object"),
]


@pytest.mark.parametrize(("text", "prefix", "sentence"), REFUSED)
def test_a_wrong_id_is_refused_in_words(text: str, prefix: str | None, sentence: str) -> None:
    with pytest.raises(InvalidSalesforceId, match=sentence.replace(".", r"\.")):
        salesforce_id.to_18(text, prefix=prefix)
    assert not salesforce_id.is_valid(text, prefix=prefix)


def test_the_right_object_is_accepted() -> None:
    assert salesforce_id.to_18(DEAL, prefix=salesforce_id.OPPORTUNITY) == DEAL


IRREPARABLE = [
    pytest.param(DEAL[:15], "18 characters are needed", id="no suffix to repair from"),
    pytest.param("006D000000CwFy6IA!", "18 characters are needed", id="no suffix at all"),
    pytest.param("006d000000cwfy6555", "does not fit character 1", id="a suffix of another id"),
]


@pytest.mark.parametrize(("text", "sentence"), IRREPARABLE)
def test_what_cannot_be_repaired_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSalesforceId, match=sentence):
        salesforce_id.repair_case(text)


def test_a_url_without_an_id_is_said() -> None:
    with pytest.raises(InvalidSalesforceId, match="no Salesforce id was found in 'https://"):
        salesforce_id.from_pasted("https://acme.lightning.force.com/lightning/o/Opportunity/list")


def test_a_long_text_is_cut_in_the_sentence() -> None:
    with pytest.raises(InvalidSalesforceId) as caught:
        salesforce_id.to_18("x" * 5000)
    assert len(str(caught.value)) < 150
