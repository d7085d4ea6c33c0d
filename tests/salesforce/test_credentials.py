from __future__ import annotations

import pytest

from console.salesforce.addresses import InvalidAddress
from console.salesforce.credentials import Credentials
from console.salesforce.sessions import Token

URL = "https://acme.my.salesforce.com"


def test_secrets_are_not_shown() -> None:
    shown = repr(Credentials(URL, "console", client_secret="hunter2"))
    shown += repr(Credentials(URL, "console", username="ann@acme.com", private_key="PEM-KEY"))
    shown += repr(Token("the-token", URL))
    assert "hunter2" not in shown
    assert "PEM-KEY" not in shown
    assert "the-token" not in shown


def test_the_address_is_kept_in_its_one_form() -> None:
    credentials = Credentials("https://ACME.my.salesforce.com/", "console", client_secret="x")
    assert credentials.base_url == URL


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(InvalidAddress):
        Credentials("https://evil.com", "console", client_secret="x")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"client_id": "", "client_secret": "x"}, "client_id"),
        ({"client_id": "c"}, "exactly one way"),
        ({"client_id": "c", "username": "ann"}, "exactly one way"),
        (
            {"client_id": "c", "client_secret": "x", "username": "a", "private_key": "k"},
            "exactly one way",
        ),
        ({"client_id": "c", "client_secret": "x", "api_version": "62.0/../x"}, "api_version"),
        ({"client_id": "c", "client_secret": "x", "api_version": "v62"}, "api_version"),
    ],
)
def test_an_incomplete_set_is_refused_by_field(fields: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Credentials(base_url=URL, **fields)
