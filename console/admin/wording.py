"""How states, outcomes, flows and triggers are said to a person, with their badges."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString

from console.admin.parts import NONE, Tone, badge
from console.models import InboundEvent, OutboundPush, Quote, Relink, SalesforceConnection
from syncrules.decisions import Effect, StepStatus
from syncrules.facts import DEAD_QUOTE, FINALIZED_OPPORTUNITY, FINALIZED_QUOTE
from syncrules.reasons import CATALOGUE, Outcome, Owner, Reason, ReasonText

Look = tuple[str, Tone, str]

OUTCOMES: Final[dict[str, Look]] = {
    Outcome.DONE: ("Done", "good", "check_circle"),
    Outcome.NOTHING_TO_DO: ("Nothing to do", "calm", "equal"),
    Outcome.SKIPPED: ("Skipped", "warn", "step_over"),
    Outcome.FAILED: ("Failed", "bad", "block"),
    Outcome.DEFERRED: ("Deferred", "info", "schedule"),
}
_PUSHES: Final[dict[str, Look]] = {
    OutboundPush.State.QUEUED: ("Queued", "info", "schedule"),
    OutboundPush.State.SENDING: ("Being sent", "info", "sync"),
    OutboundPush.State.SENT: ("Sent", "good", "check_circle"),
    OutboundPush.State.SKIPPED: ("Skipped", "warn", "step_over"),
    OutboundPush.State.PARKED: ("Set aside", "bad", "block"),
    OutboundPush.State.HELD: ("Held", "warn", "pause_circle"),
    OutboundPush.State.SUPERSEDED: ("Superseded", "calm", "layers"),
}
_CONNECTIONS: Final[dict[str, Look]] = {
    SalesforceConnection.State.UNTRIED: ("Not tried yet", "info", "help"),
    SalesforceConnection.State.LIVE: ("Live", "good", "check_circle"),
    SalesforceConnection.State.BROKEN: ("Broken", "bad", "error"),
}
RELINKS: Final[dict[str, Look]] = {
    Relink.State.PENDING: ("Waiting for Salesforce", "info", "schedule"),
    Relink.State.DONE: ("Done", "good", "check_circle"),
    Relink.State.COMPENSATED: ("Taken back: Salesforce refused", "bad", "undo"),
    Relink.State.UNDONE: ("Undone", "calm", "undo"),
}
_EVENTS: Final[dict[str, Look]] = {
    InboundEvent.State.RECEIVED: ("Received", "info", "schedule"),
    InboundEvent.State.PROCESSED: ("Processed", "good", "check_circle"),
    InboundEvent.State.REFUSED: ("Refused", "bad", "block"),
}
STEPS: Final[dict[str, Look]] = {
    StepStatus.PASSED: ("Passed", "good", "check"),
    StepStatus.BLOCKED: ("Stopped here", "bad", "close"),
    StepStatus.NOT_REACHED: ("Not reached", "calm", "remove"),
}
EFFECTS: Final[dict[str, str]] = {
    Effect.END_ASSOCIATION: "end the association",
    Effect.CLEAR_OLD_RECORD: "empty the old record",
    Effect.STORE_ASSOCIATION: "store the association",
    Effect.REQUEST_PUSH: "ask for a push",
    Effect.WRITE_LINK: "write the MN id",
    Effect.WRITE_PRIMARY_QUOTE: "write the primary quote",
    Effect.WRITE_PRODUCTS: "write the products",
    Effect.CREATE_OPPORTUNITY: "create the opportunity",
    Effect.CREATE_QUOTE: "create the quote",
    Effect.SET_PRIMARY_QUOTE: "set the primary quote",
    Effect.LINK_ACCOUNT: "match the two accounts",
    Effect.CREATE_ACCOUNT: "create the MN account",
}
TRIGGERS: Final = {
    "poll": "The poll found a change in Salesforce",
    "salesforce_event": "A signed call from Salesforce",
    "linked": "The pair was linked",
    "link_page": "Link by hand, on its page",
    "primary_quote_page": "The page of the primary quote",
    "relink_page": "Unlink or change partner, on its page",
    "mn_record": "A record that MonetizeNow sent",
    "account_page": "The account mapping page",
    "account_import": "An imported file of account pairs",
    "push_button": "The push button",
    "formula_changed": "A formula that amounts come from was changed",
    "push_again": "Push again, from the work queue",
    "reconcile": "A repair, from the drift ledger",
    "late_write": "A write may have arrived late: Salesforce is looked at once more",
}


def outcome_badge(outcome: str) -> SafeString:
    return badge(*OUTCOMES[outcome])


def push_badge(state: str) -> SafeString:
    return badge(*_PUSHES[state])


def connection_badge(state: str) -> SafeString:
    return badge(*_CONNECTIONS[state])


def relink_badge(state: str) -> SafeString:
    return badge(*RELINKS[state])


def event_badge(event: InboundEvent) -> SafeString:
    look = _EVENTS.get(event.state, (event.get_state_display().capitalize(), "calm", "layers"))
    return badge(*look)


def opportunity_status_badge(status: str) -> SafeString:
    if status in FINALIZED_OPPORTUNITY:
        tone: Tone = "good" if status == "WON" else "calm"
        return badge(in_words(status), tone, "lock", title="Finalized: its primary quote is locked")
    return badge(in_words(status), "info", "radio_button_unchecked")


def quote_status_badge(status: str) -> SafeString:
    if status in FINALIZED_QUOTE:
        return badge(in_words(status), "good", "lock", title="Finalized: locked as primary quote")
    if status in DEAD_QUOTE:
        return badge(in_words(status), "calm", "do_not_disturb_on", title="Cannot be primary")
    return badge(in_words(status), "info", "radio_button_unchecked")


def primary_mark(quote: Quote, primary_id: int | None) -> SafeString:
    if quote.pk != primary_id:
        return NONE
    return badge("Primary", "info", "star")


def in_words(value: str) -> str:
    """`ACCEPTED_ADMIN_EDITABLE` or `link_via_primary_quote` as a person would write it."""
    return value.replace("_", " ").strip().lower().capitalize()


def sentence_case(owner: Owner) -> str:
    """`RevOps` stays as it is, `sales rep` becomes `Sales rep`."""
    return owner.value[:1].upper() + owner.value[1:]


def trigger_in_words(trigger: str) -> str:
    return TRIGGERS.get(trigger, in_words(trigger))


def reason_text(reason: str) -> ReasonText | None:
    """The reason in words; None for an empty or unknown code."""
    try:
        return CATALOGUE[Reason(reason)]
    except ValueError:
        return None


def reason_title(reason: str) -> str:
    text = reason_text(reason)
    return text.title if text else in_words(reason)
