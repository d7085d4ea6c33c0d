"""Overrides are set with a reason, line by line or many at once, and never on a finalized quote."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from console import overrides
from console.actor import Actor
from console.models import OutboundPush, Quote, QuoteItem
from console.overrides import Wish
from syncrules.line_facts import Override
from tests import builders
from tests.portfolio import licence, make_linked, opportunity_of

pytestmark = pytest.mark.django_db

VERA = Actor("vera", reads_everything=True)


@pytest.fixture
def item(db: None) -> QuoteItem:
    return licence(make_linked())


def _never(item: QuoteItem, **changes: str) -> Wish:
    return Wish(item.mn_id, **{"override": Override.NEVER, "reason": "billed elsewhere", **changes})  # type: ignore[arg-type]


def _refused(*wishes: Wish, actor: Actor = VERA) -> list[str]:
    found = overrides.apply(wishes, actor=actor)
    assert found.changed == 0
    return [ruling.refused for ruling in found.refused]


def test_an_override_is_kept_with_reason_author_and_time(item: QuoteItem) -> None:
    found = overrides.apply([_never(item)], actor=VERA)

    item.refresh_from_db()
    assert (found.changed, item.override) == (1, "Never")
    assert (item.override_reason, item.override_by_name) == ("billed elsewhere", "vera")
    assert item.override_at is not None


def test_the_linked_opportunity_is_pushed_once_for_many_lines(item: QuoteItem) -> None:
    second = licence(item.quote)

    found = overrides.apply([_never(item), _never(second)], actor=VERA)

    push = OutboundPush.objects.get()
    assert (found.pushes, push.trigger, push.requests) == (1, "override", 1)
    assert push.opportunity == item.quote.opportunity


def test_nothing_is_pushed_for_a_quote_that_is_not_primary_or_not_linked() -> None:
    beside = licence(builders.make_quote(opportunity=opportunity_of(make_linked())))
    unlinked = licence(builders.make_quote(is_primary=True))

    found = overrides.apply([_never(beside), _never(unlinked)], actor=VERA)

    assert (found.changed, found.pushes) == (2, 0)
    assert not OutboundPush.objects.exists()


def test_an_override_is_cleared_without_a_reason(item: QuoteItem) -> None:
    overrides.apply([_never(item)], actor=VERA)

    found = overrides.apply([Wish(item.mn_id, Override.BLANK)], actor=VERA)

    item.refresh_from_db()
    assert (found.changed, item.override, item.override_by_name) == (1, "", "vera")


def test_setting_what_is_set_changes_nothing(item: QuoteItem) -> None:
    overrides.apply([_never(item)], actor=VERA)

    found = overrides.apply([_never(item, reason="")], actor=Actor("walter", reads_everything=True))

    item.refresh_from_db()
    assert (found.changed, found.refused, item.override_by_name) == (0, (), "vera")


@pytest.mark.parametrize("column", ["quote", "opportunity"])
def test_a_finalized_deal_keeps_its_overrides(item: QuoteItem, column: str) -> None:
    if column == "quote":
        Quote.objects.update(status="PROCESSED")
    else:
        opportunity = opportunity_of(item.quote)
        opportunity.status = "WON"
        opportunity.save(update_fields=["status"])

    [said] = _refused(_never(item))

    assert "cannot be changed any more" in said
    item.refresh_from_db()
    assert item.override == ""


def test_an_override_wants_a_reason_of_bearable_length(item: QuoteItem) -> None:
    assert "needs a reason" in _refused(_never(item, reason=""))[0]
    assert "longer than 500" in _refused(_never(item, reason="x" * 501))[0]


def test_a_line_that_is_unknown_or_of_other_readers_is_refused_alike(item: QuoteItem) -> None:
    item.quote.readers.add(Group.objects.create(name="deal desk"))

    [hidden] = _refused(_never(item), actor=Actor("walter"))
    [unknown] = _refused(Wish("qtitm_nobody", Override.NEVER, "because"))

    assert hidden == unknown


def test_a_line_named_twice_is_set_once(item: QuoteItem) -> None:
    found = overrides.apply(
        [_never(item), Wish(item.mn_id, Override.ALWAYS, "no, always")], actor=VERA
    )

    item.refresh_from_db()
    assert (found.changed, item.override) == (1, "Never")
    assert [ruling.refused for ruling in found.refused] == ["The line is named twice."]


def test_a_preview_writes_nothing_and_shows_what_an_application_then_does(item: QuoteItem) -> None:
    other = licence(builders.make_quote(is_primary=True, status="PROCESSED"))
    wishes = [_never(item), _never(other)]

    shown = overrides.preview(wishes, actor=VERA)

    assert not QuoteItem.objects.exclude(override="").exists()
    assert overrides.apply(wishes, actor=VERA).rulings == shown


def test_a_line_that_changed_since_it_was_shown_is_refused_and_the_others_are_set(
    item: QuoteItem,
) -> None:
    still = licence(item.quote)
    [shown, shown_still] = overrides.preview([_never(item), _never(still)], actor=VERA)
    overrides.apply([Wish(item.mn_id, Override.ALWAYS, "in between")], actor=VERA)

    found = overrides.apply(
        [_never(item, seen=shown.state), _never(still, seen=shown_still.state)], actor=VERA
    )

    assert [ruling.wish.line_mn_id for ruling in found.refused] == [item.mn_id]
    assert "changed since" in found.refused[0].refused
    assert {row.mn_id: row.override for row in QuoteItem.objects.all()} == {
        item.mn_id: "Always",
        still.mn_id: "Never",
    }
