"""Ids: 15 characters that mind case, 18 that do not have to."""

from __future__ import annotations

import pytest

from localorg import ids
from tests.localorg.process import Client


@pytest.mark.parametrize(
    ("short", "check"),
    [
        ("00k6s000002xyo1", "AAA"),
        ("01uF0000007wq56", "IAA"),
        ("AAAAAAAAAAAAAAA", "555"),
        ("000000000000000", "AAA"),
    ],
)
def test_the_checksum_says_which_characters_are_upper_case(short: str, check: str) -> None:
    assert ids.checksum(short) == check
    assert ids.normalised(short) == short + check
    assert ids.normalised(short + check) == short + check


@pytest.mark.parametrize(
    "text", ["", "006", "00k6s000002xyo1AAB", "00k6s000002xyo1AA", "00k6s000002xyo!", None, 6]
)
def test_anything_else_is_no_id(text: object) -> None:
    assert ids.normalised(text) is None


def test_numbers_come_back_from_ids() -> None:
    for number in (1, 61, 62, 3_843, 10_000_000):
        assert ids.number_of(ids.numbered("006", number)) == number
    assert ids.number_of("00k6s000002xyo1AAA") == 0


def test_a_record_is_found_by_its_short_id_too(client: Client) -> None:
    record_id = client.opportunity(Name="Short")

    assert record_id.startswith("006")
    assert len(record_id) == 18
    assert client.read("Opportunity", record_id[:15])["Id"] == record_id
    assert client.query(f"SELECT Name FROM Opportunity WHERE Id = '{record_id[:15]}'")


def test_a_lookup_takes_a_short_id_and_stores_the_long_one(client: Client) -> None:
    account_id = client.create("Account", Name="Acme")
    opportunity_id = client.opportunity(AccountId=account_id[:15])

    assert client.read("Opportunity", opportunity_id)["AccountId"] == account_id
