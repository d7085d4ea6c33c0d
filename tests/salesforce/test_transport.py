"""What a session to a real org will not do."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from console.salesforce import network
from console.salesforce.gateway import Misconfigured
from console.salesforce.transport import MeteredSession, Timeouts

REAL = "https://acme.my.salesforce.com"


@pytest.fixture
def session() -> Iterator[MeteredSession]:
    with MeteredSession(REAL, timeouts=Timeouts(connect=2, read=2)) as session:
        yield session


class Quiet(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """The client that refuses our certificate is what the test is about."""


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose certificate nobody vouches for."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    pem = tmp_path / "stranger.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_certificate_nobody_vouches_for_is_refused(
    session: MeteredSession, stranger: str
) -> None:
    with pytest.raises(requests.exceptions.SSLError) as refused:
        session.get(stranger)
    found = network.of_failure(refused.value)
    assert (type(found), found.code) == (Misconfigured, "CERTIFICATE_REFUSED")


def test_nothing_travels_unencrypted(session: MeteredSession) -> None:
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get("http://127.0.0.1:9/")


def test_a_netrc_entry_does_not_replace_the_token(
    session: MeteredSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.my.salesforce.com login ann password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    asked = requests.Request("GET", f"{REAL}/x", headers={"Authorization": "Bearer token"})
    assert session.prepare_request(asked).headers["Authorization"] == "Bearer token"
