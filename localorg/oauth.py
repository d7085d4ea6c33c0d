"""Tokens: client credentials, JWT bearer, and what an expired one is told.

Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow".
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt

from localorg import times
from localorg.errors import ApiError
from localorg.org import INTEGRATION_USER, ORGANIZATION_ID, Org
from localorg.schema import SCHEMA

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")


class GrantRefused(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.body = {"error": error, "error_description": description}


def token_answer(
    org: Org, form: Mapping[str, str], *, authorization: str, address: str
) -> dict[str, str]:
    """The body of a token response. GrantRefused when the grant is not good.

    `address`: where the org was asked; it is told as the instance's, so that a proxy may stand
    in front.
    """
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        _check_client(org, form, authorization)
        user_id = INTEGRATION_USER
    elif grant == JWT_BEARER:
        user_id = _asserted_user(org, form.get("assertion", ""))
    else:
        raise GrantRefused("unsupported_grant_type", "grant type not supported")
    return _issued(org, user_id, address=address)


def user_of(org: Org, authorization: str) -> str:
    """The user whom a bearer token stands for. ApiError 401 when it is unknown or expired."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        user_id = org.store.value(
            "SELECT user_id FROM token WHERE token = ? AND expires_at > ?",
            (token.strip(), times.now_exact()),
        )
        if user_id is not None:
            return str(user_id)
    raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def expire_all(org: Org) -> None:
    org.store.execute("DELETE FROM token")


def user_info(org: Org, user_id: str) -> dict[str, Any]:
    user = org.store.find(SCHEMA["user"], user_id) or {}
    return {
        "sub": f"{org.base_url}/id/{ORGANIZATION_ID}/{user_id}",
        "user_id": user_id,
        "organization_id": ORGANIZATION_ID,
        "preferred_username": user.get("Username"),
        "name": user.get("Name"),
        "email": user.get("Email"),
    }


def _issued(org: Org, user_id: str, *, address: str) -> dict[str, str]:
    token = f"{ORGANIZATION_ID[:15]}!{secrets.token_urlsafe(48)}"
    expires_at = times.later(seconds=org.settings.token_lifetime_seconds)
    with org.store.transaction():
        org.store.execute("DELETE FROM token WHERE expires_at <= ?", (times.now_exact(),))
        org.store.execute("INSERT INTO token VALUES (?, ?, ?)", (token, user_id, expires_at))
    identity = f"{org.base_url}/id/{ORGANIZATION_ID}/{user_id}"
    issued_at = str(int(time.time() * 1000))
    key = org.credentials.client_secret.encode()
    digest = hmac.new(key, (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": token,
        "instance_url": address,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
        "signature": base64.b64encode(digest).decode(),
    }


def _check_client(org: Org, form: Mapping[str, str], authorization: str) -> None:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        client_id, secret = _basic(authorization[6:])
    if client_id != org.credentials.client_id:
        raise GrantRefused("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(secret.encode(), org.credentials.client_secret.encode()):
        raise GrantRefused("invalid_client", "invalid client credentials")


def _basic(encoded: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise GrantRefused("invalid_client", "invalid client credentials") from None
    return name, secret


def _asserted_user(org: Org, assertion: str) -> str:
    if not org.credentials.jwt_public_key:
        raise GrantRefused("invalid_grant", "no certificate is registered for this client")
    try:
        claims = jwt.decode(
            assertion,
            org.credentials.jwt_public_key,
            algorithms=["RS256"],
            audience=[*LOGIN_HOSTS, org.base_url],
            issuer=org.credentials.client_id,
            options={"require": ["exp", "iss", "sub", "aud"]},
        )
    except jwt.InvalidAudienceError:
        raise GrantRefused("invalid_grant", "audience is invalid") from None
    except jwt.ExpiredSignatureError:
        raise GrantRefused("invalid_grant", "expired assertion") from None
    except jwt.InvalidTokenError as error:
        raise GrantRefused("invalid_grant", f"invalid assertion: {error}") from None
    found = org.store.value('SELECT "Id" FROM "User" WHERE "Username" = ?', (claims["sub"],))
    if found is None:
        raise GrantRefused("invalid_grant", "user hasn't approved this consumer")
    return str(found)
