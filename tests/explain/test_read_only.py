"""Asking changes no row of any table, whatever is asked and whatever Salesforce answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.actor import Actor
from console.explain import explain
from console.models import SalesforceConnection
from tests.builders import make_log_entry, make_pairing, make_quote
from tests.explain.tables import fingerprint
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
ASKED: dict[str, Callable[[Pair], str]] = {
    "record": lambda pair: pair.salesforce_id,
    "opportunity": lambda pair: pair.opportunity.mn_id,
    "primary quote": lambda pair: pair.quote.mn_id,
    "another quote": lambda pair: make_quote(opportunity=pair.opportunity).mn_id,
    "account": lambda pair: pair.opportunity.account.mn_id,
    "Salesforce account": lambda _pair: sf_id("001"),
    "unknown record": lambda _pair: sf_id(),
    "nonsense": lambda _pair: "nonsense",
}
ORGS = ["live", "untried", "wrong secret", "out of order"]


@pytest.mark.parametrize("is_linked", [False, True], ids=["not linked", "linked"])
@pytest.mark.parametrize("state", ORGS)
@pytest.mark.parametrize("what", ASKED)
def test_asking_changes_nothing(
    pair: Pair, org: Org, *, what: str, state: str, is_linked: bool
) -> None:
    if is_linked:
        make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    make_log_entry(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    asked = ASKED[what](pair)
    _put(state, org)
    before = fingerprint()

    explain(asked, actor=Actor(name="vera"))

    assert fingerprint() == before


def _put(state: str, org: Org) -> None:
    if state == "untried":
        SalesforceConnection.objects.update(state="untried", calls_used=None)
    if state == "wrong secret":
        row = SalesforceConnection.objects.get()
        row.client_secret = "wrong"
        row.save(update_fields=["client_secret"])
    if state == "out of order":
        org.break_with(action="status", status=503, times=None)
