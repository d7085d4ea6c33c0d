"""A change of partner on both sides: as it is planned, and as it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.actor import Actor
from console.admin import conflict_card, lock_passport, rights
from console.admin.foreseen import Foreseen, foreseen, unreadable
from console.admin.lock_passport import Passport
from console.admin.parts import EMPTY, at, code
from console.admin.salesforce_links import base_url, record_link
from console.flows import relink
from console.models import Opportunity
from console.salesforce.gateway import SalesforceError
from syncrules.decisions import Decision
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    RelinkFacts,
    RemoteOpportunity,
)
from syncrules.reasons import Outcome, Reason

_PERMISSION: Final = "console.link_opportunity"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that the plan does to one record: from what to what."""

    icon: str
    record: SafeString | str
    what: str
    before: SafeString | str = ""
    after: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """Whether one of the two sides may still be changed."""

    name: str
    state: str
    passport: Passport | None = None


def context(
    request: HttpRequest, opportunity: Opportunity, *, target: str | None, why: str
) -> dict[str, Any]:
    """What the plan's page shows; nothing is changed."""
    base = base_url()
    try:
        facts, decision = relink.preview(opportunity.pk, target=target)
    except SalesforceError as error:
        return {"foreseen": unreadable(error)}
    locks = _locks(request, opportunity, facts, base=base)
    return {
        "foreseen": _foreseen(request, facts, decision, locks, why=why, base=base),
        "conflict": conflict_card.card(request, facts, decision, base=base),
        "locks": locks,
        "ours": list(_ours(facts, why=why, base=base)),
        "theirs": list(_theirs(facts, base=base)),
    }


def _foreseen(
    request: HttpRequest,
    facts: RelinkFacts,
    decision: Decision,
    locks: list[Lock],
    *,
    why: str,
    base: str,
) -> Foreseen:
    target = facts.target
    goes = decision.outcome is Outcome.DONE
    locked = next((lock.passport for lock in locks if lock.passport), None)
    confirm = rights.control(
        request,
        "Change the partner" if target else "Unlink",
        icon="swap_horiz" if target else "link_off",
        address=request.path,
        permission=_PERMISSION,
        lock="" if goes else _why_not(decision, locked),
        fields=(
            ("choice", "relink" if target else "unlink"),
            ("record", target or ""),
            ("why", why),
            ("from", facts.pairing.salesforce_id if facts.pairing else ""),
        ),
        passport=None if goes else locked,
    )
    return foreseen(
        decision,
        base=base,
        headline="The partner can be changed" if target else "The pair can be ended",
        lead="Our side changes at once, Salesforce's by the push that follows. Should Salesforce "
        "refuse, our side is taken back. It can be undone while nothing else has changed.",
        controls=() if decision.reason is Reason.ALREADY_LINKED else (confirm,),
    )


def _why_not(decision: Decision, locked: Passport | None) -> str:
    if decision.reason is Reason.ENTITY_FINALIZED and locked:
        return locked.sentence
    return "It would be refused, for the reason on this page."


def _locks(
    request: HttpRequest, opportunity: Opportunity, facts: RelinkFacts, *, base: str
) -> list[Lock]:
    """Both sides, and the new partner's."""
    if not facts.connection.is_live:
        return [Lock("Salesforce", "not connected", lock_passport.of_connection())]
    deal = lock_passport.of_deal(opportunity, reader=Actor.of_user(request.user))
    locks = [Lock(f"{opportunity.name}, in MonetizeNow", _state(deal), deal)]
    for which, remote in (("the old record", facts.old), ("the new record", facts.new)):
        if remote is not None:
            closed = lock_passport.of_record(remote, base=base) if remote.is_closed else None
            locks.append(Lock(f"{remote.name}, {which} in Salesforce", _state(closed), closed))
    return locks


def _state(passport: Passport | None) -> str:
    return passport.sentence if passport else "open"


def _ours(facts: RelinkFacts, *, why: str, base: str) -> Iterator[Move]:
    if facts.pairing is not None:
        since = at(facts.pairing.linked_at)
        yield Move(
            "link_off",
            record_link(facts.pairing.salesforce_id, base=base),
            "Our pair with this record ends and is kept as history, with your reason.",
            format_html("linked {}", since),
            format_html("ended: {}", why),
        )
    if facts.target is not None:
        yield Move(
            "add_link",
            record_link(facts.target, base=base),
            "A pair with this record is stored.",
            "not linked",
            "linked",
        )
    if facts.opportunity.creation_reference is not None:
        yield Move(
            "ink_eraser",
            code(facts.opportunity.mn_id),
            "The record referenced at creation is forgotten, so that no push finds it again. An "
            "undo puts it back.",
            record_link(facts.opportunity.creation_reference, base=base),
            EMPTY,
        )


def _theirs(facts: RelinkFacts, *, base: str) -> Iterator[Move]:
    """The old record first, as the push does it: no moment shows two."""
    old = facts.old
    if old is not None:
        yield from _emptied(old, is_cleared=_is_ours(old, facts), base=base)
    elif facts.pairing is not None:
        gone = record_link(facts.pairing.salesforce_id, base=base)
        yield Move("help", gone, "The record is gone or out of sight; there is nothing to empty.")
    if facts.new is not None:
        yield from _filled(facts.new, facts, base=base)


def _is_ours(old: RemoteOpportunity, facts: RelinkFacts) -> bool:
    return old.mn_id == facts.opportunity.mn_id


def _emptied(old: RemoteOpportunity, *, is_cleared: bool, base: str) -> Iterator[Move]:
    record = record_link(old.salesforce_id, base=base)
    if not is_cleared:
        words = f"{MN_ID_FIELD} is not ours to empty; the record is left alone."
        yield Move("block", record, words, code(old.mn_id) if old.mn_id else EMPTY)
        return
    yield Move("ink_eraser", record, f"{MN_ID_FIELD} is emptied.", code(old.mn_id), EMPTY)
    primary = old.primary_quote_mn_id or old.primary_quote_salesforce_id
    yield Move(
        "ink_eraser",
        record,
        f"{PRIMARY_QUOTE_FIELD} is emptied.",
        code(primary) if primary else EMPTY,
        EMPTY,
    )


def _filled(new: RemoteOpportunity, facts: RelinkFacts, *, base: str) -> Iterator[Move]:
    record = record_link(new.salesforce_id, base=base)
    yield Move(
        "edit",
        record,
        f"{MN_ID_FIELD} is filled.",
        code(new.mn_id) if new.mn_id else EMPTY,
        code(facts.opportunity.mn_id),
    )
    primary = facts.primary
    if primary is not None:
        yield Move(
            "edit",
            record,
            f"{PRIMARY_QUOTE_FIELD} is filled.",
            code(new.primary_quote_mn_id) if new.primary_quote_mn_id else EMPTY,
            code(primary.mn_id),
        )
