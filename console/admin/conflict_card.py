"""A conflict on one card: both records on both sides, who linked whom when, and the legal moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.safestring import SafeString

from console.actor import Actor
from console.admin import addresses, lock_passport, rights, wording
from console.admin.base import page_of
from console.admin.parts import at, badge, code, link
from console.admin.rights import Control
from console.admin.salesforce_links import record_link
from console.models import Association, Opportunity, SyncLog
from syncrules import (
    create_from_quote_initiation,
    link_by_hand,
    link_via_primary_quote,
    push_outbound,
    relink,
)
from syncrules.decisions import Decision
from syncrules.facts import (
    InitiationFacts,
    LinkFacts,
    LocalOpportunity,
    ManualLinkFacts,
    Pairing,
    PushFacts,
    RelinkFacts,
    RemoteOpportunity,
)
from syncrules.json_form import from_json
from syncrules.reasons import Reason

Facts = LinkFacts | ManualLinkFacts | RelinkFacts | PushFacts | InitiationFacts
_KINDS: Final[dict[str, type[Facts]]] = {
    link_via_primary_quote.FLOW: LinkFacts,
    link_by_hand.FLOW: ManualLinkFacts,
    relink.FLOW: RelinkFacts,
    push_outbound.FLOW: PushFacts,
    create_from_quote_initiation.FLOW: InitiationFacts,
}
STANDS: Final = badge("In force", "good", "link")
ENDED: Final = badge("Ended since", "calm", "history")


@dataclass(frozen=True, slots=True)
class Parties:
    """Who was to be paired with whom, and the pairs that stand in the way."""

    opportunity: LocalOpportunity | None
    salesforce_id: str
    remote: RemoteOpportunity | None
    standing: tuple[Pairing, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of the card, and what may be done about it."""

    opportunity: SafeString | str
    opportunity_id: SafeString
    record: SafeString
    record_name: str
    mark: SafeString | str = ""
    linked: SafeString | str = ""
    by: str = ""
    unlink: tuple[Control, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """`marked`: the record carries the MN id of an opportunity that no stored pair speaks of."""

    wished: Pair
    standing: list[Pair]
    marked: SafeString | str = ""


def card(request: HttpRequest, facts: object, decision: Decision, *, base: str) -> Card | None:
    """The card of a conflicting association; None for every other decision."""
    if decision.reason is not Reason.CONFLICTING_ASSOCIATION or not isinstance(facts, Facts):
        return None
    parties = _parties(facts)
    marked = _marked(parties)
    known = _opportunities(parties, marked)
    return Card(
        wished=_wished(parties, known, base=base),
        standing=[_standing(request, pair, parties, known, base=base) for pair in parties.standing],
        marked=_opportunity(marked, known) if marked else "",
    )


def of_entry(request: HttpRequest, entry: SyncLog, *, base: str) -> Card | None:
    """The card of a kept decision, or None where this version cannot read it."""
    kind = _KINDS.get(entry.flow)
    if kind is None or entry.reason != Reason.CONFLICTING_ASSOCIATION:
        return None
    try:
        facts, decision = from_json(kind, entry.facts), from_json(Decision, entry.decision)
    except ValueError:
        return None
    return card(request, facts, decision, base=base)


def _parties(facts: Facts) -> Parties:
    """The stored pairs are those of another partner; the pair that is asked for is no obstacle."""
    if isinstance(facts, RelinkFacts):
        opportunity: LocalOpportunity | None = facts.opportunity
        record, remote = facts.target or "", facts.new
        pairs: tuple[Pairing | None, ...] = (facts.pairing_of_target,)
    elif isinstance(facts, PushFacts):
        opportunity, remote = facts.opportunity, facts.remote
        record = remote.salesforce_id if remote else (facts.opportunity.creation_reference or "")
        pairs = (facts.pairing_of_record,)
    elif isinstance(facts, InitiationFacts):
        opportunity, record, remote = None, facts.salesforce_id, facts.remote
        pairs = (facts.pairing_of_record,)
    else:
        opportunity, record, remote = facts.opportunity, facts.salesforce_id, facts.remote
        pairs = (facts.pairing_of_opportunity, facts.pairing_of_record)
    wished = (opportunity.mn_id if opportunity else None, record)
    standing = tuple(p for p in pairs if p and (p.opportunity_mn_id, p.salesforce_id) != wished)
    return Parties(opportunity, record, remote, standing)


def _marked(parties: Parties) -> str:
    """The MN id on the record, where it is neither that of the wish nor that of a stored pair."""
    mn_id = parties.remote.mn_id if parties.remote else None
    spoken_of = {pair.opportunity_mn_id for pair in parties.standing}
    if parties.opportunity is not None:
        spoken_of.add(parties.opportunity.mn_id)
    return mn_id if mn_id and mn_id not in spoken_of else ""


def _opportunities(parties: Parties, marked: str) -> dict[str, Opportunity]:
    """MN id -> the opportunity, of all that the card speaks of and that are known here."""
    mn_ids = {pair.opportunity_mn_id for pair in parties.standing} | {marked}
    if parties.opportunity is not None:
        mn_ids.add(parties.opportunity.mn_id)
    rows = Opportunity.objects.filter(mn_id__in=mn_ids - {""})
    related = rows.select_related("account", "primary_quote").prefetch_related(
        "primary_quote__readers"
    )
    return {row.mn_id: row for row in related}


def _opportunity(mn_id: str, known: dict[str, Opportunity]) -> SafeString | str:
    return link(known[mn_id].name, page_of(known[mn_id])) if mn_id in known else mn_id


def _wished(parties: Parties, known: dict[str, Opportunity], *, base: str) -> Pair:
    ours = parties.opportunity
    return Pair(
        opportunity=_opportunity(ours.mn_id, known) if ours else "A new MN opportunity",
        opportunity_id=code(ours.mn_id if ours else None),
        record=record_link(parties.salesforce_id, base=base),
        record_name=parties.remote.name if parties.remote else "",
    )


def _standing(
    request: HttpRequest,
    pairing: Pairing,
    parties: Parties,
    known: dict[str, Opportunity],
    *,
    base: str,
) -> Pair:
    row = _row(pairing)
    is_in_force = row is not None and row.ended_at is None
    opportunity = known.get(pairing.opportunity_mn_id)
    return Pair(
        opportunity=_opportunity(pairing.opportunity_mn_id, known),
        opportunity_id=code(pairing.opportunity_mn_id),
        record=record_link(pairing.salesforce_id, base=base),
        record_name=_name_of(pairing.salesforce_id, parties),
        mark=STANDS if is_in_force else ENDED,
        linked=at(pairing.linked_at),
        by=f"{wording.in_words(pairing.linked_by)}, {pairing.actor}",
        unlink=tuple(_unlink(request, opportunity)) if opportunity and is_in_force else (),
        page=page_of(row) if row else "",
    )


def _row(pairing: Pairing) -> Association | None:
    """The stored pair as it is now; it may have been ended since the decision."""
    rows = Association.objects.filter(
        opportunity__mn_id=pairing.opportunity_mn_id, salesforce_id=pairing.salesforce_id
    )
    return rows.order_by("-pk").first()


def _name_of(salesforce_id: str, parties: Parties) -> str:
    """The record's name: from the facts, else as the newest log entry that saw it has it."""
    remote = parties.remote
    if remote is not None and remote.salesforce_id == salesforce_id:
        return remote.name
    entries = SyncLog.objects.filter(salesforce_id=salesforce_id).order_by("-pk")
    names: Iterable[str | None] = entries.values_list("facts__remote__name", flat=True)[:5]
    return next((name for name in names if name), "")


def _unlink(request: HttpRequest, opportunity: Opportunity) -> Iterator[Control]:
    reader = Actor.of_user(request.user)
    yield rights.door(
        request,
        "Unlink this pair",
        icon="link_off",
        address=addresses.relink(opportunity.pk, choice="unlink"),
        permission="console.link_opportunity",
        passport=lock_passport.of_deal(opportunity, reader=reader),
    )
