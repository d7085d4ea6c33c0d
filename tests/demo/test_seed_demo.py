"""`seed_demo`: both sides are filled, they fit together, and the rules say what was intended."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import F, Q
from django.test import Client

from console.actor import Actor
from console.demo import access, scenarios
from console.demo.scenarios import Scenario
from console.flows import link_via_primary_quote, push_outbound
from console.models import (
    Account,
    Association,
    Opportunity,
    OutboundPush,
    Quote,
    QuoteItem,
    SalesforceConnection,
)
from syncrules.facts import DEAD_QUOTE, FINALIZED_OPPORTUNITY, FINALIZED_QUOTE
from syncrules.reasons import Reason
from tests.org import Org

POLL = Actor.console("poll")

FIRST_POLL = {
    Scenario.TO_LINK: Reason.LINKED,
    Scenario.DOCUMENT_RAMP: Reason.LINKED,
    Scenario.ALREADY_LINKED: Reason.OPPORTUNITY_ALREADY_LINKED,
    Scenario.LINK_UNKNOWN_HERE: Reason.OPPORTUNITY_ALREADY_LINKED,
    Scenario.CLONED: Reason.OPPORTUNITY_ALREADY_LINKED,
    Scenario.PRIMARY_MISSING: Reason.PRIMARY_QUOTE_MISSING,
    Scenario.ACCOUNT_NOT_LINKED: Reason.PRIMARY_QUOTE_MISSING,
    Scenario.CONFLICT_OF_OPPORTUNITY: Reason.CONFLICTING_ASSOCIATION,
    Scenario.CONFLICT_OF_RECORD: Reason.CONFLICTING_ASSOCIATION,
    Scenario.QUOTE_UNKNOWN: Reason.QUOTE_INACCESSIBLE,
    Scenario.RECORD_WITHOUT_MN_ID: Reason.QUOTE_INACCESSIBLE,
    Scenario.QUOTE_WITHOUT_OPPORTUNITY: Reason.QUOTE_WITHOUT_OPPORTUNITY,
}
FIRST_PUSH = {
    Scenario.PRIMARY_DIFFERS: Reason.PUSHED,
    Scenario.BY_CREATION_REFERENCE: Reason.PUSHED,
    Scenario.NEVER_LINKED: Reason.LINK_NEVER_ESTABLISHED,
    Scenario.REFERENCE_GONE: Reason.SALESFORCE_RECORD_GONE,
    Scenario.QUOTE_WITHOUT_RECORD: Reason.QUOTE_NOT_IN_SALESFORCE,
}


def test_both_sides_are_filled(seeded: str) -> None:
    connection.check_constraints()

    assert Opportunity.objects.count() == 200
    assert 390 <= Quote.objects.count() <= 460
    assert QuoteItem.objects.count() > 1000
    assert Association.objects.filter(ended_at__isnull=True).count() == 43
    assert Association.objects.filter(ended_at__isnull=False).count() == 1
    assert OutboundPush.objects.filter(state="queued").count() == len(_queued())
    assert "200 Opportunity" in seeded
    assert "admin / admin-local" in seeded
    assert access.API_SECRET in seeded


def _queued() -> list[str]:
    """Two pushes find everything in step; the others each show a scenario."""
    shown = [each.opportunity for name in FIRST_PUSH for each in scenarios()[name]]
    return [*(each for each in shown if each), "in step", "in step"]


def test_every_row_is_one_that_a_form_would_accept(seeded: str) -> None:
    for model in apps.get_app_config("console").get_models():
        for row in model._default_manager.all():
            row.clean_fields()


def test_opportunities_quotes_and_lines_fit_together(seeded: str) -> None:
    of_others = Quote.objects.exclude(account=F("opportunity__account"))
    outside = Q(start_date__lt=F("quote__contract_start")) | Q(
        end_date__gt=F("quote__contract_end")
    )
    priced = QuoteItem.objects.filter(pricebook_entry__isnull=False)

    assert not of_others.filter(opportunity__isnull=False).exists()
    assert not QuoteItem.objects.filter(outside).exists()
    assert not priced.exclude(pricebook_entry__product=F("product")).exists()
    assert not priced.exclude(pricebook_entry__currency=F("quote__currency")).exists()


def test_the_first_poll_decides_as_intended(seeded: str) -> None:
    decided = {
        (scenario, link_via_primary_quote.preview(example.record, actor=POLL)[1].reason)
        for scenario in FIRST_POLL
        for example in scenarios()[scenario][:5]
        if example.record
    }

    assert decided == set(FIRST_POLL.items())


def test_the_first_push_decides_as_intended(seeded: str) -> None:
    decided = {
        (scenario, push_outbound.preview(_opportunity(example.opportunity).pk)[1].reason)
        for scenario in FIRST_PUSH
        for example in scenarios()[scenario]
    }

    assert decided == set(FIRST_PUSH.items())


def _opportunity(mn_id: str | None) -> Opportunity:
    return Opportunity.objects.select_related("primary_quote", "account").get(mn_id=mn_id)


def test_quotes_stand_ready_that_may_not_become_primary(seeded: str) -> None:
    for example in scenarios()[Scenario.FINALIZED_OPPORTUNITY]:
        assert _opportunity(example.opportunity).status in FINALIZED_OPPORTUNITY
    for example in scenarios()[Scenario.FINALIZED_QUOTE]:
        primary = _opportunity(example.opportunity).primary_quote
        assert primary is not None
        assert primary.status in FINALIZED_QUOTE
    for example in scenarios()[Scenario.QUOTE_DEAD]:
        assert Quote.objects.get(mn_id=example.quote).status in DEAD_QUOTE
    for example in scenarios()[Scenario.QUOTE_OF_ANOTHER]:
        other = Quote.objects.get(mn_id=example.quote).opportunity
        assert other is not None
        assert other.mn_id != example.opportunity


def test_some_quotes_are_for_administrators_only(seeded: str) -> None:
    for example in scenarios()[Scenario.QUOTE_RESTRICTED]:
        readers = Quote.objects.get(mn_id=example.quote).readers
        assert readers.get() == Group.objects.get(name="administrator")


def test_records_of_unmatched_accounts_are_there(seeded: str, org: Org) -> None:
    for example in scenarios()[Scenario.ACCOUNT_NOT_LINKED]:
        assert example.record is not None
        account = org.opportunity(example.record)["AccountId"]
        assert not Account.objects.filter(salesforce_id=account).exists()
    assert Account.objects.filter(salesforce_id__isnull=True).count() == 2


def test_some_records_have_another_currency_or_price_book(seeded: str, org: Org) -> None:
    for example in scenarios()[Scenario.CURRENCY_MISMATCH]:
        assert example.record is not None
        wanted = _opportunity(example.opportunity).currency
        assert org.opportunity(example.record)["CurrencyIsoCode"] != wanted
    for example in scenarios()[Scenario.PRICEBOOK_MISMATCH]:
        assert example.record is not None
        primary = _opportunity(example.opportunity).primary_quote
        assert primary is not None
        of_lines = primary.items.filter(pricebook_entry__isnull=False).values_list(
            "pricebook_entry__pricebook_salesforce_id", flat=True
        )
        assert of_lines
        assert org.opportunity(example.record)["Pricebook2Id"] not in of_lines


@pytest.mark.parametrize(
    ("name", "role"),
    [("admin", "administrator"), ("operator", "operator"), ("viewer", "viewer")],
)
def test_the_local_sign_ins_work_and_have_their_role(seeded: str, name: str, role: str) -> None:
    user = User.objects.get(username=name)

    assert Client().login(username=name, password=f"{name}-local")
    assert user.is_staff
    assert not user.is_superuser
    assert [group.name for group in user.groups.all()] == [role]


def test_a_connection_that_broke_is_shown_and_not_used(seeded: str) -> None:
    broken = SalesforceConnection.objects.get(name=access.BROKEN_CONNECTION)

    assert (broken.state, broken.is_active) == ("broken", False)
    assert SalesforceConnection.objects.get(is_active=True).is_local
