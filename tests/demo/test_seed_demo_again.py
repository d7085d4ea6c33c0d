"""`seed_demo` where it should not write: a second time, into other data, near a real org."""

import socket
from collections import Counter
from datetime import date

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db.models import Model
from pytest_django import Settings

from console.demo import build, scenarios
from console.demo.scenarios import Scenario
from console.models import Account, ApiClient, Opportunity
from tests.builders import make_account, make_connection
from tests.demo.conftest import run
from tests.org import Org


@pytest.mark.parametrize("arguments", [(), ("--if-empty",)])
def test_a_second_run_changes_nothing(seeded: str, org: Org, arguments: tuple[str, ...]) -> None:
    example = scenarios()[Scenario.LINKED][0]
    assert example.record is not None
    before, touched = _counts(), org.opportunity(example.record)

    assert "nothing was changed" in run("seed_demo", *arguments)
    assert _counts() == before
    assert org.opportunity(example.record) == touched


def _counts() -> Counter[str]:
    models: list[type[Model]] = [*apps.get_app_config("console").get_models(), User]
    return Counter({model.__name__: model._default_manager.count() for model in models})


def test_if_empty_leaves_a_database_with_other_data_alone(local: Settings) -> None:
    make_account()

    assert "nothing was changed" in run("seed_demo", "--if-empty")
    assert not Opportunity.objects.exists()


def test_services_that_are_not_ours_are_refused(local: Settings) -> None:
    local.LOCAL = False

    with pytest.raises(CommandError, match="--force"):
        run("seed_demo")
    assert not Account.objects.exists()


def test_force_fills_them_but_lets_nobody_in(local: Settings) -> None:
    local.LOCAL = False
    run("seed_demo", "--force")

    assert Opportunity.objects.exists()
    assert not User.objects.exists()
    assert not ApiClient.objects.exists()


def test_a_real_org_is_never_filled(local: Settings) -> None:
    make_connection()

    with pytest.raises(CommandError, match="real Salesforce org"):
        run("seed_demo", "--force")
    assert not Opportunity.objects.exists()


def test_without_an_address_of_the_org_nothing_is_written(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCALORG_URL")

    with pytest.raises(CommandError, match="LOCALORG_URL"):
        run("seed_demo")
    assert not Account.objects.exists()


def test_when_the_org_does_not_answer_nothing_is_written(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("LOCALORG_URL", f"http://127.0.0.1:{port}")

    with pytest.raises(CommandError, match="cannot be reached"):
        run("seed_demo")
    assert not Account.objects.exists()


def test_when_the_org_refuses_a_record_nothing_is_written(local: Settings, org: Org) -> None:
    """Another record already has an external id that must be unique."""
    taken = build(date(2026, 1, 1)).accounts[0].mn_id
    org.load(Account=[{"Name": "Squatter", "monetize__Id__c": taken}])

    with pytest.raises(CommandError, match="DUPLICATE_VALUE"):
        run("seed_demo")
    assert not Account.objects.exists()
