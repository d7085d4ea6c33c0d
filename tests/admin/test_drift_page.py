"""The page of one row of drift: both values, why, and what mends it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from console import roles
from console.admin.base import list_of, page_of
from console.models import Drift
from syncrules.drift import Because, DriftField, Verdict, describe
from syncrules.line_reasons import LineReason
from syncrules.line_reasons import describe as describe_line
from syncrules.reasons import Reason
from syncrules.reasons import describe as describe_reason
from tests import builders
from tests.admin.reading import said_after, text
from tests.facts import NOON, push_facts, sf_id

pytestmark = pytest.mark.django_db


def test_both_values_stand_side_by_side_with_why_since_when_and_likely_who(
    viewer: Client,
) -> None:
    entry = builders.make_log_entry(push_facts())
    evidence = [["last written", "quote_0"], ["log entry", str(entry.pk)]]
    row = builders.make_drift(money=Decimal("2400.50"), currency="USD", evidence=evidence)

    page = viewer.get(page_of(row))
    words = text(page)

    told = describe(Because.CHANGED_THERE)
    for each in (told.title, told.explanation, told.remedy, "quote_1", "quote_2", "quote_0"):
        assert each in words
    for each in ("2,400.50 USD", "Blake Rivers", "02 Mar 2026, 12:00:00 UTC"):
        assert each in words
    assert page_of(entry) in page.content.decode()


@pytest.mark.parametrize("because", Because)
def test_every_reason_has_its_words_and_opens(operator: Client, because: Because) -> None:
    verdict = describe(because).verdict
    fields = {Because.RECORD_GONE: "record", Because.OTHER_ID: "link"}
    is_claim = verdict is Verdict.FOREIGN and because not in fields
    field = "claim" if is_claim else fields.get(because, "primary_quote")
    row = builders.make_drift(verdict=verdict, because=because, field=field)

    words = text(operator.get(page_of(row)))

    assert describe(because).title in words
    assert ("Repair by pushing again" in words) == (verdict is not Verdict.FOREIGN)


@pytest.mark.parametrize(
    ("because", "field", "label", "leads_to"),
    [
        (Because.RECORD_GONE, "record", "Unlink or change partner", "console_relink"),
        (Because.OTHER_ID, "link", "Unlink or change partner", "console_relink"),
        (Because.COPIED_ID, "claim", "Make it the partner", "console_relink"),
        (Because.ID_WITHOUT_PAIR, "claim", "Link the two", "console_opportunity_link"),
    ],
)
def test_what_is_foreign_leads_to_the_flow_that_helps(
    operator: Client, because: Because, field: str, label: str, leads_to: str
) -> None:
    row = builders.make_drift(verdict=Verdict.FOREIGN, because=because, field=field)

    page = operator.get(page_of(row)).content.decode()

    assert label in page
    assert reverse(f"admin:{leads_to}", args=[row.opportunity_id]) in page
    assert reverse("admin:console_explain_id", args=[row.salesforce_id]) in page


def test_a_stranger_without_an_opportunity_of_ours_has_no_button(operator: Client) -> None:
    row = builders.make_drift(verdict=Verdict.FOREIGN, because="unknown_id", field="claim")
    Drift.objects.update(opportunity=None)

    words = text(operator.get(page_of(row)))

    assert "Send the opportunity from MonetizeNow" in words
    assert "Compare this one now" not in words
    address = reverse("admin:console_drift_compare", args=[row.pk])
    said = said_after(operator, operator.post(address))
    assert "Only a comparison of everything" in said


def test_a_quote_of_theirs_that_is_known_here_can_be_taken(operator: Client) -> None:
    quote = builders.make_quote()
    row = builders.make_drift(opportunity=quote.opportunity, theirs=quote.mn_id)

    page = operator.get(page_of(row)).content.decode()

    assert "quote instead" in page
    assert f"quote={quote.mn_id}" in page


def test_the_pushs_own_decision_stands_on_the_row(viewer: Client) -> None:
    row = builders.make_drift()
    builders.make_log_entry(
        push_facts(), reason=Reason.ENTITY_FINALIZED, opportunity=row.opportunity
    )

    words = text(viewer.get(page_of(row)))

    told = describe_reason(Reason.ENTITY_FINALIZED)
    assert told.title in words
    assert told.remedy in words


def test_what_keeps_a_push_from_mending_a_line_is_told(viewer: Client) -> None:
    row = builders.make_drift(
        field="line",
        part="item_1",
        verdict="missing",
        because="never_written",
        theirs=None,
        obstacle=LineReason.PRICEBOOK_MISMATCH,
    )

    words = text(viewer.get(page_of(row)))

    told = describe_line(LineReason.PRICEBOOK_MISMATCH)
    assert told.title in words
    assert escape(told.remedy) in words


def test_other_rows_of_the_opportunity_are_listed(viewer: Client) -> None:
    row = builders.make_drift()
    other = builders.make_drift(opportunity=row.opportunity, field=DriftField.LINK)

    assert page_of(other) in viewer.get(page_of(row)).content.decode()


def test_a_closed_row_has_no_buttons(operator: Client) -> None:
    row = builders.make_drift(closed_at=NOON, closed_by=builders.make_run())

    words = text(operator.get(page_of(row)))

    assert "Both sides agree again" in words
    assert "Repair by pushing again" not in words


def test_lines_of_a_restricted_quote_are_shown_to_its_readers_alone(
    viewer: Client, administrator: Client
) -> None:
    quote = builders.make_quote(is_primary=True)
    quote.readers.add(Group.objects.get(name=roles.ADMINISTRATOR))
    row = builders.make_drift(
        opportunity=quote.opportunity,
        field=DriftField.TOTAL_PRICE,
        part="item_1",
        part_name="Secret product",
        ours="777.00",
        theirs="888.00",
        money=Decimal(111),
        currency="USD",
        salesforce_id=sf_id(),
    )
    builders.make_drift(opportunity=quote.opportunity)

    for address in (list_of(Drift, "field=total_price"), page_of(row)):
        hidden, shown = text(viewer.get(address)), text(administrator.get(address))
        for secret in ("777.00", "888.00", "Secret product"):
            assert secret not in hidden, address
            assert secret in shown, address
