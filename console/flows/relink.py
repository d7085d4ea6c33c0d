"""Ends a pair, or gives an MN opportunity another Salesforce opportunity; both can be undone.

Our half is done here in one transaction; Salesforce's half is done by the push that follows,
which takes our half back when Salesforce refuses.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from console import outbox, sync_log
from console.actor import Actor
from console.collisions import tried_again
from console.facts import (
    opportunity_fact,
    pairings_of_opportunities,
    pairings_of_records,
    quote_fact,
)
from console.locks import lock_opportunities, lock_records
from console.models import Association, Opportunity, Relink, SyncLog
from console.reading import Reading, read
from console.relinks import overtake, step
from syncrules import relink as rule
from syncrules.decisions import Decision, Effect
from syncrules.facts import RelinkFacts


class ReasonMissing(ValueError):
    """A change of partner without a word of why."""


class CannotUndo(ValueError):
    """Something else has changed since; says what."""


class PlanIsOld(ValueError):
    """Somebody else changed the partner since the plan was made."""


def preview(
    opportunity_id: int, *, target: str | None, is_undo: bool = False
) -> tuple[RelinkFacts, Decision]:
    """What `run` would decide now; changes nothing."""
    reading, _ = _read(opportunity_id, target, is_preview=True)
    facts, _ = _gather(opportunity_id, target=target, reading=reading, is_undo=is_undo)
    return facts, rule.decide(facts)


@tried_again
def run(
    opportunity_id: int,
    *,
    target: str | None,
    reason_text: str,
    trigger: str,
    actor: Actor,
    undoes: int | None = None,
    planned_from: str | None = None,
) -> SyncLog:
    """The log entry of one attempt to end the pair (`target` None) or to change the partner.

    `undoes`: the change that this one takes back; its creation reference comes back as well.
    `planned_from`: the partner that the plan ends the pair with, if somebody has seen a plan.
    Errors: ReasonMissing; CannotUndo; PlanIsOld; SalesforceError when the records cannot be read.
    Nothing is written then.
    """
    if not reason_text.strip():
        raise ReasonMissing("reason: say in a few words why the partner changes")
    watch = sync_log.Stopwatch()
    reading, partner = _read(opportunity_id, target)
    with transaction.atomic():
        lock_records(sorted(reading.remotes) + ([target] if target else []))
        lock_opportunities([opportunity_id])
        undone = _undoable(undoes) if undoes else None
        facts, opportunity = _gather(
            opportunity_id, target=target, reading=reading, is_undo=undone is not None
        )
        _check_plan(facts, read_for=partner, planned_from=planned_from)
        decision = rule.decide(facts)
        if decision.effects:
            _carry_out(decision, facts, opportunity, reason_text=reason_text, actor=actor)
            if undone is not None:
                _mark_undone(undone)
        return sync_log.keep(
            decision,
            facts,
            trigger=trigger,
            actor=actor,
            opportunity=opportunity,
            salesforce_id=target or (facts.pairing.salesforce_id if facts.pairing else None),
            detail=reason_text,
            duration_ms=watch.ms,
        )


def undo(relink_id: int, *, trigger: str, actor: Actor) -> SyncLog:
    """The log entry of one attempt to put the earlier pair back.

    Errors: CannotUndo when something else has changed since; SalesforceError as for `run`.
    """
    change = _undoable(relink_id)
    return run(
        change.opportunity_id,
        target=change.old.salesforce_id if change.old else None,
        reason_text=f"undo of change {change.pk}: {change.reason_text}"[:500],
        trigger=trigger,
        actor=actor,
        undoes=change.pk,
    )


def why_not_undo(relink_id: int) -> str:
    """Why the change can no longer be undone, in words; empty while it can be."""
    try:
        _undoable(relink_id)
    except CannotUndo as error:
        return str(error)
    return ""


def _undoable(relink_id: int) -> Relink:
    """The change, if nothing happened to its opportunity since."""
    change = Relink.objects.select_related("old", "new").get(pk=relink_id)
    if change.state != Relink.State.DONE:
        raise CannotUndo(
            f"The change is {change.get_state_display()}, so there is nothing to undo."
        )
    if Relink.objects.filter(opportunity_id=change.opportunity_id, pk__gt=relink_id).exists():
        raise CannotUndo("The partner was changed again since.")
    in_force = Association.objects.filter(
        opportunity_id=change.opportunity_id, ended_at__isnull=True
    ).first()
    if in_force != change.new:
        raise CannotUndo("The opportunity was linked differently since.")
    return change


def _mark_undone(change: Relink) -> None:
    Relink.objects.filter(pk=change.pk).update(state=Relink.State.UNDONE)
    Opportunity.objects.filter(pk=change.opportunity_id).update(
        creation_reference=change.old_reference
    )


def _check_plan(facts: RelinkFacts, *, read_for: str | None, planned_from: str | None) -> None:
    """The old partner is the one that was read and seen. Another one's record was not looked at,
    and would keep our MN id for ever."""
    partner = facts.pairing.salesforce_id if facts.pairing else None
    if partner != read_for or planned_from not in (None, partner):
        raise PlanIsOld("The partner was changed by somebody else since the plan was made.")


def _read(
    opportunity_id: int, target: str | None, *, is_preview: bool = False
) -> tuple[Reading, str | None]:
    """What Salesforce has of both records, and which of them is the present partner."""
    pairing = pairings_of_opportunities([opportunity_id]).get(opportunity_id)
    partner = pairing.salesforce_id if pairing else None
    records = {each for each in (target, partner) if each}
    return read(records, is_preview=is_preview), partner


def _gather(
    opportunity_id: int, *, target: str | None, reading: Reading, is_undo: bool
) -> tuple[RelinkFacts, Opportunity]:
    related = ("account", "primary_quote__account", "primary_quote__opportunity")
    opportunity = Opportunity.objects.select_related(*related).get(pk=opportunity_id)
    pairing = pairings_of_opportunities([opportunity_id]).get(opportunity_id)
    primary = opportunity.primary_quote
    facts = RelinkFacts(
        connection=reading.connection,
        opportunity=opportunity_fact(opportunity),
        pairing=pairing,
        primary=quote_fact(primary, reader=Actor.console("relink")) if primary else None,
        old=reading.remotes.get(pairing.salesforce_id) if pairing else None,
        target=target,
        new=reading.remotes.get(target) if target else None,
        pairing_of_target=pairings_of_records([target]).get(target) if target else None,
        is_undo=is_undo,
    )
    return facts, opportunity


def _carry_out(
    decision: Decision,
    facts: RelinkFacts,
    opportunity: Opportunity,
    *,
    reason_text: str,
    actor: Actor,
) -> None:
    recorded = []
    old = Association.objects.filter(opportunity=opportunity, ended_at__isnull=True).first()
    if old is not None:
        Association.objects.filter(pk=old.pk).update(ended_at=Now(), ended_because=reason_text)
        recorded.append(step(f"our pair with {old.salesforce_id} is ended", status="done"))
    new = None
    if facts.target is not None:
        new = Association.objects.create(
            opportunity=opportunity,
            salesforce_id=facts.target,
            linked_by=rule.FLOW,
            actor_name=actor.name,
            actor_id=actor.user_id,
        )
        recorded.append(step(f"our pair with {facts.target} is stored", status="done"))
    # Else the next push would find the old record through it, and link the two again.
    Opportunity.objects.filter(pk=opportunity.pk).update(creation_reference=None)
    is_pending = decision.has(Effect.CLEAR_OLD_RECORD)
    if is_pending:
        overtake(opportunity.pk)
    Relink.objects.create(
        opportunity=opportunity,
        old=old,
        new=new,
        old_reference=opportunity.creation_reference,
        state=Relink.State.PENDING if is_pending else Relink.State.DONE,
        finished_at=None if is_pending else Now(),
        reason_text=reason_text,
        steps=recorded,
        actor_name=actor.name,
        actor_id=actor.user_id,
    )
    outbox.request_push(opportunity_id=opportunity.pk, trigger=rule.FLOW, actor=actor)
