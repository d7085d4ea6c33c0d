"""Reconcile on real parts: what is compared, what stands in the ledger, and how it is closed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.models import Association, Drift, OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from syncrules.salesforce_id import to_18
from tests.builders import make_opportunity
from tests.deal import Deal, choose
from tests.drift import compare, delete, edit, in_step, open_rows, told
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
Lane = OutboundPush.Lane


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return in_step(org)


def product_of(deal: Deal) -> str:
    [product] = deal.products()
    return str(product["Id"])


# --- What is compared ----------------------------------------------------------------------------


def test_sides_that_agree_are_counted_and_leave_no_row(deal: Deal) -> None:
    run = compare()

    assert (run.state, run.compared, run.equal) == ("done", 1, 1)
    assert open_rows() == []


def test_a_cleared_id_is_missing(deal: Deal, org: Org) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})

    run = compare()

    [row] = open_rows()
    assert (row.field, row.verdict, row.because) == ("link", "missing", "emptied")
    assert (row.ours, row.theirs) == (deal.opportunity.mn_id, None)
    assert row.opportunity == deal.opportunity
    assert (run.missing, run.equal) == (1, 0)


def test_a_quote_that_somebody_chose_in_salesforce_is_theirs(deal: Deal, org: Org) -> None:
    other = sf_id("a0B")
    org.add_quote(other, "quote_of_theirs")
    edit(org, deal.salesforce_id, **{PRIMARY_QUOTE_FIELD: other})

    compare()

    [row] = open_rows()
    assert (row.field, row.verdict, row.because) == (
        *("primary_quote", "theirs_changed", "changed_there"),
    )
    assert (row.ours, row.theirs) == (deal.quote.mn_id, "quote_of_theirs")
    entry = SyncLog.objects.filter(flow="push_outbound").latest("pk")
    assert dict(row.evidence)["log entry"] == str(entry.pk)
    assert dict(row.evidence)["last written"] == deal.quote.mn_id


def test_a_quote_that_was_changed_here_and_not_pushed_is_ours(deal: Deal) -> None:
    deal.make_primary(deal.another_quote())

    compare()

    assert ("primary_quote", "ours_newer", "changed_here") in told()


def test_what_waits_to_be_pushed_is_ours_and_says_by_which_push(deal: Deal) -> None:
    deal.line()
    waiting = deal.request()

    compare()

    assert {row.field for row in open_rows()} == {"line", "amount"}
    assert {row.because for row in open_rows()} == {"push_under_way"}
    assert {(row.push_id, row.awaits_push) for row in open_rows()} == {(waiting.pk, True)}


def test_a_quantity_that_a_person_changed_is_told_with_the_total_it_moved(
    deal: Deal, org: Org
) -> None:
    edit(org, product_of(deal), Quantity=12, UnitPrice=1200)

    compare()

    found = {row.field: (row.ours, row.theirs, row.money) for row in open_rows()}
    assert found == {
        "quantity": ("10.00", "12.00", None),
        "total_price": ("12000.00", "14400.00", Decimal("2400.00")),
        "amount": ("12000.00", "14400.00", None),
    }
    assert {row.verdict for row in open_rows()} == {"theirs_changed"}
    assert {row.currency for row in open_rows() if row.money} == {"USD"}


def test_a_product_that_a_person_deleted_is_missing(deal: Deal, org: Org) -> None:
    delete(org, product_of(deal))

    compare()

    amount, line = open_rows()
    assert (line.field, line.because, line.money) == ("line", "emptied", Decimal("12000.00"))
    assert line.part == deal.quote.items.get().mn_id
    assert line.part_name == "Platform"
    assert (amount.field, amount.because) == ("amount", "changed_there")


def test_a_line_that_changed_here_is_ours(deal: Deal) -> None:
    deal.quote.items.update(unit_price=1300)

    compare()

    assert told() == [
        ("amount", "ours_newer", "changed_here"),
        ("total_price", "ours_newer", "changed_here"),
    ]


def test_while_product_sync_is_disabled_products_are_nobodys_drift(deal: Deal, org: Org) -> None:
    delete(org, product_of(deal))
    choose(is_disabled=True)

    compare()

    assert open_rows() == []


def test_a_deleted_record_is_foreign(deal: Deal, org: Org) -> None:
    org.delete_opportunity(deal.salesforce_id)

    run = compare()

    assert told() == [("record", "foreign", "record_gone")]
    assert (run.compared, run.equal, run.foreign) == (1, 0, 1)


def test_a_linked_record_with_the_id_of_another_is_foreign_and_nothing_else(
    deal: Deal, org: Org
) -> None:
    other = make_opportunity()
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: other.mn_id})
    delete(org, product_of(deal))

    compare()

    [row] = open_rows()
    assert (row.field, row.because, row.theirs) == ("link", "other_id", other.mn_id)
    assert dict(row.evidence)["known here"] == "yes"


def test_a_clone_and_other_strangers_are_foreign(deal: Deal, org: Org) -> None:
    loose = make_opportunity()
    for name, mn_id in (("Clone", deal.opportunity.mn_id), ("Loose", loose.mn_id), ("?", "opp_x")):
        org.add_opportunity(sf_id(), Name=name, monetize__Id__c=mn_id, Amount=50)

    compare()

    found = {row.name: (row.because, row.opportunity_id) for row in open_rows()}
    assert found == {
        "Clone": ("copied_id", deal.opportunity.pk),
        "Loose": ("id_without_pair", loose.pk),
        "?": ("unknown_id", None),
    }
    assert {(row.money, row.currency) for row in open_rows()} == {(Decimal(50), "USD")}


def test_a_record_that_a_change_of_partner_is_about_to_empty_is_no_claim(
    deal: Deal, org: Org
) -> None:
    org.add_opportunity(sf_id(), monetize__Id__c=deal.opportunity.mn_id)
    deal.request()
    OutboundPush.objects.filter(state="queued").update(lane=Lane.LINK)

    compare()

    assert open_rows() == []


def test_it_says_who_changed_the_record_last(deal: Deal, org: Org) -> None:
    person = to_18("005000000000777")
    org.load(User=[{"Id": person, "Name": "Blake Rivers", "Username": "blake"}])
    org.add_opportunity(deal.salesforce_id, LastModifiedById=person, Amount=12000)

    compare()

    assert {row.changed_by for row in open_rows()} == {"Blake Rivers"}
    assert all(row.changed_at is not None for row in open_rows())


# --- Later runs ----------------------------------------------------------------------------------


def test_a_later_run_keeps_since_when_and_what_the_values_are_now(deal: Deal, org: Org) -> None:
    edit(org, product_of(deal), Quantity=12, UnitPrice=1200)
    first = compare()
    before = Drift.objects.get(field="quantity")
    edit(org, product_of(deal), Quantity=15, UnitPrice=1200)

    second = compare()

    row = Drift.objects.get(field="quantity")
    assert (row.since, row.opened_by, row.theirs) == (before.since, first, "15.00")
    assert row.seen_by == second
    assert row.seen_at > before.seen_at
    assert (first.opened, second.opened) == (3, 0)


def test_what_a_run_no_longer_finds_is_closed_and_stays(deal: Deal, org: Org) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    compare()
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: deal.opportunity.mn_id})

    run = compare()

    row = Drift.objects.get()
    assert row.closed_by == run
    assert row.closed_at is not None
    assert (run.closed, run.equal) == (1, 1)


def test_it_opens_anew_when_it_comes_back(deal: Deal, org: Org) -> None:
    for mn_id in (None, deal.opportunity.mn_id, None):
        edit(org, deal.salesforce_id, **{MN_ID_FIELD: mn_id})
        compare()

    assert [row.closed_at is None for row in Drift.objects.order_by("pk")] == [False, True]


def test_a_pair_that_has_ended_is_no_drift_any_more(deal: Deal, org: Org) -> None:
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    compare()
    Association.objects.update(ended_at="2026-01-01T00:00Z", ended_because="unlinked")

    compare()

    assert open_rows() == []


def test_a_run_for_one_deal_leaves_the_rows_of_others_alone(org: Org, deal: Deal) -> None:
    other = in_step(org)
    for each in (deal, other):
        edit(org, each.salesforce_id, **{MN_ID_FIELD: None})
    compare()
    for each in (deal, other):
        edit(org, each.salesforce_id, **{MN_ID_FIELD: each.opportunity.mn_id})

    run = compare(deal)

    assert [row.opportunity for row in open_rows()] == [other.opportunity]
    assert (run.compared, run.closed) == (1, 1)


def test_a_run_for_one_deal_looks_again_at_who_claims_it(deal: Deal, org: Org) -> None:
    clone = sf_id()
    org.add_opportunity(clone, monetize__Id__c=deal.opportunity.mn_id)
    compare()
    compare(deal)
    assert told() == [("claim", "foreign", "copied_id")]
    edit(org, clone, **{MN_ID_FIELD: None})

    compare(deal)

    assert open_rows() == []
