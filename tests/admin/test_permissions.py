"""Who may open and press what: the matrix as data, every cell asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from console import roles
from console.admin.base import list_of, page_of
from console.models import ApiClient, Drift, OutboundPush, SalesforceConnection
from tests import builders
from tests.admin.book import FOR_ADMINISTRATORS, FOR_EVERYBODY, make_book

NOBODY, STRANGER = "", "stranger"
READERS = (roles.VIEWER, roles.OPERATOR, roles.ADMINISTRATOR)
SignIn = Callable[[str], Client]

MAY_READ: list[tuple[type[Model], tuple[str, ...]]] = [
    *((model, READERS) for model in FOR_EVERYBODY),
    *((model, (roles.ADMINISTRATOR,)) for model in FOR_ADMINISTRATORS),
    (User, (roles.ADMINISTRATOR,)),
    (Group, (roles.ADMINISTRATOR,)),
]
MAY_PRESS = {
    "console_opportunity_push": (roles.OPERATOR, roles.ADMINISTRATOR),
    "console_outboundpush_push_again": (roles.OPERATOR, roles.ADMINISTRATOR),
    "console_drift_repair": (roles.OPERATOR, roles.ADMINISTRATOR),
    "console_drift_compare": (roles.OPERATOR, roles.ADMINISTRATOR),
    "console_reconcile": (roles.OPERATOR, roles.ADMINISTRATOR),
    "console_salesforceconnection_check": (roles.ADMINISTRATOR,),
    "console_apiclient_rotate": (roles.ADMINISTRATOR,),
    "console_apiclient_retire": (roles.ADMINISTRATOR,),
}
EVERYONE = (NOBODY, STRANGER, *READERS)


@pytest.mark.parametrize("role", EVERYONE)
def test_lists_and_pages_open_for_those_who_may_read_them(signed_in: SignIn, role: str) -> None:
    book = make_book()
    client = signed_in(role)
    rows: dict[type[Model], Model] = {
        **book.rows,
        User: builders.make_user("somebody"),
        Group: Group.objects.get(name=roles.VIEWER),
    }

    for model, readers in MAY_READ:
        expected = 302 if role == NOBODY else 200 if role in readers else 403
        assert client.get(list_of(model)).status_code == expected, (model, role)
        assert client.get(page_of(rows[model])).status_code == expected, (model, role)


@pytest.mark.parametrize("role", EVERYONE)
@pytest.mark.parametrize("name", MAY_PRESS)
def test_buttons_work_for_those_who_may_press_them(signed_in: SignIn, role: str, name: str) -> None:
    address = _button(name)
    client = signed_in(role)

    answer = client.post(address)

    if role == NOBODY:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))
    elif role in MAY_PRESS[name]:
        assert answer.status_code in (200, 302)
    else:
        assert answer.status_code == 403
        assert "You need the right to" in answer.content.decode()


@pytest.mark.parametrize("name", MAY_PRESS)
def test_a_button_answers_to_post_alone(administrator: Client, name: str) -> None:
    address = _button(name)

    assert administrator.get(address).status_code == 405
    assert administrator.head(address).status_code == 405


@pytest.mark.parametrize("name", MAY_PRESS)
def test_a_button_wants_the_csrf_token(name: str, administrator: Client) -> None:
    address = _button(name)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username__startswith="administrator"))

    assert strict.post(address).status_code == 403


@pytest.mark.parametrize("model", FOR_EVERYBODY)
def test_what_mn_or_history_owns_cannot_be_edited_here(
    administrator: Client, model: type[Model]
) -> None:
    book = make_book()
    kind = f"admin:console_{model._meta.model_name}"

    assert administrator.post(book.page(model), {"name": "changed"}).status_code == 405
    assert administrator.post(reverse(f"{kind}_add"), {"name": "new"}).status_code == 403
    gone = reverse(f"{kind}_delete", args=[book.rows[model].pk])
    assert administrator.post(gone, {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=book.rows[model].pk).exists()  # type: ignore[attr-defined]


def test_a_page_shows_why_its_button_is_closed(viewer: Client) -> None:
    book = make_book()

    page = viewer.get(page_of(book.opportunity)).content.decode()

    assert "You need the right to push to Salesforce" in page
    assert "“operator”" in page


def test_nobody_is_sent_to_the_sign_in_page_and_back(signed_in: SignIn) -> None:
    answer = signed_in(NOBODY).get(reverse("admin:index"))

    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('admin:login')}?next={reverse('admin:index')}"


def test_the_queue_pages_of_django_rq_are_not_there(administrator: Client) -> None:
    for path in ("/django-rq/", "/admin/django_rq/", "/admin/django_rq/queue/"):
        assert administrator.get(path).status_code == 404


def _button(name: str) -> str:
    book = make_book()
    target: Model | None = {
        "console_opportunity_push": book.opportunity,
        "console_drift_repair": book.rows[Drift],
        "console_drift_compare": book.rows[Drift],
        "console_reconcile": None,
        "console_outboundpush_push_again": book.rows[OutboundPush],
        "console_salesforceconnection_check": book.rows[SalesforceConnection],
        "console_apiclient_rotate": book.rows[ApiClient],
        "console_apiclient_retire": book.rows[ApiClient],
    }[name]
    return reverse(f"admin:{name}", args=[target.pk] if target else [])
