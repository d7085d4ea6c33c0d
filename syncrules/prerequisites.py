"""What a skipped or failed attempt waits for, if it is something that can appear by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from syncrules.decisions import Decision
from syncrules.facts import InitiationFacts, LinkFacts, PrimaryQuoteFacts, PushFacts
from syncrules.reasons import Reason


class Prerequisite(StrEnum):
    CONNECTION = "connection"
    QUOTE = "quote"
    QUOTE_OF_OPPORTUNITY = "quote_of_opportunity"
    QUOTE_RECORD = "quote_record"
    ACCOUNT = "account"
    LINK = "link"


IN_WORDS: Final = {
    Prerequisite.CONNECTION: "a live Salesforce connection",
    Prerequisite.QUOTE: "the MN quote to arrive",
    Prerequisite.QUOTE_OF_OPPORTUNITY: "the MN quote to be attached to an opportunity",
    Prerequisite.QUOTE_RECORD: "the quote's record in Salesforce",
    Prerequisite.ACCOUNT: "an MN account for the Salesforce account",
    Prerequisite.LINK: "a link of the MN opportunity",
}


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is waited for, and which one. `key` is empty where there is only one."""

    prerequisite: Prerequisite
    key: str


def subject(facts: object) -> str | None:
    """What an attempt was about, under the name by which it can be run again; None if it cannot."""
    if isinstance(facts, LinkFacts | InitiationFacts):
        return facts.salesforce_id
    if isinstance(facts, PushFacts | PrimaryQuoteFacts):
        return facts.opportunity.mn_id
    return None


def awaited(decision: Decision, facts: object) -> Awaited | None:
    """What lets the same attempt go further once it appears; None when only a person can help.

    A conflict or a lock is not waited for: someone has to decide. Nor is a primary quote that a
    person chose: they are told, and choose again.
    """
    if decision.reason is Reason.NO_SALESFORCE_CONNECTION:
        is_repeatable = isinstance(facts, LinkFacts | InitiationFacts)
        return Awaited(Prerequisite.CONNECTION, "") if is_repeatable else None
    if isinstance(facts, LinkFacts):
        return _of_a_link(decision.reason, facts)
    if isinstance(facts, InitiationFacts):
        return _of_an_initiation(decision.reason, facts)
    if isinstance(facts, PushFacts):
        return _of_a_push(decision.reason, facts)
    return None


def _of_a_link(reason: Reason, facts: LinkFacts) -> Awaited | None:
    named = facts.remote.primary_quote_mn_id if facts.remote else None
    if named is None:
        return None
    if reason is Reason.QUOTE_INACCESSIBLE and facts.quote is None:
        return Awaited(Prerequisite.QUOTE, named)
    if reason is Reason.QUOTE_WITHOUT_OPPORTUNITY:
        return Awaited(Prerequisite.QUOTE_OF_OPPORTUNITY, named)
    return None


def _of_an_initiation(reason: Reason, facts: InitiationFacts) -> Awaited | None:
    account = facts.remote.account_salesforce_id if facts.remote else None
    if reason is Reason.ACCOUNT_NOT_LINKED and account is not None:
        return Awaited(Prerequisite.ACCOUNT, account)
    return None


def _of_a_push(reason: Reason, facts: PushFacts) -> Awaited | None:
    primary = facts.opportunity.primary_quote_mn_id
    if reason is Reason.LINK_NEVER_ESTABLISHED:
        return Awaited(Prerequisite.LINK, facts.opportunity.mn_id)
    if reason is Reason.QUOTE_NOT_IN_SALESFORCE and primary is not None:
        return Awaited(Prerequisite.QUOTE_RECORD, primary)
    return None
