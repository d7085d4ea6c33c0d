"""Changes of partner that Salesforce still lacks, and how each of them ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models.functions import Now

from console import clock
from console.models import Association, Opportunity, Relink
from syncrules.decisions import Decision, StepStatus
from syncrules.reasons import Outcome

State = Relink.State


def pending_relinks(opportunity_ids: Iterable[int]) -> dict[int, Relink]:
    """Opportunity id -> the change whose Salesforce half is still to be done."""
    rows = Relink.objects.filter(opportunity_id__any_of=set(opportunity_ids), state=State.PENDING)
    return {row.opportunity_id: row for row in rows.select_related("old", "new")}


def step(what: str, *, status: str, detail: str = "") -> dict[str, Any]:
    """One recorded step of a change."""
    return {"what": what, "status": status, "detail": detail, "at": clock.now().isoformat()}


def overtake(opportunity_id: int) -> None:
    """The change that Salesforce still lacks is left to a newer one, which gives up the same
    record once more: to and fro before the push. Call with the opportunity locked."""
    for change in pending_relinks([opportunity_id]).values():
        left = step("left to a newer change, which gives up the same record", status="done")
        _finish(change, state=State.DONE, recorded=left)


def reopen_given_up(written: Mapping[int, str]) -> None:
    """Pushes were under way while their partners were given up: the records carry our MN ids after
    all, so the changes wait for Salesforce once more. Call with the opportunities locked.

    Shape: opportunity id -> the record that was written to
    """
    changes = Relink.objects.filter(opportunity_id__any_of=written, old__isnull=False)
    latest: dict[int, Relink] = {}
    for change in changes.select_related("old").order_by("pk"):
        if change.old and change.old.salesforce_id == written[change.opportunity_id]:
            latest[change.opportunity_id] = change
    pending = pending_relinks(latest) if latest else {}
    for opportunity_id, change in latest.items():
        if opportunity_id not in pending:
            _reopen(change, written=written[opportunity_id])


def _reopen(change: Relink, *, written: str) -> None:
    present = _in_force(change)
    if change.state == State.DONE and (present is None or present.salesforce_id != written):
        late = step("a push that was under way still wrote to the old record", status="done")
        Relink.objects.filter(pk=change.pk).update(
            state=State.PENDING, finished_at=None, steps=[*change.steps, late]
        )


def settle_relink(relink: Relink, decision: Decision, *, refusal: str) -> None:
    """Salesforce has done its half, has refused it for good, or is asked again later.

    Refused for good: our half is taken back, so that the two sides say the same again. Call with
    the opportunity locked.
    """
    blocking = decision.blocking_step
    is_refused = blocking is not None and blocking.key == "old_partner_is_released"
    is_open = decision.outcome is Outcome.DEFERRED
    if is_refused and not is_open:
        _take_back(relink, refusal=refusal)
    elif any(_is_released(each.key, each.status) for each in decision.steps):
        _finish(relink, state=State.DONE, recorded=step(_release_of(relink), status="done"))


def _is_released(key: str, status: StepStatus) -> bool:
    return key == "old_partner_is_released" and status is StepStatus.PASSED


def _release_of(relink: Relink) -> str:
    present = _in_force(relink)
    if present and relink.old and present.salesforce_id == relink.old.salesforce_id:
        return "the old record is the partner again, so it keeps its link fields"
    return "Salesforce empties the link fields of the old record"


def _take_back(relink: Relink, *, refusal: str) -> None:
    if _is_overtaken(relink):
        kept = step(
            "Salesforce keeps our MN id on the old record", status="refused", detail=refusal
        )
        _finish(relink, state=State.DONE, recorded=kept)
        return
    why = f"taken back, Salesforce refused: {refusal}"[:500]
    if relink.new is not None:
        Association.objects.filter(pk=relink.new.pk, ended_at__isnull=True).update(
            ended_at=Now(), ended_because=why
        )
    restore_pair(relink, linked_by="relink", because="compensation")
    _finish(relink, state=State.COMPENSATED, recorded=step(why, status="taken back"))


def _is_overtaken(relink: Relink) -> bool:
    """One of the two was linked anew since: that pair stands, and the old one stays ended."""
    present = _in_force(relink)
    if present is not None and present != relink.new:
        return True
    others = Association.objects.exclude(opportunity_id=relink.opportunity_id)
    old = relink.old.salesforce_id if relink.old else None
    return others.filter(salesforce_id=old, ended_at__isnull=True).exists()


def _in_force(relink: Relink) -> Association | None:
    rows = Association.objects.filter(ended_at__isnull=True)
    return rows.filter(opportunity_id=relink.opportunity_id).first()


def restore_pair(relink: Relink, *, linked_by: str, because: str) -> Association | None:
    """The pair as it was before the change, stored anew, with the creation reference put back."""
    Opportunity.objects.filter(pk=relink.opportunity_id).update(
        creation_reference=relink.old_reference
    )
    if relink.old is None:
        return None
    return Association.objects.create(
        opportunity_id=relink.opportunity_id,
        salesforce_id=relink.old.salesforce_id,
        linked_by=linked_by,
        actor_name=f"{relink.actor_name} ({because})",
        actor_id=relink.actor_id,
    )


def _finish(relink: Relink, *, state: str, recorded: dict[str, Any]) -> None:
    Relink.objects.filter(pk=relink.pk).update(
        state=state, finished_at=Now(), steps=[*relink.steps, recorded]
    )
