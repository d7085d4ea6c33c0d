from __future__ import annotations

import pytest

from console.salesforce.addresses import InvalidAddress, check_base_url, is_sandbox

GOOD = {
    "https://acme.my.salesforce.com": "https://acme.my.salesforce.com",
    "https://ACME.my.salesforce.com/": "https://acme.my.salesforce.com",
    "https://acme.my.salesforce.com:443": "https://acme.my.salesforce.com",
    "https://acme--uat.sandbox.my.salesforce.com": "https://acme--uat.sandbox.my.salesforce.com",
    "https://acme-dev-ed.develop.my.salesforce.com": (
        "https://acme-dev-ed.develop.my.salesforce.com"
    ),
    "https://quiet-1234.scratch.my.salesforce.com": "https://quiet-1234.scratch.my.salesforce.com",
    "http://127.0.0.1:8123": "http://127.0.0.1:8123",
    "http://127.0.0.1": "http://127.0.0.1",
    "http://localhost:8123/": "http://localhost:8123",
    "http://[::1]:8123": "http://[::1]:8123",
}

BAD = [
    "",
    "acme.my.salesforce.com",
    "//acme.my.salesforce.com",
    "http://acme.my.salesforce.com",
    "ftp://acme.my.salesforce.com",
    "file:///etc/passwd",
    "https://acme.my.salesforce.com:8443",
    "https://acme.my.salesforce.com:443:443",
    "https://acme.my.salesforce.com.",
    "https://acme.my.salesforce.com.evil.com",
    "https://evil.com/acme.my.salesforce.com",
    "https://evil.com#.my.salesforce.com",
    "https://evil.com?.my.salesforce.com",
    "https://evil.com\\.my.salesforce.com",
    "https://evil.com%2f.my.salesforce.com",
    "https://evil.com%00.my.salesforce.com",
    "https://user@acme.my.salesforce.com",
    "https://user:pass@acme.my.salesforce.com",
    "https://acme.my.salesforce.com@evil.com",
    "https://acme.my.salesforce.com/services",
    "https://acme.my.salesforce.com?x=1",
    "https://acme.my.salesforce.com#x",
    "https://acme.my.salesforce.com\n",
    "https://acme.my.salesforce.com\r\nHost: evil.com",
    " https://acme.my.salesforce.com",
    "https:// acme.my.salesforce.com",
    "https://acme\t.my.salesforce.com",
    "https://acme.lightning.force.com",
    "https://my.salesforce.com",
    "https://.my.salesforce.com",
    "https://-acme.my.salesforce.com",
    "https://a.b.my.salesforce.com",
    "https://acme.evil.my.salesforce.com",
    "https://evilmy.salesforce.com",
    "https://acme.my.salesforce.com.my",
    "https://аcme.my.salesforce.com",  # noqa: RUF001, a Cyrillic letter
    "https://acme.my.salesforce。com",
    "https://acme.my.ſalesforce.com",  # noqa: RUF001, folds to an s
    "https://xn--80ak6aa92e.com",
    "https://169.254.169.254",
    "http://169.254.169.254/latest/meta-data",
    "https://127.0.0.1:8123",
    "http://127.0.0.1.evil.com",
    "http://127.0.0.1:0",
    "http://127.0.0.1:70000",
    "http://127.0.0.1:8123/path",
    "http://127.0.0.999:80",
    "http://127.00.0.1",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0.0.0.0:8123",
    "http://10.0.0.1:8123",
    "http://[::]:8123",
    "http://[::ffff:127.0.0.1]:8123",
    "http://[fe80::1]:8123",
    "http://user@127.0.0.1:8123",
    "http://localhost.evil.com",
    "http://localtest.me:8123",
]


@pytest.mark.parametrize(("url", "expected"), GOOD.items())
def test_an_org_or_a_server_on_this_machine_is_accepted(url: str, expected: str) -> None:
    assert check_base_url(url) == expected


@pytest.mark.parametrize("url", BAD)
def test_anything_else_is_refused_with_the_accepted_form(url: str) -> None:
    with pytest.raises(InvalidAddress, match=r"https://acme\.my\.salesforce\.com"):
        check_base_url(url)


def test_a_long_address_is_shown_shortened() -> None:
    with pytest.raises(InvalidAddress) as refused:
        check_base_url("https://" + "x" * 500)
    assert len(str(refused.value)) < 250


def test_sandboxes_are_told_from_production() -> None:
    assert is_sandbox("https://acme--uat.sandbox.my.salesforce.com")
    assert is_sandbox("https://quiet-1234.scratch.my.salesforce.com")
    assert not is_sandbox("https://acme.my.salesforce.com")
    assert not is_sandbox("https://acme-dev-ed.develop.my.salesforce.com")
