"""The explain pages in tests: their addresses, their text, and what a button says."""

from __future__ import annotations

from django.test import Client


def address(subject: str, key: str = "") -> str:
    return f"/admin/explain/{subject}/{key}{'/' if key else ''}"


def text(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def pressed(client: Client, path: str) -> str:
    """What is said after the button; the page it leads to is shown."""
    answer = client.post(path, follow=True)
    assert answer.redirect_chain[0][1] == 302
    return str(next(iter(answer.context["messages"])))
