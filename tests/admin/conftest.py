"""Browsers that are signed in, one for each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from console import roles
from tests import builders

ROLES = (roles.VIEWER, roles.OPERATOR, roles.ADMINISTRATOR)


@pytest.fixture
def signed_in(db: None) -> Callable[[str], Client]:
    """A browser for the role; "" is nobody, "stranger" is staff without any group."""

    def sign_in(role: str) -> Client:
        client = Client()
        if role:
            client.force_login(builders.make_user(f"{role}-person", role=_group(role)))
        return client

    return sign_in


def _group(role: str) -> str | None:
    return role if role in ROLES else None


@pytest.fixture
def viewer(signed_in: Callable[[str], Client]) -> Client:
    return signed_in(roles.VIEWER)


@pytest.fixture
def operator(signed_in: Callable[[str], Client]) -> Client:
    return signed_in(roles.OPERATOR)


@pytest.fixture
def administrator(signed_in: Callable[[str], Client]) -> Client:
    return signed_in(roles.ADMINISTRATOR)
