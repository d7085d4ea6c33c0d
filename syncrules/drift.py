"""In what the two systems may differ, what each difference means, and what mends it.

The codes are stored in the ledger and never change once released. docs/flows.md "reconcile" lists
them; a test compares the two.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from syncrules.decisions import Evidence
from syncrules.line_reasons import LineReason


class DriftField(StrEnum):
    """What is compared. `record` is the linked opportunity itself, `claim` the MN id on a record
    that is nobody's partner; from `line` on it is the products."""

    RECORD = "record"
    CLAIM = "claim"
    LINK = "link"
    PRIMARY_QUOTE = "primary_quote"
    LINE = "line"
    PRICEBOOK_ENTRY = "pricebook_entry"
    QUANTITY = "quantity"
    TOTAL_PRICE = "total_price"
    SERVICE_DATE = "service_date"
    AMOUNT = "amount"


OF_PRODUCTS: Final = frozenset(
    {
        DriftField.LINE,
        DriftField.PRICEBOOK_ENTRY,
        DriftField.QUANTITY,
        DriftField.TOTAL_PRICE,
        DriftField.SERVICE_DATE,
        DriftField.AMOUNT,
    }
)


class Verdict(StrEnum):
    """Whose value is the later one. What is equal is counted, and not kept."""

    EQUAL = "equal"
    OURS_NEWER = "ours_newer"
    THEIRS_CHANGED = "theirs_changed"
    MISSING = "missing"
    FOREIGN = "foreign"


class Because(StrEnum):
    """What the verdict rests on."""

    # ours newer
    PUSH_UNDER_WAY = "push_under_way"
    PUSH_STANDS_STILL = "push_stands_still"
    CHANGED_HERE = "changed_here"
    CHOSEN_LATER = "chosen_later"
    # theirs changed
    CHANGED_THERE = "changed_there"
    NEVER_OURS = "never_ours"
    # missing
    EMPTIED = "emptied"
    NEVER_WRITTEN = "never_written"
    # foreign
    RECORD_GONE = "record_gone"
    OTHER_ID = "other_id"
    COPIED_ID = "copied_id"
    ID_WITHOUT_PAIR = "id_without_pair"
    UNKNOWN_ID = "unknown_id"


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference.

    Shape:  `part` is the quote item of a line, or the product where no line stands for it;
            `ours` and `theirs` are None where that side has nothing; `obstacle` is what keeps a
            push from mending it
    Units:  `money` is how far the two are apart, in the opportunity's currency, never negative;
            None where the field is no money, or where other findings account for all of it
    """

    field: DriftField
    verdict: Verdict
    because: Because
    ours: str | None
    theirs: str | None
    part: str = ""
    name: str = ""
    money: Decimal | None = None
    obstacle: LineReason | None = None
    evidence: Evidence = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BecauseText:
    verdict: Verdict
    title: str
    explanation: str
    remedy: str


CATALOGUE: Final[Mapping[Because, BecauseText]] = {
    Because.PUSH_UNDER_WAY: BecauseText(
        Verdict.OURS_NEWER,
        "A push is on its way",
        "A push of this opportunity waits or is being sent, and brings our value.",
        "Nothing. When the push has ended, the opportunity is compared again.",
    ),
    Because.PUSH_STANDS_STILL: BecauseText(
        Verdict.OURS_NEWER,
        "A push was set aside or is held",
        "A push of this opportunity would bring our value, and something stands in its way.",
        "Do what its reason asks for, then push again.",
    ),
    Because.CHANGED_HERE: BecauseText(
        Verdict.OURS_NEWER,
        "Changed in MonetizeNow since the last push",
        "Salesforce still holds what was written last, and no push waits that would bring the "
        "present value.",
        "Push again.",
    ),
    Because.CHOSEN_LATER: BecauseText(
        Verdict.OURS_NEWER,
        "Ours is the later choice",
        "No push of it is on record. Our value was set after the record last changed in "
        "Salesforce.",
        "Push again.",
    ),
    Because.CHANGED_THERE: BecauseText(
        Verdict.THEIRS_CHANGED,
        "Changed in Salesforce since the last push",
        "Salesforce holds something else than what was written last, and than what MonetizeNow "
        "has now.",
        "Push again to put our value back. If Salesforce is right, change it in MonetizeNow.",
    ),
    Because.NEVER_OURS: BecauseText(
        Verdict.THEIRS_CHANGED,
        "Salesforce holds a value that was never ours",
        "No push of it is on record, and the record changed in Salesforce after our value was set.",
        "Push again to put our value in its place. If Salesforce is right, change it in "
        "MonetizeNow.",
    ),
    Because.EMPTIED: BecauseText(
        Verdict.MISSING,
        "It was written, and is gone",
        "The last push left it in Salesforce. Since then somebody, or something, has removed it.",
        "Push again to restore it.",
    ),
    Because.NEVER_WRITTEN: BecauseText(
        Verdict.MISSING,
        "It should be there, and never was",
        "No push on record has left it in Salesforce.",
        "Push again.",
    ),
    Because.RECORD_GONE: BecauseText(
        Verdict.FOREIGN,
        "The linked record is gone",
        "The Salesforce opportunity was deleted or merged into another, or our user may no longer "
        "see it. Pushing cannot bring it back.",
        "Restore it in Salesforce, or unlink the pair or give it another partner.",
    ),
    Because.OTHER_ID: BecauseText(
        Verdict.FOREIGN,
        "The linked record carries another MN id",
        "The record was merged, restored or edited, and names another MN opportunity than the "
        "stored pair. No push writes to it while it does.",
        "Decide whose record it is: change the partner, or clear monetize__Id__c in Salesforce and "
        "push again.",
    ),
    Because.COPIED_ID: BecauseText(
        Verdict.FOREIGN,
        "A copy carries the id of a linked opportunity",
        "The record carries the MN id of an opportunity that is paired with another record, as a "
        "clone does. Reports that join by the id count the deal twice.",
        "Clear monetize__Id__c on the copy. If the copy is the one to go on with, change the "
        "partner.",
    ),
    Because.ID_WITHOUT_PAIR: BecauseText(
        Verdict.FOREIGN,
        "It claims an opportunity that is not linked",
        "The record carries the MN id of an opportunity that no stored pair speaks of.",
        "Link the two by hand, or clear monetize__Id__c in Salesforce.",
    ),
    Because.UNKNOWN_ID: BecauseText(
        Verdict.FOREIGN,
        "It carries an MN id that is unknown here",
        "No MN opportunity of this console has the id. It came from another environment, or its "
        "opportunity has not arrived.",
        "Send the opportunity from MonetizeNow, or clear monetize__Id__c in Salesforce.",
    ),
}


def describe(because: Because) -> BecauseText:
    """The words for a code."""
    return CATALOGUE[because]
