"""What can be done about a verdict, and with which right; the page makes buttons of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from console import connections
from console.explain.answer import Action, Subject
from console.explain.verdict import Verdict
from syncrules import link_via_primary_quote, push_outbound, update_primary_quote
from syncrules.reasons import Outcome, Reason, describe

PUSH: Final = "push"
LINK: Final = "link"
SET_PRIMARY: Final = "set-primary"
CHECK: Final = "check-connection"

PERMISSIONS: Final = {
    PUSH: "console.push_opportunity",
    LINK: "console.link_opportunity",
    SET_PRIMARY: "console.set_primary_quote",
    CHECK: "console.change_salesforceconnection",
}
_OF_FLOW: Final = {
    push_outbound.FLOW: (PUSH, "Push to Salesforce now"),
    link_via_primary_quote.FLOW: (LINK, "Link through its primary quote now"),
    update_primary_quote.FLOW: (SET_PRIMARY, "Make it the primary quote"),
}
_OF_CONNECTION: Final = frozenset({Reason.NO_SALESFORCE_CONNECTION, Reason.HELD_UNTIL_CONNECTED})
_BY_HAND: Final = frozenset(
    {Reason.LINK_NEVER_ESTABLISHED, Reason.PRIMARY_QUOTE_MISSING, Reason.QUOTE_INACCESSIBLE}
)
_RELINK: Final = frozenset(
    {
        Reason.CONFLICTING_ASSOCIATION,
        Reason.HALF_REASSIGNMENT,
        Reason.OPPORTUNITY_ALREADY_LINKED,
        Reason.SALESFORCE_RECORD_GONE,
    }
)


def of(subject: Subject, verdict: Verdict) -> tuple[Action, ...]:
    """The flow's own button first, then what takes the obstacle away."""
    found = (*_run(subject, verdict), *_connection(subject, verdict), *_pages(verdict))
    return tuple(action for action in found if action is not None)


def _run(subject: Subject, verdict: Verdict) -> Iterator[Action]:
    decision = verdict.decision
    is_about_something = verdict.opportunity is not None or verdict.salesforce_id is not None
    if decision.flow not in _OF_FLOW or not is_about_something:
        return
    key, label = _OF_FLOW[decision.flow]
    words = describe(decision.reason)
    goes = decision.outcome in (Outcome.DONE, Outcome.DEFERRED)
    why_not = "" if goes else f"It would end with “{words.title}”."
    yield _button(subject, key, label, why_not=why_not)
    if decision.reason is Reason.HALF_REASSIGNMENT:
        yield _button(subject, PUSH, "Push to Salesforce, which fills the field anew")


def _connection(subject: Subject, verdict: Verdict) -> Iterator[Action]:
    if verdict.decision.reason in _OF_CONNECTION and connections.in_force() is not None:
        yield _button(subject, CHECK, "Check the connection")


def _pages(verdict: Verdict) -> Iterator[Action | None]:
    """Other pages, as far as this version has them."""
    reason, opportunity = verdict.decision.reason, verdict.opportunity
    if reason in _BY_HAND and opportunity is not None:
        yield _visit("link-by-hand", "Link by hand", "opportunity_link", opportunity.pk)
    elif reason is Reason.PRIMARY_QUOTE_MISSING:
        path = reverse("admin:console_opportunity_changelist") + "?link=no"
        yield Action("link-by-hand", "Choose an MN opportunity to link", "GET", path)
    if opportunity is not None and reason in _RELINK:
        yield _visit("relink", "Change or end the pair", "relink", opportunity.pk)
    if reason is Reason.ACCOUNT_NOT_LINKED and verdict.salesforce_id is not None:
        yield _visit("map-account", "Match the account", "account_mapping", verdict.salesforce_id)
    elif reason is Reason.ACCOUNT_NOT_LINKED:
        yield _visit("map-account", "Match the account", "account_mappings")


def _button(subject: Subject, key: str, label: str, *, why_not: str = "") -> Action:
    path = reverse("admin:console_explain_do", args=[subject.id, key])
    return Action(key, label, "POST", path, PERMISSIONS[key], why_not)


def _visit(key: str, label: str, name: str, *arguments: Any) -> Action | None:
    try:
        path = reverse(f"admin:console_{name}", args=arguments)
    except NoReverseMatch:
        return None
    return Action(key, label, "GET", path)
