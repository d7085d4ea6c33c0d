"""What a page says to a person, and what its forms hold."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client


def text(answer: Any) -> str:
    """The words of a page in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.content.decode())
    assert found is not None, f"no hidden field {name}"
    return found[1]


def said_after(client: Client, answer: Any) -> str:
    """The words of the page that a button leads to."""
    assert answer.status_code == 302
    return text(client.get(answer["Location"]))
