"""The formula editor: what it says as somebody types, and what saving leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from console import roles
from console.admin.base import page_of
from console.models import AmountField, OutboundPush
from tests.formula_fields import DOCUMENT, SLOW, make_formula, text_of, typed
from tests.portfolio import (
    document_ramp,
    licence,
    make_amount_field,
    make_linked,
    make_revision,
    one_time,
)

pytestmark = pytest.mark.django_db

ADD: Final = "admin:console_amountfield_add"
OWN: Final = "Deal_Value__c"


def check(client: Client, **changes: str) -> str:
    answer = client.post(reverse("admin:console_amountfield_check"), typed(**changes))
    assert answer.status_code == 200
    return text_of(answer)


def edit(row: AmountField) -> str:
    return reverse("admin:console_amountfield_edit", args=[row.pk])


# --- As somebody types ---------------------------------------------------------------------------


def test_an_error_is_shown_at_its_place_with_a_suggestion(administrator: Client) -> None:
    page = check(administrator, formula="1 +\r\n monetize__Amuont__c")

    assert "Line 2, column 2." in page
    assert "There is no field monetize__Amuont__c." in page
    assert "monetize__Amuont__c\n ^" in page
    assert 'data-replace="monetize__Amount__c" data-start="5" data-end="24"' in page
    assert 'data-goto="5"' in page


def test_places_are_counted_as_a_browser_counts(administrator: Client) -> None:
    page = check(administrator, formula='LEN("😀") + Nowhere__c')

    assert 'data-goto="12"' in page


def test_the_suggestion_mends_the_end_of_a_longer_name(administrator: Client) -> None:
    page = check(administrator, formula="LEN(monetize__Product__r.Nmae)")

    assert 'data-replace="Name" data-start="25" data-end="29"' in page


def test_a_formula_is_tried_out_on_real_lines(administrator: Client) -> None:
    document_ramp(make_linked(name="Aurora ramp"))
    one_time(make_linked(name="Borealis set-up"))

    page = check(administrator)

    assert "It compiles and gives an amount." in page
    assert "<strong>2</strong> above zero" in page
    assert "<strong>2</strong> zero" in page
    assert "Of 4 lines on primary quotes" in page
    assert "1 would get another amount" in page
    assert "Borealis set-up" in page
    assert "12,000.00 USD" in page
    assert 'title="monetize__Product__r.monetize__ProductType__c">ProductType<' in page


def test_each_kind_of_result_is_counted(administrator: Client) -> None:
    quote = make_linked()
    for amount in (1, 2, 3, 4):
        licence(quote, amount=amount)

    page = check(
        administrator,
        formula="CASE(monetize__Amount__c, 1, -5, 2, NULL, 3, 0, 7)",
    )

    for count in ("1</strong> above zero", "1</strong> zero", "1</strong> negative"):
        assert f"<strong>{count}" in page
    assert "<strong>1</strong> blank" in page
    assert "<strong>0</strong> #Error!" in page


def test_an_error_of_a_line_says_why(administrator: Client) -> None:
    licence(make_linked())

    page = check(administrator, formula="monetize__Amount__c / 0")

    assert "<strong>1</strong> #Error!" in page
    assert "Division by zero." in page


def test_a_field_that_was_never_read_is_not_taken_for_blank(administrator: Client) -> None:
    make_amount_field("Uplift__c")
    licence(make_linked())

    page = check(administrator, formula="monetize__Amount__c + Uplift__c")

    assert "<strong>1</strong> not read from Salesforce yet" in page


def test_lines_that_one_may_not_read_are_not_among_them(signed_in: Callable[[str], Client]) -> None:
    quote = make_linked(name="Hidden deal")
    one_time(quote)
    quote.readers.add(Group.objects.create(name="board"))

    page = check(signed_in(roles.ADMINISTRATOR))

    assert "Hidden deal" not in page
    assert "There is no such line to try it on yet." in page


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (SLOW, "Time ran out before the others."),
        (SLOW.replace("monetize__Id__c", '"b"'), "It takes too long."),  # while compiling
        ("(" * 3_900, "The formula ends too early"),
        ("9^9^9^9", "<strong>1</strong> #Error!"),
        ("x" * 100_000, "A formula may have 3,900 characters"),
        ("/*" * 1_900, "This comment is not closed."),
        ("\x00\ud7ff\u2028", "has no meaning in a formula."),
        ("REGEX('a', '((a{1000}){1000}){1000}')", "The regular expression is wrong"),
    ],
)
def test_a_hostile_text_gets_an_answer(administrator: Client, formula: str, said: str) -> None:
    one_time(make_linked())

    assert said in check(administrator, formula=formula)


def test_an_empty_formula_is_no_error_yet(administrator: Client) -> None:
    page = check(administrator, formula="  ")

    assert "Write a formula, or start from the example." in page
    assert "data-error" not in page


def test_a_name_that_is_taken_is_said_while_typing(administrator: Client) -> None:
    make_amount_field("Deal_value__c")

    assert "There is a field of that name" in check(administrator)
    assert "There is a field of that name" not in check(administrator, instead_of="7")


# --- Saving --------------------------------------------------------------------------------------


def test_a_new_field_is_saved_and_shown(administrator: Client) -> None:
    answer = administrator.post(reverse(ADD), typed(), follow=True)

    row = AmountField.objects.get()
    page = text_of(answer)
    assert answer.redirect_chain == [(page_of(row), 302)]
    assert "Deal value, version 1, is saved. No product in Salesforce changes by it." in page
    assert DOCUMENT in page
    assert LogEntry.objects.get().change_message == "Version 1: finance asked"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"formula": "monetize__Amount__c +"}, "The formula ends too early."),
        ({"formula": '"12"'}, "yields Text, but must return Currency."),
        ({"name": "Own"}, "API name: Such as My_Amount__c."),
        ({"why": ""}, "Reason: Say why"),
        ({"blanks": "sometimes"}, "is not a valid choice"),
        ({"formula": ""}, "The formula is empty."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(
    administrator: Client, changes: dict[str, str], said: str
) -> None:
    page = text_of(administrator.post(reverse(ADD), typed(**changes)))

    assert "It was not saved" in page
    assert said in page
    assert f'value="{typed(**changes)["name"]}"' in page
    assert not AmountField.objects.exists()


def test_an_edit_of_the_field_in_force_pushes_what_it_changes(administrator: Client) -> None:
    one_time(make_linked())
    row = make_formula()
    make_revision(amount_field=OWN)
    changed = typed(formula="1", instead_of=str(row.pk))

    shown = text_of(administrator.get(edit(row)))
    page = text_of(administrator.post(edit(row), changed | {"push": "on"}, follow=True))

    assert "Amounts come from this field now" in shown
    assert 'name="push" checked' in shown
    assert "Opportunities that are pushed again: 1." in page
    assert OutboundPush.objects.get().trigger == "formula_changed"


def test_without_a_push_the_opportunities_are_said_to_be_stale(administrator: Client) -> None:
    one_time(make_linked())
    row = make_formula()
    make_revision(amount_field=OWN)

    page = text_of(
        administrator.post(edit(row), typed(formula="1", instead_of=str(row.pk)), follow=True)
    )

    assert "stale until their next push: 1." in page
    assert not OutboundPush.objects.exists()


def test_an_edit_that_somebody_overtook_is_refused(administrator: Client) -> None:
    row = make_formula()
    administrator.post(edit(row), typed(formula="1", instead_of=str(row.pk)))

    page = text_of(administrator.post(edit(row), typed(formula="2", instead_of=str(row.pk))))

    assert "Somebody saved this field after the page was shown." in page
    assert AmountField.objects.get(is_current=True).formula == "1"


def test_an_older_version_can_be_brought_back(administrator: Client) -> None:
    first = make_formula()
    administrator.post(edit(first), typed(formula="1", instead_of=str(first.pk)))

    old = text_of(administrator.get(page_of(first)))
    form_shown = text_of(administrator.get(f"{edit(first)}?version=1"))

    assert "This is version 1." in old
    assert "Go back to version 1" in old
    assert DOCUMENT in form_shown
    assert "Back to version 1" in form_shown


@pytest.mark.parametrize("version", ["9", "x", "²", "9" * 400])
def test_a_version_that_is_none_shows_the_one_in_force(administrator: Client, version: str) -> None:
    row = make_formula()

    assert DOCUMENT in text_of(administrator.get(f"{edit(row)}?version={version}"))


def test_a_field_of_salesforce_has_no_editor(administrator: Client) -> None:
    assert administrator.get(edit(make_amount_field())).status_code == 404
