"""An opportunity of either side: through which flow would it go now, and how far?"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet

from console.actor import Actor
from console.explain import foresight
from console.explain.answer import NothingFound
from console.explain.subject import is_known_here, nowhere
from console.explain.verdict import Verdict, veiled
from console.facts import may_read
from console.models import Association, Opportunity
from console.models.outbound_push import PushLane
from syncrules.facts import MN_ID_FIELD, RemoteOpportunity
from syncrules.reasons import Reason


def opportunities() -> QuerySet[Opportunity]:
    """Rows with what an explanation tells of them."""
    return Opportunity.objects.select_related("account", "primary_quote")


def of_record(record: str, *, asked: str, actor: Actor) -> Verdict | NothingFound:
    pair = Association.objects.filter(salesforce_id=record, ended_at__isnull=True).first()
    if pair is not None:
        return _of_paired_record(pair, actor=actor)
    facts, foreseen = foresight.of_link(record, actor=actor)
    if foreseen.was_asked and foreseen.remote is None and not is_known_here(record):
        return nowhere(asked, record)
    is_theirs = facts.quote is not None and facts.quote.is_readable
    return Verdict(
        why=_why_link(foreseen.remote),
        foresight=foreseen,
        opportunity=opportunities().get(mn_id=facts.opportunity.mn_id)
        if facts.opportunity and is_theirs
        else None,
        salesforce_id=record,
    )


def _of_paired_record(pair: Association, *, actor: Actor) -> Verdict:
    pushed = of_push(
        opportunities().get(pk=pair.opportunity_id),
        why="The Salesforce opportunity is linked. What changes on the MN side goes out to it "
        "by a push; the path through its primary quote is not taken any more.",
        actor=actor,
    )
    if not pushed.remarks:
        return pushed
    _, foreseen = foresight.of_link(pair.salesforce_id, actor=actor)
    if foreseen.decision.reason is not Reason.HALF_REASSIGNMENT:
        return pushed
    return replace(
        pushed,
        why="The pair is stored, yet the field that links the Salesforce opportunity was emptied. "
        "That change arrives through this flow.",
        foresight=foreseen,
    )


def _why_link(remote: RemoteOpportunity | None) -> str:
    if remote is not None and remote.mn_id is not None:
        return (
            f"No stored pair has this Salesforce opportunity, yet its {MN_ID_FIELD} is filled. "
            "Whatever arrives for it goes through this flow, which treats it as linked."
        )
    return (
        "No stored pair has this Salesforce opportunity. When it arrives, the flow looks for its "
        "MN opportunity through the primary quote that it names."
    )


def of_push(opportunity: Opportunity, *, why: str, actor: Actor) -> Verdict:
    facts, foreseen = foresight.of_push(opportunity.pk)
    primary = opportunity.primary_quote
    if primary is not None and not may_read(primary, actor):
        foreseen = replace(foreseen, decision=veiled(foreseen.decision))
    located = facts.pairing.salesforce_id if facts.pairing else opportunity.creation_reference
    return Verdict(
        why=why,
        foresight=foreseen,
        opportunity=opportunity,
        salesforce_id=located,
        remarks=_half_unlinked(opportunity, foreseen.remote) if facts.pairing else (),
    )


def why_push(opportunity: Opportunity) -> str:
    if opportunity.associations.filter(ended_at__isnull=True).exists():
        return "The MN opportunity is linked, so its changes go out by a push."
    if opportunity.creation_reference:
        return (
            "No pair is stored. A push would find the Salesforce opportunity through the reference "
            "that was kept when the MN opportunity was created."
        )
    return (
        "A change of an MN opportunity goes out by a push, which first looks for the Salesforce "
        "opportunity it is linked to."
    )


def _half_unlinked(opportunity: Opportunity, remote: RemoteOpportunity | None) -> tuple[str, ...]:
    """Clearing the field in Salesforce alone is half of a reassignment."""
    is_empty = remote is not None and remote.mn_id is None
    under_way = opportunity.pushes.filter(lane=PushLane.LINK, finished_at__isnull=True)
    if not is_empty or under_way.exists():
        return ()
    said = (
        f"{MN_ID_FIELD} is empty in Salesforce while the pair is still stored here. Clearing that "
        "field is only half of a reassignment: the next push fills it again. To give either side "
        "another partner, unlink the pair here."
    )
    return (said,)
