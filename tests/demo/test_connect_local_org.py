"""`connect_local_org`: the connection follows the settings and never displaces a real one."""

import pytest
from django.core.management import CommandError
from pytest_django import Settings
from redis import Redis

from console import sweep
from console.models import Opportunity, OutboundPush, SalesforceConnection
from tests.builders import make_connection, make_push
from tests.demo.conftest import run
from tests.org import Org

REAL_ORG = 3
NOTHING_SET = {
    "URL": "",
    "CLIENT_ID": "",
    "CLIENT_SECRET": "",
    "USERNAME": "",
    "PRIVATE_KEY": "",
}
REAL = {
    **NOTHING_SET,
    "URL": "https://acme.my.salesforce.com",
    "CLIENT_ID": "key",
    "CLIENT_SECRET": "secret",
}


def active() -> SalesforceConnection:
    return SalesforceConnection.objects.get(is_active=True)


def test_the_local_org_is_connected(local: Settings, org: Org) -> None:
    run("connect_local_org")

    row = active()
    assert row.is_local
    assert (row.base_url, row.client_id, row.client_secret, row.state) == (
        org.url,
        org.server.client_id,
        org.server.client_secret,
        "untried",
    )


def test_a_second_run_changes_nothing(local: Settings) -> None:
    run("connect_local_org")
    SalesforceConnection.objects.update(state="live")
    before = active().updated_at

    assert "unchanged" in run("connect_local_org")
    assert (active().state, active().updated_at) == ("live", before)


def test_a_new_port_is_followed_and_tried_afresh(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("connect_local_org")
    SalesforceConnection.objects.update(state="live")
    monkeypatch.setenv("LOCALORG_URL", "http://127.0.0.1:4321")

    run("connect_local_org")
    assert (active().base_url, active().state) == ("http://127.0.0.1:4321", "untried")
    assert SalesforceConnection.objects.count() == 1


def test_a_broken_connection_gets_another_chance_and_its_held_pushes_go_out(
    local: Settings, redis: Redis
) -> None:
    run("connect_local_org")
    SalesforceConnection.objects.update(state="broken", detail="refused")
    push = make_push(state=OutboundPush.State.HELD)

    run("connect_local_org")
    assert (active().state, active().detail) == ("untried", "")

    sweep.probe()
    push.refresh_from_db()
    assert (active().state, push.state) == ("live", "queued")


def test_a_real_connection_stays_in_force(local: Settings) -> None:
    real = make_connection()

    assert "kept aside" in run("connect_local_org")
    assert active() == real


def test_without_an_address_it_says_what_is_missing(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCALORG_URL")

    with pytest.raises(CommandError, match="LOCALORG_URL"):
        run("connect_local_org")


def test_the_org_of_the_settings_takes_over(local: Settings) -> None:
    run("connect_local_org")
    local.SALESFORCE = REAL

    run("connect_local_org")
    assert (active().name, active().base_url) == ("environment", REAL["URL"])
    assert not active().is_local
    assert "unchanged" in run("connect_local_org")


@pytest.mark.parametrize(
    ("missing", "words"), [("CLIENT_ID", "client_id"), ("CLIENT_SECRET", "client_secret")]
)
def test_settings_that_cannot_log_in_are_refused(local: Settings, missing: str, words: str) -> None:
    local.SALESFORCE = {**REAL, missing: ""}

    with pytest.raises(CommandError, match=words):
        run("connect_local_org")
    assert not SalesforceConnection.objects.exists()


def test_the_sample_comes_with_it_when_asked_for(local: Settings) -> None:
    run("connect_local_org", "--sample")
    assert Opportunity.objects.count() == 200

    assert "there already" in run("connect_local_org", "--sample")


def test_besides_the_local_org_none_is_real(local: Settings) -> None:
    run("connect_local_org")
    make_connection(is_active=False)

    assert "No real" in run("prepare_database")


@pytest.mark.parametrize("how", ["row", "settings"])
def test_a_real_org_is_told_by_the_exit_code(local: Settings, how: str) -> None:
    if how == "row":
        make_connection()
    else:
        local.SALESFORCE = REAL

    with pytest.raises(SystemExit) as ended:
        run("prepare_database")
    assert ended.value.code == REAL_ORG
