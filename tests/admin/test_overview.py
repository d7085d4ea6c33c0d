"""The overview in figures that lead to their lists; the palette; hostile names; error pages."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.admin.base import list_of, page_of
from console.models import OutboundPush
from syncrules.reasons import Reason, describe
from tests import builders
from tests.admin.book import FOR_EVERYBODY, make_book
from tests.facts import link_facts, push_facts, remote_opportunity

INDEX = reverse("admin:index")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}'


def test_it_says_whether_salesforce_is_there_and_how_many_calls_are_left(viewer: Client) -> None:
    builders.make_connection(detail="INVALID_LOGIN", state="broken")

    page = viewer.get(INDEX).content.decode()

    for words in ("Broken", "INVALID_LOGIN", "1,200 of 100,000"):
        assert words in page


def test_without_a_connection_it_says_so(viewer: Client) -> None:
    assert "No connection is set up" in viewer.get(INDEX).content.decode()


def test_every_figure_opens_the_list_it_counts(viewer: Client) -> None:
    for _ in range(3):
        builders.make_log_entry(push_facts(pairing=None))
    builders.make_log_entry(link_facts())
    builders.make_push(state=OutboundPush.State.PARKED)

    page = viewer.get(INDEX).content.decode()

    figures = re.findall(r'href="([^"]+\?[^"]+)"[^>]*>\s*(?:<span[^>]*>)?(\d+)<', page)
    assert len(figures) >= 4
    for address, figure in figures:
        listed = viewer.get(unescape(address)).content.decode()
        assert listed.count('<tr class="data-row') == int(figure), address


def test_it_groups_what_needs_somebody_by_reason_with_remedy_and_owner(viewer: Client) -> None:
    blank = remote_opportunity(primary_quote_salesforce_id=None)
    builders.make_log_entry(link_facts(remote=blank))

    page = viewer.get(INDEX).content.decode()

    text = describe(Reason.PRIMARY_QUOTE_MISSING)
    for words in (text.title, text.remedy, "Sales rep"):
        assert words in page


def test_it_takes_the_same_few_queries_however_much_has_happened(viewer: Client) -> None:
    make_book()
    for _ in range(5):
        builders.make_log_entry(push_facts(pairing=None))

    with CaptureQueriesContext(connection) as queries:
        viewer.get(INDEX)

    # Signed in: 4. Outcomes, what needs somebody, the latest, the queue, the connection; the calls
    # that were made, and what waits.
    # And how many records drifted, since the last comparison.
    assert len(queries) == 4 + 5 + 2 + 2
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()]
    assert len(counts) == 5
    assert all("LIMIT" in sql for sql in counts)


def test_the_palette_finds_pages_and_records_by_name_or_id(viewer: Client) -> None:
    opportunity = builders.make_opportunity(name="Aurora renewal")
    pair = builders.make_pairing(opportunity=opportunity)

    for term in ("aurora", opportunity.mn_id, pair.salesforce_id, pair.salesforce_id[:15]):
        assert page_of(opportunity) in _found(viewer, term)
    assert reverse("admin:console_outboundpush_changelist") in _found(viewer, "push")
    assert "No results" in _found(viewer, "nothing of the kind")


def test_the_palette_is_bounded_and_shows_only_what_one_may_see(viewer: Client) -> None:
    builders.make_connection(name="Secret sandbox")
    for number in range(9):
        builders.make_opportunity(name=f"Aurora {number}")

    assert _found(viewer, "aurora").count("data-title") == 5
    assert "Salesforce connections" not in _found(viewer, "connection")


def test_names_from_outside_stay_text_on_every_page(administrator: Client) -> None:
    account = builders.make_account(name=HOSTILE, website=HOSTILE)
    opportunity = builders.make_opportunity(name=HOSTILE, account=account, owner_name=HOSTILE)
    quote = builders.make_quote(opportunity=opportunity, is_primary=True, description=HOSTILE)
    builders.make_item(quote, product=builders.make_product(name=HOSTILE))
    remote = remote_opportunity(name=HOSTILE, stage_name=HOSTILE)
    rows = [
        account,
        opportunity,
        quote,
        builders.make_pairing(opportunity=opportunity, actor_name=HOSTILE[:150]),
        builders.make_push(opportunity=opportunity, detail=HOSTILE, trigger=HOSTILE[:40]),
        builders.make_event(payload={"Name": HOSTILE}, sender=HOSTILE, refusal=HOSTILE),
        builders.make_connection(name=HOSTILE, detail=HOSTILE),
        builders.make_client(name=HOSTILE, key="hostile"),
        builders.make_log_entry(
            link_facts(remote=remote, caller=HOSTILE),
            opportunity=opportunity,
            detail=HOSTILE,
            request={HOSTILE: HOSTILE},
            response={"errors": [HOSTILE]},
        ),
    ]
    addresses = [INDEX, f"{reverse('admin:search')}?extended=1&s=script"]
    addresses += [page_of(row) for row in rows] + [list_of(type(row)) for row in rows]

    for address in addresses:
        answer = administrator.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        assert "alert(1)" in page or address == INDEX, address


@pytest.mark.parametrize("model", FOR_EVERYBODY)
def test_no_page_carries_inline_code(administrator: Client, model: type[Model]) -> None:
    book = make_book()

    for address in (INDEX, list_of(model), book.page(model), reverse("admin:login")):
        page = administrator.get(address).content.decode()
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page), address


def test_error_pages_say_what_happened_in_words(viewer: Client, administrator: Client) -> None:
    missing = viewer.get(reverse("admin:console_synclog_change", args=[999_999]))
    assert missing.status_code == 404
    assert "There is nothing here" in missing.content.decode()

    refused = viewer.get(reverse("admin:console_apiclient_changelist"))
    assert refused.status_code == 403
    assert "You may not do this" in refused.content.decode()


def _found(client: Client, term: str) -> str:
    return client.get(reverse("admin:search"), {"extended": "1", "s": term}).content.decode()
