"""No token and no secret reaches an error, a traceback or a log."""

from __future__ import annotations

import logging
import traceback

import pytest

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import (
    Gateway,
    Misconfigured,
    SalesforceError,
)
from tests.salesforce.answers import ONE, REFUSED, page
from tests.salesforce.conftest import QUICK, SECRET
from tests.salesforce.scripted import EXPIRED, Answer, Reset, ScriptedServer


def test_secrets_that_an_answer_repeats_are_in_no_error(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    echo = "Bearer 00D000000000001!token1"
    body = [{"errorCode": "INVALID_FIELD", "message": f"{echo} client_secret={SECRET}"}]
    scripted.will(Answer(400, body), Answer(400, text=f"{echo} client_secret={SECRET}"))
    for _ in range(2):
        with pytest.raises(SalesforceError) as failed:
            gateway.read_opportunities([ONE])
        shown = everything_shown(failed.value)
        assert "token1" not in shown
        assert SECRET not in shown


def test_secrets_are_in_no_error_of_the_wire(scripted: ScriptedServer, gateway: Gateway) -> None:
    scripted.logins.extend([Reset(), REFUSED])
    for _ in range(2):
        with pytest.raises(SalesforceError) as failed:
            gateway.describe_org()
        assert SECRET not in everything_shown(failed.value)
    scripted.will(Reset())
    with pytest.raises(SalesforceError) as failed:
        gateway.describe_org()
    assert "token1" not in everything_shown(failed.value)


def test_a_key_that_is_none_is_a_matter_for_a_person(scripted: ScriptedServer) -> None:
    credentials = Credentials(scripted.base_url, "console", username="ann", private_key=SECRET)
    with pytest.raises(Misconfigured) as failed:
        connect(credentials, timeouts=QUICK).describe_org()
    assert failed.value.code == "INVALID_PRIVATE_KEY"
    assert SECRET not in everything_shown(failed.value)


def everything_shown(error: SalesforceError) -> str:
    """What a log would hold of it: its traceback, with whatever it was raised from."""
    assert error.__cause__ is None
    assert error.__context__ is None
    return "".join(traceback.format_exception(error)) + repr(vars(error))


def test_secrets_are_in_no_log(
    scripted: ScriptedServer, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.will(page(1), EXPIRED, page(1))
    gateway.read_opportunities([ONE])
    gateway.read_opportunities([ONE])
    assert "/services/oauth2/token" in caplog.text
    assert SECRET not in caplog.text
    assert "token1" not in caplog.text
