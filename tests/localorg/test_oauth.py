"""Signing in: who gets a token, who does not, and what an old token is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.exceptions import SalesforceExpiredSession

from localorg.ids import normalised
from tests.localorg.process import CLIENT, Client, LocalOrg

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(org: LocalOrg, auth: tuple[str, str] | None = None, **form: str) -> requests.Response:
    return requests.post(f"{org.url}/services/oauth2/token", data=form, auth=auth, timeout=10)


def test_client_credentials_come_by_header_or_by_form(local: LocalOrg) -> None:
    by_header = ask(local, CLIENT, grant_type="client_credentials")
    by_form = ask(
        local,
        grant_type="client_credentials",
        client_id="local-console",
        client_secret="local-secret",
    )

    for answer in (by_header, by_form):
        assert answer.status_code == 200
        body = answer.json()
        assert body["instance_url"] == local.url
        assert body["token_type"] == "Bearer"
        assert abs(int(body["issued_at"]) / 1000 - time.time()) < 60
        assert body["signature"]
        organization_id, user_id = body["id"].removeprefix(f"{local.url}/id/").split("/")
        assert normalised(organization_id) == organization_id
        assert organization_id.startswith("00D")
        assert user_id.startswith("005")


def test_the_instance_is_where_the_org_was_asked(local: LocalOrg) -> None:
    """As somebody in front of it asks, such as a proxy."""
    answer = requests.post(
        f"{local.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=CLIENT,
        headers={"Host": "127.0.0.2:8901"},
        timeout=10,
    )

    assert answer.json()["instance_url"] == "http://127.0.0.2:8901"


@pytest.mark.parametrize(
    ("auth", "form", "error"),
    [
        (("local-console", "wrong"), {"grant_type": "client_credentials"}, "invalid_client"),
        (("nobody", "local-secret"), {"grant_type": "client_credentials"}, "invalid_client_id"),
        (None, {"grant_type": "client_credentials"}, "invalid_client_id"),
        (CLIENT, {"grant_type": "password"}, "unsupported_grant_type"),
        (None, {"grant_type": JWT_BEARER, "assertion": "x.y.z"}, "invalid_grant"),
    ],
)
def test_a_bad_grant_is_refused(
    local: LocalOrg, auth: tuple[str, str] | None, form: dict[str, str], error: str
) -> None:
    answer = ask(local, auth, **form)

    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_an_unknown_token_is_an_expired_session(client: Client) -> None:
    answer = client.raw("GET", "limits", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_tokens_end_with_their_lifetime(local: LocalOrg) -> None:
    local.set(token_lifetime_seconds=0)
    client = Client(local)

    with pytest.raises(SalesforceExpiredSession):
        client.sf.limits()
    client.close()


def test_all_tokens_can_be_expired_at_once(client: Client) -> None:
    client.org.control("POST", "expire-tokens")

    assert client.error("GET", "limits") == (401, "INVALID_SESSION_ID")


def test_user_info_names_the_organization(client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = requests.get(
        f"{client.org.url}/services/oauth2/userinfo", headers=headers, timeout=10
    ).json()

    assert answer["organization_id"].startswith("00D")
    assert answer["name"] == "Integration User"


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def with_key(
    private_key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalOrg]:
    folder: Path = tmp_path_factory.mktemp("jwt")
    public = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "key.pem").write_bytes(public)
    running = LocalOrg(folder / "org.db", "--jwt-public-key", str(folder / "key.pem"))
    yield running
    running.end()


def assertion(key: rsa.RSAPrivateKey, **changes: Any) -> str:
    claims = {
        "iss": "local-console",
        "sub": "integration@local.example",
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    return jwt.encode({**claims, **changes}, key, algorithm="RS256")


def test_a_signed_assertion_gets_a_token(
    with_key: LocalOrg, private_key: rsa.RSAPrivateKey
) -> None:
    answer = ask(with_key, grant_type=JWT_BEARER, assertion=assertion(private_key))

    assert answer.status_code == 200
    assert answer.json()["access_token"].startswith("00D")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"exp": 1},
        {"iss": "somebody"},
        {"sub": "nobody@local.example"},
    ],
)
def test_a_wrong_claim_is_an_invalid_grant(
    with_key: LocalOrg, private_key: rsa.RSAPrivateKey, changes: dict[str, Any]
) -> None:
    answer = ask(with_key, grant_type=JWT_BEARER, assertion=assertion(private_key, **changes))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_another_key_is_an_invalid_grant(with_key: LocalOrg) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    answer = ask(with_key, grant_type=JWT_BEARER, assertion=assertion(stranger))

    assert answer.json()["error"] == "invalid_grant"
