"""Both ways into the local org, and the way back in."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from console.salesforce.client import Credentials, connect
from console.salesforce.gateway import (
    Gateway,
    Misconfigured,
)
from tests.org import Org
from tests.salesforce.orgs import LINK, applied, load_opportunities, org_with_key


def test_the_private_key_way_in_opens_the_org(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with org_with_key(tmp_path, public.decode()) as url:
        user = "integration@local.example"
        credentials = Credentials(url, "local-console", username=user, private_key=private)
        assert connect(credentials).describe_org().instance_url == url
        stranger = Credentials(url, "local-console", username="nobody", private_key=private)
        with pytest.raises(Misconfigured, match="invalid_grant"):
            connect(stranger).describe_org()


def test_a_wrong_secret_is_a_matter_for_a_person(org: Org) -> None:
    credentials = Credentials(org.url, org.server.client_id, client_secret="wrong-secret")
    with pytest.raises(Misconfigured, match="invalid_client") as failed:
        connect(credentials).describe_org()
    assert "wrong-secret" not in str(failed.value)


def test_a_token_that_expires_between_calls_costs_nothing(org: Org, org_gateway: Gateway) -> None:
    ids = load_opportunities(org, 1200)
    org.break_with(action="expire_tokens", path="composite", nth=2)
    results = org_gateway.update_opportunities({one: {LINK: one} for one in ids})
    assert [result.error for result in results.values()] == [None] * 1200
    assert applied(org) == ids
    assert org_gateway.calls == 3
