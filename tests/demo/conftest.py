"""A console that is filled as on the first start."""

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.org import Org


@pytest.fixture
def local(db: None, org: Org, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Services as `up` starts them, with an empty org and an empty database."""
    settings.LOCAL = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("LOCALORG_URL", org.url)
    monkeypatch.setenv("LOCALORG_CLIENT_ID", org.server.client_id)
    monkeypatch.setenv("LOCALORG_CLIENT_SECRET", org.server.client_secret)
    return settings


def run(command: str, *arguments: str) -> str:
    """What the command said."""
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def seeded(local: Settings) -> str:
    """Both sides filled; what `seed_demo` said."""
    return run("seed_demo")
