"""The endpoint that explains: signed or signed in, the same answer as the command, no trace."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote as encoded

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from console import roles
from console.actor import Actor
from console.api.signature import sign
from console.explain import Explanation, explain
from console.models import ApiClient
from syncrules.json_form import from_json, to_json
from tests.builders import make_client, make_user
from tests.explain.tables import fingerprint
from tests.facts import number
from tests.pair import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(pair: Pair) -> ApiClient:
    return make_client(key="crm")


def ask(caller: ApiClient, asked: str, *, secret: str | None = None) -> Any:
    webhook_id, timestamp = f"ask-{number()}", int(time.time())
    signature = sign(
        secret=secret or caller.secret, webhook_id=webhook_id, timestamp=timestamp, body=b""
    )
    headers = {
        "client-id": caller.key,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    return Client().get(f"/api/v1/explain/{encoded(asked, safe='')}", headers=headers)


def test_a_signed_call_is_answered_with_the_explanation(caller: ApiClient, pair: Pair) -> None:
    answer = ask(caller, pair.salesforce_id)

    assert answer.status_code == 200
    given = from_json(Explanation, answer.json())
    expected = explain(pair.salesforce_id, actor=Actor.of_client(caller))
    assert isinstance(expected, Explanation)
    assert {**to_json(given), "at": None} == {**to_json(expected), "at": None}


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "https://acme.lightning.force.com/lightning/r/Opportunity/{}/view",
        "https://acme.my.salesforce.com/{}?x=1",
    ],
)
def test_an_address_is_accepted_like_an_id(caller: ApiClient, pair: Pair, form: str) -> None:
    answer = ask(caller, form.format(pair.salesforce_id))

    assert answer.json()["subject"]["id"] == pair.salesforce_id


def test_an_unknown_id_is_not_found_and_told_why(caller: ApiClient) -> None:
    answer = ask(caller, "opp_unknown")

    assert answer.status_code == 404
    assert "15 or 18" in answer.json()["because"]
    assert len(answer.json()["accepted"]) == 4


def test_the_client_reads_only_what_it_may(caller: ApiClient, pair: Pair) -> None:
    desk = Group.objects.create(name="deal desk")
    pair.quote.readers.add(desk)

    assert ask(caller, pair.quote.mn_id).json()["decision"]["reason"] == "quote_inaccessible"

    caller.groups.add(desk)
    assert ask(caller, pair.quote.mn_id).json()["decision"]["flow"] == "push_outbound"


def test_a_signed_in_viewer_may_ask_too(caller: ApiClient, pair: Pair) -> None:
    browser = Client()
    browser.force_login(make_user("vera", role=roles.VIEWER))

    answer = browser.get(f"/api/v1/explain/{pair.salesforce_id}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 401), ("stranger", 403), ("not staff", 403), ("forger", 401)]
)
def test_nobody_else_may_ask(caller: ApiClient, pair: Pair, who: str, status: int) -> None:
    browser = Client()
    if who in ("stranger", "not staff"):
        role = roles.VIEWER if who == "not staff" else None
        browser.force_login(make_user("sam", role=role, is_staff=who == "stranger"))
    before = fingerprint()

    if who == "forger":
        answer = ask(caller, pair.salesforce_id, secret="another secret altogether")
    else:
        answer = browser.get(f"/api/v1/explain/{pair.salesforce_id}")

    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert pair.opportunity.mn_id not in answer.content.decode()
    assert fingerprint() == before


@pytest.mark.parametrize("asked", ["known", "unknown"])
def test_asking_changes_nothing(caller: ApiClient, pair: Pair, asked: str) -> None:
    before = fingerprint()

    ask(caller, pair.salesforce_id if asked == "known" else "opp_unknown")

    assert fingerprint() == before


def test_only_get_is_offered(caller: ApiClient, pair: Pair) -> None:
    assert Client().post(f"/api/v1/explain/{pair.salesforce_id}").status_code == 405
