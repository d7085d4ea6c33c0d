"""The list of drift: sums and the last comparison above it, filters, search, and repairs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.admin.base import list_of
from console.models import Drift, OutboundPush, ReconcileRun
from syncrules.drift import DriftField, Verdict
from syncrules.reasons import Reason, describe
from tests import builders
from tests.admin.reading import said_after, text
from tests.facts import NOON

pytestmark = pytest.mark.django_db
State = OutboundPush.State


def listed(client: Client, query: str = "") -> list[str]:
    """The names of the rows."""
    page = client.get(list_of(Drift, query)).content.decode()
    return [row.name for row in Drift.objects.order_by("-pk") if f">{row.name}<" in page]


def drift(name: str, **columns: Any) -> Drift:
    return builders.make_drift(opportunity=builders.make_opportunity(name=name), **columns)


# --- The list ------------------------------------------------------------------------------------


def test_the_sums_of_money_stand_above_the_list_by_verdict_and_currency(viewer: Client) -> None:
    for amount, currency in ((1000, "USD"), (234, "USD"), (70, "EUR")):
        builders.make_drift(money=Decimal(amount), currency=currency)
    builders.make_drift(verdict=Verdict.MISSING, because="emptied")

    words = text(viewer.get(list_of(Drift)))

    assert "70.00 EUR" in words
    assert "1,234.00 USD" in words
    for verdict, count in (("Theirs changed", 3), ("Missing", 1), ("Foreign", 0)):
        assert f"{verdict} {count} " in words


def test_the_last_comparison_is_told_with_its_counts(viewer: Client) -> None:
    builders.make_run(compared=43, equal=40, missing=3, calls=5)

    words = text(viewer.get(list_of(Drift)))

    assert "Last compared" in words
    for told in ("Pairs compared 43", "Equal 40", "Missing 3", "API calls 5"):
        assert told in words


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"state": "running", "finished_at": None}, "is under way"),
        ({"state": "running", "finished_at": None, "detail": "no room"}, "waits"),
        ({"state": "failed", "detail": "No such column 'Amount'"}, "was given up"),
    ],
)
def test_a_comparison_that_has_not_ended_well_says_so(
    viewer: Client, columns: dict[str, Any], told: str
) -> None:
    builders.make_run(**columns)

    words = text(viewer.get(list_of(Drift)))

    assert told in words
    assert columns.get("detail", "").partition("'")[0] in words


def test_before_the_first_comparison_the_page_says_when_it_comes(viewer: Client) -> None:
    assert "Nothing was compared yet" in text(viewer.get(list_of(Drift)))


def test_it_opens_with_what_is_open_and_filters_by_verdict_field_and_repair(
    viewer: Client,
) -> None:
    push = builders.make_push(state=State.PARKED)
    drift("Aurora")
    drift("Borealis", verdict=Verdict.MISSING, because="emptied", field=DriftField.LINK, push=push)
    drift("Closed", closed_at=NOON, closed_by=builders.make_run())

    assert listed(viewer) == ["Borealis", "Aurora"]
    assert listed(viewer, "state=closed") == ["Closed"]
    assert listed(viewer, "state=all") == ["Closed", "Borealis", "Aurora"]
    assert listed(viewer, "verdict=missing") == ["Borealis"]
    assert listed(viewer, "field=primary_quote") == ["Aurora"]
    assert listed(viewer, "repair=standing") == ["Borealis"]
    assert listed(viewer, "repair=none") == ["Aurora"]


def test_it_is_searched_by_name_mn_id_and_salesforce_id(viewer: Client) -> None:
    row = drift("Aurora renewal")
    drift("Something else")

    for term in ("aurora", row.mn_id, row.salesforce_id, row.salesforce_id[:15]):
        assert listed(viewer, f"q={term}") == ["Aurora renewal"], term


def test_a_repair_under_way_is_shown_on_the_row_with_what_it_met(viewer: Client) -> None:
    push = builders.make_push(state=State.PARKED, reason=Reason.REJECTED_BY_SALESFORCE)
    builders.make_drift(push=push)

    words = text(viewer.get(list_of(Drift)))

    assert f"Set aside {describe(Reason.REJECTED_BY_SALESFORCE).title}" in words


def test_the_overview_leads_to_it(viewer: Client) -> None:
    row = builders.make_drift()
    builders.make_drift(salesforce_id=row.salesforce_id, field=DriftField.LINK)

    page = viewer.get(reverse("admin:index"))

    assert "Drift 1 record drifted" in text(page)
    assert list_of(Drift) in page.content.decode()


# --- Buttons -------------------------------------------------------------------------------------


def test_compare_now_asks_for_a_run_and_is_closed_while_one_is_under_way(operator: Client) -> None:
    said = said_after(operator, operator.post(reverse("admin:console_reconcile")))

    run = ReconcileRun.objects.get()
    assert (run.state, run.trigger, run.actor_name, run.only) == (
        *("running", "compare_button", "operator-person", None),
    )
    assert "goes through all pairs" in said
    assert "A comparison is under way." in said


def test_the_chosen_rows_are_repaired_in_bulk(operator: Client) -> None:
    rows = [builders.make_drift() for _ in range(3)]
    foreign = builders.make_drift(verdict=Verdict.FOREIGN, because="record_gone", field="record")
    chosen = {"action": "repair_chosen", "_selected_action": [row.pk for row in (*rows, foreign)]}

    said = said_after(operator, operator.post(list_of(Drift), chosen))

    assert "3 opportunities are pushed again" in said
    pushes = OutboundPush.objects.all()
    assert {(each.lane, each.urgency, each.trigger) for each in pushes} == {
        ("link", 2, "reconcile")
    }
    assert {each.actor_name for each in pushes} == {"operator-person"}


def test_one_row_is_repaired_as_a_click(operator: Client) -> None:
    row = builders.make_drift(field=DriftField.QUANTITY, part="item_1", ours="1", theirs="2")

    said = said_after(operator, operator.post(_button(row, "repair")))

    push = OutboundPush.objects.get()
    assert (push.lane, push.urgency) == ("products", 0)
    assert "1 opportunity is pushed again" in said
    assert "A push is on its way already." in said


def test_what_no_push_mends_says_so(operator: Client) -> None:
    row = builders.make_drift(verdict=Verdict.FOREIGN, because="record_gone", field="record")

    said = said_after(operator, operator.post(_button(row, "repair")))

    assert "No push can mend this" in said
    assert not OutboundPush.objects.exists()


def test_one_opportunity_is_compared_again_from_its_row(operator: Client) -> None:
    row = builders.make_drift()

    said = said_after(operator, operator.post(_button(row, "compare")))

    assert ReconcileRun.objects.latest("pk").only == [row.opportunity_id]
    assert "compared anew" in said


def test_who_may_only_look_has_no_bulk_action_and_sees_why(viewer: Client) -> None:
    row = builders.make_drift()
    chosen = {"action": "repair_chosen", "_selected_action": [row.pk]}

    viewer.post(list_of(Drift), chosen)

    assert not OutboundPush.objects.exists()
    assert "You need the right to compare both sides" in text(viewer.get(list_of(Drift)))


def _button(row: Drift, name: str) -> str:
    return reverse(f"admin:console_drift_{name}", args=[row.pk])
