"""Reading a page as a test does: its address, its text, one of its buttons."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from console.models import Opportunity


def link_page(opportunity: Opportunity) -> str:
    return reverse("admin:console_opportunity_link", args=[opportunity.pk])


def primary_page(opportunity: Opportunity) -> str:
    return reverse("admin:console_opportunity_primary", args=[opportunity.pk])


def text(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def button(page: str, label: str) -> str:
    """The opening tag of the button with this label."""
    found = re.search(rf"<button[^>]*>(?:(?!</button>).)*{re.escape(label)}", page, re.DOTALL)
    assert found, label
    return found.group().partition(">")[0]
