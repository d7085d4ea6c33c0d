"""What does this id name? Ids of both sides, in whatever state they were pasted."""

from __future__ import annotations

import re
from typing import Final

from console.explain.answer import Kind, NothingFound, Subject
from console.models import Account, Association, InboundEvent, Opportunity, Quote, SyncLog
from syncrules import salesforce_id

LONGEST: Final = 500
_MN_FORM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MN_KINDS: Final = ((Kind.OPPORTUNITY, Opportunity), (Kind.QUOTE, Quote), (Kind.ACCOUNT, Account))
_SALESFORCE_KINDS: Final = {
    salesforce_id.OPPORTUNITY: Kind.SALESFORCE_OPPORTUNITY,
    salesforce_id.ACCOUNT: Kind.SALESFORCE_ACCOUNT,
}
_MN_TABLES: Final = "the MN ids of opportunities, quotes and accounts: none is like this"


def identify(text: str) -> Subject | NothingFound:
    """What the text names. An MN id that is stored here comes before anything it looks like."""
    text = text.strip()
    if not text:
        return NothingFound(text, "Nothing was asked for.", ())
    if len(text) > LONGEST:
        return NothingFound(text[:60] + "...", f"That is over {LONGEST} characters long.", ())
    return _of_monetize_now(text) or _of_salesforce(text)


def _of_monetize_now(text: str) -> Subject | None:
    if not _MN_FORM.fullmatch(text):
        return None
    found = [kind for kind, model in _MN_KINDS if model.objects.filter(mn_id=text).exists()]
    if not found:
        return None
    also = tuple(f"The same MN id also names an {kind.label}." for kind in found[1:])
    return Subject(found[0], text, also)


def _of_salesforce(text: str) -> Subject | NothingFound:
    try:
        found = salesforce_id.from_pasted(text)
    except salesforce_id.InvalidSalesforceId as error:
        return NothingFound(text, f"As a Salesforce id: {error}.", (_MN_TABLES,))
    kind = _SALESFORCE_KINDS.get(found[:3])
    if kind is None:
        because = f"{found} is a Salesforce id of something else: it starts with {found[:3]}."
        return NothingFound(text, because, (_MN_TABLES,))
    return Subject(kind, found, _how_it_was_read(text, found))


def _how_it_was_read(text: str, found: str) -> tuple[str, ...]:
    notes = []
    if "/" in text or "?" in text:
        notes.append(f"The id {found} was found in the pasted address.")
    if found[:15] not in text:
        notes.append(
            "Upper and lower case of the id were damaged; the last three characters say what they "
            f"were, so it was repaired: {found}."
        )
    elif found not in text:
        notes.append(f"The 15-character form was completed to {found}.")
    return tuple(notes)


def is_known_here(record: str) -> bool:
    """Whether anything stored ever mentions the Salesforce opportunity."""
    mentions = (
        Association.objects.filter(salesforce_id=record),
        Opportunity.objects.filter(creation_reference=record),
        SyncLog.objects.filter(salesforce_id=record),
        InboundEvent.objects.filter(salesforce_id=record),
    )
    return any(rows.exists() for rows in mentions)


def nowhere(asked: str, record: str) -> NothingFound:
    """A well-formed id of a Salesforce opportunity that neither side knows."""
    return NothingFound(
        asked,
        f"{record} has the form of a Salesforce opportunity's id, and there is no such record.",
        (
            "Salesforce, asked just now: no opportunity that the integration user can see",
            "the pairs, past ones included: none has it",
            "the references kept at creation: none",
            "the sync log and the inbound events: no mention",
            _MN_TABLES,
        ),
    )
