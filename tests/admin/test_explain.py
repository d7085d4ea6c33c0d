"""The explain page: who may ask, what it shows, what its buttons do; replay of a log entry."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import escape

from console.admin.base import page_of
from console.models import Association, OutboundPush, SalesforceConnection, SyncLog
from syncrules.reasons import Reason, describe
from tests.builders import make_log_entry, make_opportunity, make_pairing, make_quote
from tests.explain.tables import fingerprint
from tests.facts import link_facts, sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


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


# --- Asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("", 302), ("stranger", 403), *((role, 200) for role in ("viewer", "operator"))],
)
def test_every_role_may_ask_and_nobody_else(
    signed_in: SignIn, pair: Pair, role: str, status: int
) -> None:
    client = signed_in(role)

    for path in ("/admin/explain/", address(pair.salesforce_id)):
        assert client.get(path).status_code == status


def test_the_box_leads_to_an_address_that_can_be_passed_on(viewer: Client, pair: Pair) -> None:
    answer = viewer.get("/admin/explain/", {"id": pair.salesforce_id})

    assert answer.headers["Location"] == address(pair.salesforce_id)


def test_a_damaged_id_or_an_address_keeps_its_note(viewer: Client, pair: Pair) -> None:
    asked = f"https://acme.my.salesforce.com/{pair.salesforce_id.lower()}"

    answer = viewer.get("/admin/explain/", {"id": asked}, follow=True)

    assert answer.redirect_chain == [
        (f"{address(pair.salesforce_id)}?{urlencode({'from': asked})}", 302)
    ]
    page = answer.content.decode()
    assert "was found in the pasted address" in page
    assert "repaired" in page


def test_a_note_about_another_id_is_not_taken_over(viewer: Client, pair: Pair) -> None:
    page = text(viewer, f"{address(pair.salesforce_id)}?from={sf_id().lower()}")

    assert "repaired" not in page


def test_the_page_shows_reason_remedy_steps_and_both_sides(viewer: Client, pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)

    page = text(viewer, address(pair.salesforce_id))

    words = describe(Reason.CONFLICTING_ASSOCIATION)
    for expected in (
        words.title,
        words.explanation,
        words.remedy,
        "Who can do it",
        "RevOps",
        "Link via primary quote",
        "Stopped here",
        "Not reached",
        old.salesforce_id,
        pair.opportunity.mn_id,
        "read just now",
        "Nothing was changed by asking",
    ):
        assert escape(expected) in page


def test_asking_changes_no_table(viewer: Client, pair: Pair) -> None:
    before = fingerprint()

    text(viewer, address(pair.salesforce_id))
    text(viewer, address(pair.opportunity.mn_id))
    text(viewer, address("opp_unknown"), status=404)

    assert fingerprint() == before


@pytest.mark.parametrize("asked", ["opp_unknown", "<script>alert(1)</script>", "006"])
def test_an_unknown_id_says_where_it_was_looked_for(viewer: Client, asked: str) -> None:
    page = text(viewer, f"/admin/explain/?{urlencode({'id': asked})}", status=404)

    assert "Nothing is known by this id" in page
    assert "MN ids of opportunities, quotes and accounts" in page
    assert escape(asked) in page
    assert "<script>alert" not in page


def test_when_salesforce_is_silent_the_page_says_so(viewer: Client, pair: Pair, org: Org) -> None:
    org.break_with(action="status", status=503, times=None)

    assert "Salesforce could not be read just now" in text(viewer, address(pair.salesforce_id))


def test_hostile_names_stay_text(viewer: Client, pair: Pair, org: Org) -> None:
    org.add_opportunity(pair.salesforce_id, Name="<img src=x onerror=alert(1)>")

    page = text(viewer, address(pair.salesforce_id))

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_a_quote_of_others_is_hidden(viewer: Client, pair: Pair) -> None:
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    page = text(viewer, address(pair.quote.mn_id))

    assert describe(Reason.QUOTE_INACCESSIBLE).title in page
    for secret in (pair.opportunity.name, pair.opportunity.mn_id, pair.quote.description):
        assert secret not in page


def test_every_page_has_the_box_for_those_who_may_ask(viewer: Client, signed_in: SignIn) -> None:
    assert 'action="/admin/explain/"' in text(viewer, "/admin/")
    assert 'action="/admin/explain/"' not in text(signed_in("stranger"), "/admin/")


def test_the_command_palette_offers_to_explain(viewer: Client, pair: Pair) -> None:
    found = text(viewer, f"/admin/search/?s={pair.salesforce_id.lower()}")

    assert address(pair.salesforce_id) in found
    assert "/admin/explain/" not in text(viewer, "/admin/search/?s=quote")


# --- Buttons -------------------------------------------------------------------------------------


def test_the_link_button_links(operator: Client, pair: Pair) -> None:
    assert "Linked." in pressed(operator, address(pair.salesforce_id, "link"))

    assert Association.objects.get().salesforce_id == pair.salesforce_id
    assert SyncLog.objects.get().actor_name == "operator-person"


def test_the_push_button_asks_for_a_push(operator: Client, pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    assert "on its way" in pressed(operator, address(pair.salesforce_id, "push"))

    assert OutboundPush.objects.get().opportunity == pair.opportunity


def test_the_primary_button_sets_the_primary_quote(operator: Client, pair: Pair) -> None:
    quote = make_quote(opportunity=pair.opportunity)

    assert "Primary quote set" in pressed(operator, address(quote.mn_id, "set-primary"))

    pair.opportunity.refresh_from_db()
    assert pair.opportunity.primary_quote == quote


def test_the_check_button_mends_a_connection(administrator: Client, pair: Pair) -> None:
    SalesforceConnection.objects.update(state="broken")

    assert "Connected" in pressed(administrator, address(pair.salesforce_id, "check-connection"))

    assert SalesforceConnection.objects.get().state == "live"


def test_a_button_decides_anew_when_the_page_is_old(operator: Client, pair: Pair) -> None:
    assert "Link through its primary quote now" in text(operator, address(pair.salesforce_id))
    make_pairing(opportunity=pair.opportunity)

    said = pressed(operator, address(pair.salesforce_id, "link"))

    assert describe(Reason.CONFLICTING_ASSOCIATION).title in said
    assert Association.objects.count() == 1


def test_a_button_changes_nothing_when_salesforce_is_silent(
    operator: Client, pair: Pair, org: Org
) -> None:
    org.break_with(action="status", status=503, times=None)

    assert "nothing was changed" in pressed(operator, address(pair.salesforce_id, "link"))
    assert not SyncLog.objects.exists()


@pytest.mark.parametrize("key", ["push", "link", "set-primary"])
def test_a_button_without_a_target_says_so(operator: Client, pair: Pair, key: str) -> None:
    account = make_opportunity().account.mn_id

    said = pressed(operator, address(account, key))

    assert said.startswith(("No MN opportunity", "Only a Salesforce opportunity", "That needs"))
    assert not OutboundPush.objects.exists()


@pytest.mark.parametrize("key", ["push", "link", "set-primary", "check-connection"])
def test_a_viewer_sees_which_right_is_missing_and_cannot_press(
    viewer: Client, pair: Pair, key: str
) -> None:
    assert viewer.post(address(pair.salesforce_id, key)).status_code == 403

    page = text(viewer, address(pair.salesforce_id))
    assert "You need the right to link and unlink opportunities" in page
    assert not SyncLog.objects.exists()


def test_an_operator_cannot_check_the_connection(operator: Client, pair: Pair) -> None:
    SalesforceConnection.objects.update(state="broken")

    assert operator.post(address(pair.salesforce_id, "check-connection")).status_code == 403
    assert "right to change the connection" in text(operator, address(pair.salesforce_id))


def test_unknown_buttons_and_subjects_are_not_found(operator: Client, pair: Pair) -> None:
    assert operator.post(address(pair.salesforce_id, "drop-everything")).status_code == 404
    assert operator.post(address("opp_unknown", "push")).status_code == 404
    assert operator.get(address(pair.salesforce_id, "push")).status_code == 405


# --- Replay --------------------------------------------------------------------------------------


def test_an_entry_says_that_today_would_decide_the_same(viewer: Client) -> None:
    page = text(viewer, page_of(make_log_entry(link_facts())))

    assert "would decide the same" in page


def test_an_entry_shows_the_first_step_that_differs(viewer: Client) -> None:
    facts = link_facts()
    entry = make_log_entry(facts)
    steps = [dict(step) for step in entry.decision["steps"]]
    steps[2] |= {"status": "blocked", "evidence": {"monetize__Id__c": "opp_of_then"}}
    kept = make_log_entry(facts)
    SyncLog.objects.bulk_create(
        [
            SyncLog(
                flow=kept.flow,
                outcome=kept.outcome,
                reason=kept.reason,
                trigger=kept.trigger,
                actor_name=kept.actor_name,
                facts=kept.facts,
                decision={**kept.decision, "steps": steps},
            )
        ]
    )

    page = text(viewer, page_of(SyncLog.objects.latest("pk")))

    assert "decide otherwise" in page
    assert "number 3: Is its MN id still empty?" in page
    assert "opp_of_then" in page


def test_an_entry_of_unknown_form_says_so(viewer: Client) -> None:
    entry = make_log_entry(link_facts())
    entry.pk, entry.flow = None, "a_flow_of_the_past"
    entry.save(force_insert=True)

    assert "no rules for" in text(viewer, page_of(entry))


def test_now_leads_to_the_explanation_of_the_same_thing(viewer: Client, pair: Pair) -> None:
    entry = make_log_entry(link_facts(), salesforce_id=pair.salesforce_id)

    page = text(viewer, page_of(entry))

    assert f'href="{address(pair.salesforce_id)}"' in page
