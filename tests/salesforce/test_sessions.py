"""Processes hand one another the token, so that a fork for every drain is not a log-in for each."""

from __future__ import annotations

import dataclasses

import pytest

from console.salesforce import tokens
from console.salesforce.client import connect
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import Gateway
from tests.salesforce.answers import ORG
from tests.salesforce.conftest import QUICK
from tests.salesforce.scripted import EXPIRED, ScriptedServer


@dataclasses.dataclass
class Shelf:
    """Where processes find what others have kept."""

    text: str = ""

    def load(self) -> str:
        return self.text

    def save(self, text: str) -> None:
        self.text = text


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def in_another_process(credentials: Credentials, shelf: Shelf) -> Gateway:
    """A gateway as a process has it that has just been forked."""
    tokens.login_of.__self__.forget()  # type: ignore[attr-defined]
    return connect(credentials, timeouts=QUICK, keeper=shelf)


def test_a_kept_token_is_taken_over(
    scripted: ScriptedServer, credentials: Credentials, shelf: Shelf
) -> None:
    scripted.will(ORG, ORG)
    in_another_process(credentials, shelf).describe_org()
    in_another_process(credentials, shelf).describe_org()
    assert scripted.logins_seen() == 1


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"for": null}', '{"access_token": "x"}'])
def test_what_cannot_be_used_is_as_if_nothing_were_kept(
    scripted: ScriptedServer, credentials: Credentials, kept: str
) -> None:
    scripted.will(ORG)
    in_another_process(credentials, Shelf(kept)).describe_org()
    assert scripted.logins_seen() == 1


def test_the_token_of_other_credentials_is_not_used(
    scripted: ScriptedServer, credentials: Credentials, shelf: Shelf
) -> None:
    scripted.will(ORG, ORG)
    in_another_process(credentials, shelf).describe_org()
    others = dataclasses.replace(credentials, client_id="another")
    in_another_process(others, shelf).describe_org()
    assert scripted.logins_seen() == 2


def test_a_token_that_was_taken_over_may_have_expired_as_well(
    scripted: ScriptedServer, credentials: Credentials, shelf: Shelf
) -> None:
    """Each had logged in for itself, and now all their tokens have expired."""
    scripted.will(ORG, ORG, EXPIRED, EXPIRED, ORG)
    mine = in_another_process(credentials, shelf)
    mine.describe_org()
    shelf.text = ""
    in_another_process(credentials, shelf).describe_org()
    mine.describe_org()
    assert scripted.logins_seen() == 3
