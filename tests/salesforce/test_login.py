"""Tokens: fetched once, renewed once, never sent elsewhere."""

from __future__ import annotations

import dataclasses
import os
import threading
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import (
    Gateway,
    Misconfigured,
    OrgIdentity,
    SalesforceError,
    Unavailable,
    Unknown,
)
from console.salesforce.tokens import login_of
from tests.salesforce.answers import ONE, ORG, REFUSED, done, opportunity_id, page
from tests.salesforce.conftest import QUICK, SECRET
from tests.salesforce.scripted import EXPIRED, Answer, Hang, Held, Reset, ScriptedServer, Step


def test_an_expired_token_is_renewed_once_and_the_question_asked_again(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    scripted.will(page(1), EXPIRED, page(1, 2))
    gateway.read_opportunities([ONE])
    found = gateway.read_opportunities([ONE, opportunity_id(2)])
    assert len(found) == 2
    assert scripted.logins_seen() == 2
    tokens = [one.headers["Authorization"] for one in scripted.api_requests()]
    assert tokens[1] != tokens[2]


def test_an_expired_token_inside_a_composite_renews_too(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    changes = {opportunity_id(n): {"Name": "x"} for n in range(1, 202)}
    parts = [done(*range(1, 201)), done(201)]
    refused = {"httpStatusCode": 401, "body": EXPIRED.body, "referenceId": "part1"}
    good = [
        {"httpStatusCode": 200, "body": body, "referenceId": f"part{n}"}
        for n, body in enumerate(parts)
    ]
    scripted.will(
        Answer(body={"compositeResponse": [good[0], refused]}),
        Answer(body={"compositeResponse": good}),
    )
    results = gateway.update_opportunities(changes)
    assert [r.error for r in results.values()] == [None] * 201
    assert scripted.logins_seen() == 2


def test_a_fresh_token_that_is_refused_too_is_a_matter_for_a_person(
    scripted: ScriptedServer, gateway: Gateway
) -> None:
    scripted.will(EXPIRED, EXPIRED)
    with pytest.raises(Misconfigured, match="fresh token"):
        gateway.describe_org()
    assert (scripted.logins_seen(), gateway.calls) == (2, 2)


def test_a_refused_log_in_asks_no_question(scripted: ScriptedServer, gateway: Gateway) -> None:
    scripted.logins.append(REFUSED)
    with pytest.raises(Misconfigured) as failed:
        gateway.describe_org()
    assert (failed.value.code, failed.value.words) == ("invalid_grant", "user is inactive")
    assert gateway.calls == 0


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Hang(), Unavailable),
        (Reset(), Unavailable),
        (Answer(503, text="<html></html>"), Unavailable),
        (Answer(text="<html></html>"), Unavailable),
        (Answer(text="{"), Unknown),
        (Answer(body=[]), Unknown),
        (Answer(body={"instance_url": "http://127.0.0.1:1"}), Unknown),
        (Answer(body={"access_token": "x"}), Unknown),
        (Answer(302, text="", headers={"Location": "https://evil.com"}), Misconfigured),
        (Answer(body={"access_token": "x", "instance_url": "https://evil.com"}), Misconfigured),
        (
            Answer(body={"access_token": "x", "instance_url": "https://a.my.salesforce.com"}),
            Misconfigured,
        ),
    ],
)
def test_a_log_in_that_goes_wrong(
    scripted: ScriptedServer, gateway: Gateway, step: Step, kind: type[SalesforceError]
) -> None:
    scripted.logins.append(step)
    with pytest.raises(SalesforceError) as failed:
        gateway.describe_org()
    assert type(failed.value) is kind
    assert scripted.api_requests() == []


def test_many_threads_log_in_once(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.will(*[ORG] * 8)
    outcomes = ask_at_once(credentials, threads=8)
    assert {type(one) for one in outcomes} == {OrgIdentity}
    assert scripted.logins_seen() == 1


def test_many_threads_renew_once(scripted: ScriptedServer, credentials: Credentials) -> None:
    scripted.will(*[ORG] * 7)
    connect(credentials, timeouts=QUICK).describe_org()
    scripted.revoked.add(scripted.api_requests()[0].headers["Authorization"])
    outcomes = ask_at_once(credentials, threads=6)
    assert {type(one) for one in outcomes} == {OrgIdentity}
    assert scripted.logins_seen() == 2


def test_threads_that_waited_for_a_refused_log_in_do_not_each_try_again(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    scripted.logins.extend([Held(REFUSED), *[REFUSED] * 5])
    opener = threading.Timer(0.3, scripted.gate.set)
    opener.start()
    outcomes = ask_at_once(credentials, threads=6)
    opener.join()
    assert {type(one) for one in outcomes} == {Misconfigured}
    assert scripted.logins_seen() < 6


def ask_at_once(credentials: Credentials, *, threads: int) -> list[object]:
    start = threading.Barrier(threads)
    outcomes: list[object] = []

    def ask() -> None:
        gateway = connect(credentials)
        start.wait()
        try:
            outcomes.append(gateway.describe_org())
        except SalesforceError as error:
            outcomes.append(error)

    workers = [threading.Thread(target=ask) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return outcomes


def test_another_secret_is_another_log_in(
    scripted: ScriptedServer, credentials: Credentials
) -> None:
    scripted.will(ORG, ORG)
    connect(credentials, timeouts=QUICK).describe_org()
    rotated = dataclasses.replace(credentials, client_secret="rotated")
    connect(rotated, timeouts=QUICK).describe_org()
    assert scripted.logins_seen() == 2


def test_the_private_key_way_in_signs_for_the_right_audience(scripted: ScriptedServer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    scripted.will(ORG)
    credentials = Credentials(
        scripted.base_url, "console", username="ann@acme.com", private_key=pem
    )
    connect(credentials, timeouts=QUICK).describe_org()
    form = parse_qs(scripted.seen[0].body)
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    claims = jwt.decode(
        form["assertion"][0],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.salesforce.com",
    )
    assert (claims["iss"], claims["sub"]) == ("console", "ann@acme.com")


def test_this_machine_may_be_called_by_name(scripted: ScriptedServer) -> None:
    scripted.will(ORG)
    by_name = scripted.base_url.replace("127.0.0.1", "localhost")
    credentials = Credentials(by_name, "console", client_secret=SECRET)
    found = connect(credentials, timeouts=QUICK).describe_org()
    assert found.instance_url == scripted.base_url


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_lock_held_at_a_fork_does_not_stop_the_child(credentials: Credentials) -> None:
    parents = login_of(credentials)
    with parents._lock:
        child = os.fork()
        if child == 0:
            is_free = login_of(credentials)._lock.acquire(blocking=False)
            os._exit(0 if is_free else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert login_of(credentials) is parents
