"""Logging in: one token per org and process, fetched once however many threads need it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from typing import Final

import jwt
import requests

from console.salesforce import errors, network, shapes
from console.salesforce.addresses import InvalidAddress, check_base_url, is_local, is_sandbox
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import Misconfigured, SalesforceError
from console.salesforce.sessions import Keeper, Kept, Token, read, written

_JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT_LIFETIME_SECONDS: Final = 180


ALL_FIELDS: Final = frozenset({"CurrencyIsoCode", "SyncedQuoteId"})
"""Fields that depend on what the org has switched on: of every record, of an opportunity."""


class Login:
    """The present token of one set of credentials, and what is known of its org.

    A token lasts until Salesforce refuses it; when that will be, it does not say.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.optional_fields = ALL_FIELDS
        """Until a query says otherwise: each org is asked once."""
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._taken_over: Token | None = None
        self._refusal: SalesforceError | None = None
        self._attempts = 0

    def token(self, session: requests.Session, *, keeper: Keeper | None) -> Token:
        """The present token, one that another process has kept, or that of a first log-in.

        Errors: Misconfigured when the log-in is refused, Unavailable when it is not answered.
        """
        return self._token or self.renewed(session, instead_of=None, keeper=keeper)

    def renewed(
        self, session: requests.Session, *, instead_of: Token | None, keeper: Keeper | None
    ) -> Token:
        """A token other than the one that was refused."""
        attempts_before = self._attempts
        with self._lock:
            if self._attempts != attempts_before:
                # Another thread tried while this one waited. Its outcome is ours, a refusal too:
                # a burst of failing log-ins can lock the user out.
                return self._outcome()
            if self._token is not None and self._token != instead_of:
                return self._token
            if not self._take_over(keeper, instead_of=instead_of):
                self._log_in(session)
                self.keep(keeper)
            self._attempts += 1
            return self._outcome()

    def is_of_its_own(self, token: Token) -> bool:
        """Whether it comes from a log-in here. One that was taken over may have long expired."""
        return token != self._taken_over

    def keep(self, keeper: Keeper | None) -> None:
        """Hands the token, and what was learned with it, to other processes."""
        if keeper is not None and self._token is not None:
            kept = Kept(self._token, self.optional_fields)
            keeper.save(written(kept, credentials=self.credentials))

    def _take_over(self, keeper: Keeper | None, *, instead_of: Token | None) -> bool:
        kept = read(keeper.load(), credentials=self.credentials) if keeper else None
        if kept is None or kept.token == instead_of:
            return False
        self._token, self._refusal = kept.token, None
        self._taken_over = kept.token
        self.optional_fields = kept.optional_fields
        return True

    def _log_in(self, session: requests.Session) -> None:
        try:
            self._token, self._refusal = _log_in(self.credentials, session), None
        except SalesforceError as error:
            self._token, self._refusal = None, error
        # An administrator may have switched something on since the last log-in.
        self.optional_fields = ALL_FIELDS

    def _outcome(self) -> Token:
        if self._token is not None:
            return self._token
        assert self._refusal is not None, "an attempt leaves a token or a refusal"
        # Not as unanswered: what was to be asked with the token was not.
        raise type(self._refusal)(self._refusal.code, self._refusal.words)


class _Logins:
    """The logins of this process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Credentials, Login] = {}

    def of(self, credentials: Credentials) -> Login:
        with self._lock:
            return self._known.setdefault(credentials, Login(credentials))


_logins: Final = _Logins()
# A worker forks for its jobs; a lock held at that moment would stay held in the child for ever.
os.register_at_fork(after_in_child=_logins.forget)

login_of = _logins.of


def _log_in(credentials: Credentials, session: requests.Session) -> Token:
    problem: SalesforceError
    try:
        response = session.post(
            f"{credentials.base_url}/services/oauth2/token",
            data=_grant(credentials),
            auth=_basic_auth(credentials),
        )
        body = response.json() if response.status_code == 200 else _error_body(response)
    except network.FAILURES as error:
        problem = network.of_failure(error)
    else:
        if response.status_code == 200:
            return _token(body, credentials)
        problem = errors.of_login(response.status_code, body)
    # Outside the except block, so that no traceback leads to the request and its secret.
    raise problem


def _grant(credentials: Credentials) -> Mapping[str, str]:
    if credentials.client_secret is not None:
        return {"grant_type": "client_credentials"}
    return {"grant_type": _JWT_GRANT, "assertion": _assertion(credentials)}


def _basic_auth(credentials: Credentials) -> tuple[str, str] | None:
    if credentials.client_secret is None:
        return None
    return (credentials.client_id, credentials.client_secret)


def _assertion(credentials: Credentials) -> str:
    audience = "https://login.salesforce.com"
    if is_sandbox(credentials.base_url):
        audience = "https://test.salesforce.com"
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.username,
        "aud": audience,
        "exp": int(time.time()) + _JWT_LIFETIME_SECONDS,
    }
    # What PyJWT says of an unusable key may quote it.
    with contextlib.suppress(ValueError, TypeError, jwt.PyJWTError):
        return jwt.encode(claims, credentials.private_key or "", algorithm="RS256")
    raise Misconfigured("INVALID_PRIVATE_KEY", "the private key is not an RSA key in PEM form")


def _token(body: object, credentials: Credentials) -> Token:
    """The token, if the instance it is for may be trusted with it."""
    answer = shapes.mapping(body, "token answer")
    instance = shapes.text(answer.get("instance_url"), "instance_url")
    try:
        instance_url = check_base_url(instance)
    except InvalidAddress as error:
        raise Misconfigured("FOREIGN_INSTANCE", str(error)) from None
    if is_local(instance_url) != is_local(credentials.base_url):
        words = f"{credentials.base_url} sends us to {instance_url}"
        raise Misconfigured("FOREIGN_INSTANCE", words)
    return Token(shapes.text(answer.get("access_token"), "access_token"), instance_url)


def _error_body(response: requests.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return response.text
