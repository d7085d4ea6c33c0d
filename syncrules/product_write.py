"""What became of the changes that were sent: which refusals stand, and what was not kept?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from syncrules.line_reasons import LineOutcome, describe
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import NotKept, ProductDifference, not_kept
from syncrules.product_push_facts import ProductWrite, RefusedChange
from syncrules.reasons import Reason

ChangeKey = tuple[Action, str | None, str | None]

# What passes by itself comes first: the next attempt sends what was refused again, too.
_HEAVIEST_FIRST: Final = (
    Reason.HELD_UNTIL_CONNECTED,
    Reason.API_LIMIT_REACHED,
    Reason.WILL_BE_RETRIED,
    Reason.RETRIES_EXHAUSTED,
    Reason.UNEXPECTED_ERROR,
)


def key(change: ProductChange | RefusedChange) -> ChangeKey:
    """What tells one change of an opportunity from the others."""
    return change.action, change.line_mn_id, change.product_salesforce_id


def standing(write: ProductWrite, planned: ProductDifference) -> tuple[RefusedChange, ...]:
    """Refusals that reading back confirms.

    A call that was repeated meets its own work: the product is there already, or already gone.
    Such a refusal says nothing that matters. One of a change that is not planned stands: kept
    facts may be judged by later rules.
    """
    if write.found is None:
        return write.refusals
    changes = {key(change): change for change in planned.changes}
    refused = [changes[key(each)] for each in write.refusals if key(each) in changes]
    settled = changes.keys() - {key(each.change) for each in not_kept(refused, write.found)}
    return tuple(each for each in write.refusals if key(each) not in settled)


def lost(
    write: ProductWrite, planned: ProductDifference, refusals: Iterable[RefusedChange]
) -> tuple[NotKept, ...]:
    """What Salesforce accepted and did not keep, as far as it was read back."""
    if write.found is None:
        return ()
    refused = {key(each) for each in refusals}
    return not_kept([each for each in planned.changes if key(each) not in refused], write.found)


def reason_of(refusals: Collection[RefusedChange], *, is_whole: bool) -> Reason:
    """Why the push ends as it does. `is_whole`: nothing of what was sent was taken."""
    reasons = {each.trouble.reason for each in refusals}
    for each in _HEAVIEST_FIRST:
        if each in reasons:
            return each
    return Reason.REJECTED_BY_SALESFORCE if is_whole else Reason.PRODUCTS_PARTLY_PUSHED


def failing_lines(planned: ProductDifference) -> list[ProductChange]:
    """The lines that ought to go and cannot, each with its reason."""
    return [
        change
        for change in planned.of(Action.LEAVE)
        if describe(change.reason).outcome is LineOutcome.FAILS
    ]
