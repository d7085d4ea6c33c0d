"""Further guards and gaps that end an attempt, in words."""

from __future__ import annotations

from typing import Final

from syncrules.reasons.codes import Outcome, Owner, Reason
from syncrules.reasons.wording import ReasonText

GUARDS: Final = {
    Reason.HALF_REASSIGNMENT: ReasonText(
        Outcome.SKIPPED,
        "The MN id was cleared in Salesforce, but the pair still stands",
        "monetize__Id__c was written to this record and is empty now, while the stored association "
        "still ties it to the same MN opportunity. That is half of a reassignment, so nothing was "
        "written on either side.",
        "The stored association, and when the MN id was last written to the record.",
        "To end the pair or change its partner, finish it here with “Unlink or change partner”. "
        "To keep the pair, push again: that fills the field anew.",
        Owner.REVOPS,
    ),
    Reason.MISSING_REQUIRED_FIELD: ReasonText(
        Outcome.FAILED,
        "The Salesforce opportunity lacks a required field",
        "A name and an account are needed to create an MN opportunity. One of them is blank in "
        "Salesforce, so nothing was created.",
        "The required fields as they were read.",
        "Fill the field on the Salesforce opportunity, then start the quote again.",
        Owner.SALES_REP,
    ),
    Reason.QUOTE_WITHOUT_OPPORTUNITY: ReasonText(
        Outcome.FAILED,
        "The MN quote belongs to no MN opportunity",
        "The quote was found, but in MonetizeNow it hangs under no opportunity, so there is "
        "nothing to link the Salesforce opportunity to.",
        "The quote and its account.",
        "Attach the quote to its opportunity in MonetizeNow. The link is then made by itself.",
        Owner.SALES_REP,
    ),
    Reason.QUOTE_NOT_IN_SALESFORCE: ReasonText(
        Outcome.SKIPPED,
        "The primary quote has no record in Salesforce yet",
        "The link was written. The primary quote was not, because Salesforce has no quote record "
        "with this MN id to point to.",
        "The MN quote id that was looked for.",
        "See that the quote reaches Salesforce. Once it is there, the primary quote is written "
        "by itself.",
        Owner.SALESFORCE_ADMIN,
    ),
    Reason.NO_PRIMARY_QUOTE: ReasonText(
        Outcome.SKIPPED,
        "The MN opportunity has no primary quote",
        "Only the lines of the primary quote become products. Without one there is nothing that "
        "says which products belong on the opportunity, so none was written or deleted.",
        "The opportunity's primary quote.",
        "Choose the primary quote; its lines then go out by themselves.",
        Owner.SALES_REP,
    ),
    Reason.PRODUCT_SYNC_DISABLED: ReasonText(
        Outcome.SKIPPED,
        "Product sync is switched off",
        "Disable Product Sync is set, so no product was created, changed or deleted. Link and "
        "primary quote go out all the same.",
        "The setting, and the revision that was in force.",
        "Clear Disable Product Sync in the product sync settings, then push again.",
        Owner.REVOPS,
    ),
    Reason.PRICEBOOK_MISMATCH: ReasonText(
        Outcome.FAILED,
        "Lines are in another price book than the opportunity",
        "An opportunity has one price book, and Salesforce takes products of that book only. The "
        "lines in another book stayed away; all others were brought in step.",
        "The opportunity's price book, and each line that is in another one.",
        "Add the products to the opportunity's price book, let the entries arrive, and push again.",
        Owner.SALESFORCE_ADMIN,
    ),
    Reason.PRODUCTS_PARTLY_PUSHED: ReasonText(
        Outcome.FAILED,
        "Some lines could not become products",
        "Each of these lines has a reason of its own, which stands beside it. All other lines were "
        "brought in step.",
        "Each line that failed, with its reason or Salesforce's own words.",
        "Follow the remedy of each line, then push again.",
        Owner.REVOPS,
    ),
    Reason.SALESFORCE_RECORD_GONE: ReasonText(
        Outcome.FAILED,
        "The Salesforce opportunity no longer exists",
        "The record was deleted or merged, or the integration user cannot see it. Nothing was "
        "written and no new record was created.",
        "The id that was looked for and where it came from.",
        "Restore the record in Salesforce, or unlink the pair and link the right record.",
        Owner.REVOPS,
    ),
    Reason.SALESFORCE_ACCOUNT_GONE: ReasonText(
        Outcome.FAILED,
        "The Salesforce account no longer exists",
        "The account was deleted or merged, or the integration user cannot see it. Nothing was "
        "matched to it.",
        "The id that was looked for.",
        "Look the account up in Salesforce and use the id of the one that is left.",
        Owner.REVOPS,
    ),
    Reason.ACCOUNT_UNKNOWN: ReasonText(
        Outcome.FAILED,
        "There is no such MN account",
        "No account with this id has arrived from MonetizeNow, so there is nothing to match the "
        "Salesforce account to.",
        "The MN id that was looked for.",
        "Check the id, or wait until the account has arrived from MonetizeNow.",
        Owner.REVOPS,
    ),
    Reason.REJECTED_BY_SALESFORCE: ReasonText(
        Outcome.FAILED,
        "Salesforce refused the update",
        "A validation rule, a permission or a bad value on the Salesforce side stopped the write.",
        "Salesforce's own error code and words.",
        "Read Salesforce's words: correct the record or the rule, then push again.",
        Owner.SALESFORCE_ADMIN,
    ),
    Reason.ACCEPTED_NOT_APPLIED: ReasonText(
        Outcome.FAILED,
        "Salesforce accepted the update but kept another value",
        "The write was reported as a success, yet reading back shows a different value: a flow, "
        "a trigger or field security changed or ignored it.",
        "Each field with the value sent and the value found.",
        "Look for automation on the field, and check that the integration user may edit it.",
        Owner.SALESFORCE_ADMIN,
    ),
    Reason.RETRIES_EXHAUSTED: ReasonText(
        Outcome.FAILED,
        "Tried as often as is sensible",
        "The same technical trouble came back on every attempt, so the push was set aside.",
        "How often it was tried, and the last error.",
        "Look at the last error; push again once it is cured.",
        Owner.OPERATOR,
    ),
    Reason.UNEXPECTED_ERROR: ReasonText(
        Outcome.FAILED,
        "Something unforeseen happened",
        "An error that no rule foresees stopped the attempt. It was set aside rather than tried "
        "again and again.",
        "The error's name and words; its traceback is in the console's own log.",
        "Report it with this entry's number; push again once it is mended.",
        Owner.OPERATOR,
    ),
    Reason.QUARANTINED: ReasonText(
        Outcome.FAILED,
        "Whatever it is sent with fails",
        "Every batch with this push failed as a whole or took its worker down, in the end the push "
        "alone, while others went through. It was set aside so that it holds up nobody.",
        "How often that happened, and the last error if there was one.",
        "Look at the opportunity and its quote for something unusual, and at the console's own "
        "log; push again once it is mended.",
        Owner.OPERATOR,
    ),
}
