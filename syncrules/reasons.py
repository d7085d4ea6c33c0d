"""Every reason a flow can end with: what it means, what to do about it, and who does that.

The codes are stored in the sync log and never change once released. `docs/reasons.md` has a
heading for each; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt ended.

    Skipped and failed differ: a skip could not identify what to write to (a configuration gap), a
    failure is a guard that did its job. Deferred is neither: the push stays and goes out later.
    """

    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    SKIPPED = "skipped"
    FAILED = "failed"
    DEFERRED = "deferred"


class Owner(StrEnum):
    """Who can carry out a remedy."""

    NOBODY = "nobody"
    REVOPS = "RevOps"
    SALESFORCE_ADMIN = "Salesforce admin"
    SALES_REP = "sales rep"
    OPERATOR = "console operator"


class Reason(StrEnum):
    # the nine scenarios of "Why sync actions get blocked or skipped"
    NO_SALESFORCE_CONNECTION = "no_salesforce_connection"
    OPPORTUNITY_ALREADY_LINKED = "opportunity_already_linked"
    PRIMARY_QUOTE_MISSING = "primary_quote_missing"
    CONFLICTING_ASSOCIATION = "conflicting_association"
    QUOTE_INACCESSIBLE = "quote_inaccessible"
    ENTITY_FINALIZED = "entity_finalized"
    ACCOUNT_NOT_LINKED = "account_not_linked"
    LINK_NEVER_ESTABLISHED = "link_never_established"
    INVALID_QUOTE_COMBINATION = "invalid_quote_combination"
    # further guards and gaps
    HALF_REASSIGNMENT = "half_reassignment"
    MISSING_REQUIRED_FIELD = "missing_required_field"
    QUOTE_WITHOUT_OPPORTUNITY = "quote_without_opportunity"
    QUOTE_NOT_IN_SALESFORCE = "quote_not_in_salesforce"
    NO_PRIMARY_QUOTE = "no_primary_quote"
    PRODUCT_SYNC_DISABLED = "product_sync_disabled"
    PRICEBOOK_MISMATCH = "pricebook_mismatch"
    PRODUCTS_PARTLY_PUSHED = "products_partly_pushed"
    SALESFORCE_RECORD_GONE = "salesforce_record_gone"
    SALESFORCE_ACCOUNT_GONE = "salesforce_account_gone"
    ACCOUNT_UNKNOWN = "account_unknown"
    REJECTED_BY_SALESFORCE = "rejected_by_salesforce"
    ACCEPTED_NOT_APPLIED = "accepted_not_applied"
    RETRIES_EXHAUSTED = "retries_exhausted"
    UNEXPECTED_ERROR = "unexpected_error"
    QUARANTINED = "quarantined"
    # the push waits and goes out by itself
    HELD_UNTIL_CONNECTED = "held_until_connected"
    WILL_BE_RETRIED = "will_be_retried"
    API_LIMIT_REACHED = "api_limit_reached"
    OUTCOME_UNKNOWN = "outcome_unknown"
    # it went through, or it already was so
    LINKED = "linked"
    ALREADY_LINKED = "already_linked"
    PUSHED = "pushed"
    ALREADY_IN_STEP = "already_in_step"
    PRODUCTS_PUSHED = "products_pushed"
    PRODUCTS_IN_STEP = "products_in_step"
    OPPORTUNITY_CREATED = "opportunity_created"
    OPPORTUNITY_REUSED = "opportunity_reused"
    PRIMARY_QUOTE_SET = "primary_quote_set"
    ALREADY_PRIMARY = "already_primary"
    UNLINKED = "unlinked"
    RELINKED = "relinked"
    OLD_LINK_CLEARED = "old_link_cleared"
    ACCOUNT_LINKED = "account_linked"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_ALREADY_LINKED = "account_already_linked"


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason in words. `evidence` says what the log entry shows beside it."""

    outcome: Outcome
    title: str
    explanation: str
    evidence: str
    remedy: str
    owner: Owner


CATALOGUE: dict[Reason, ReasonText] = {
    Reason.NO_SALESFORCE_CONNECTION: ReasonText(
        Outcome.FAILED,
        "No live Salesforce connection",
        "Every flow needs an authenticated connection to Salesforce, and there is none right now. "
        "Nothing was changed.",
        "The connection's state and the last error it met.",
        "Open the Salesforce connection, read its last error and renew its credentials. "
        "What waits for it goes on by itself afterwards.",
        Owner.OPERATOR,
    ),
    Reason.OPPORTUNITY_ALREADY_LINKED: ReasonText(
        Outcome.SKIPPED,
        "The Salesforce opportunity already carries an MN id",
        "monetize__Id__c is filled, so the record counts as linked and the path through its "
        "primary quote is not taken.",
        "The MN id on the record, and what the stored association says about the same record.",
        "Nothing, if the link is right. To reassign it, unlink the pair here; clearing the field "
        "in Salesforce alone is only half of it.",
        Owner.REVOPS,
    ),
    Reason.PRIMARY_QUOTE_MISSING: ReasonText(
        Outcome.SKIPPED,
        "No MN id and no primary quote on the Salesforce opportunity",
        "Without monetize__Id__c and monetize__PrimaryQuote__c there is nothing that says which "
        "MN opportunity this record belongs to.",
        "Both fields as they were read.",
        "Set the primary quote on the Salesforce opportunity, or link the pair by hand here.",
        Owner.SALES_REP,
    ),
    Reason.CONFLICTING_ASSOCIATION: ReasonText(
        Outcome.FAILED,
        "One of the two is already tied to another record",
        "Opportunities are paired one to one, and so are accounts. One side of this pair already "
        "has a different partner, or others lay claim to it, so no second link was made.",
        "Who is linked to whom, since when and by which flow; or the MN id that the record "
        "carries, or the MN opportunities that were created for it.",
        "Decide which pair is right. Unlink the old one first if the new one is; otherwise "
        "correct the primary quote in Salesforce. Of several claims, link the right one by hand.",
        Owner.REVOPS,
    ),
    Reason.QUOTE_INACCESSIBLE: ReasonText(
        Outcome.FAILED,
        "The referenced MN quote is unknown or may not be read",
        "The quote that was named is not here, or is open only to groups that the caller is not "
        "in. Nothing was linked, and no primary quote was set.",
        "The quote as it was named, and whether it is unknown or unreadable.",
        "Check the quote reference in Salesforce. If the quote exists, ask for read access, or "
        "wait until it has arrived from MonetizeNow: the link is then made by itself.",
        Owner.REVOPS,
    ),
    Reason.ENTITY_FINALIZED: ReasonText(
        Outcome.FAILED,
        "The quote or the opportunity is finalized",
        "Once a quote is accepted or processed, or an opportunity is won, lost or canceled, the "
        "primary quote locks, and so does the pair, so that a closed deal keeps what it was "
        "closed with.",
        "The states that lock: of the opportunity, of the quotes concerned, and of the "
        "Salesforce records where the partner was to change.",
        "Choose the primary quote and the partner before the deal is finalized. A finalized pair "
        "stays as it is.",
        Owner.NOBODY,
    ),
    Reason.ACCOUNT_NOT_LINKED: ReasonText(
        Outcome.FAILED,
        "The Salesforce account has no MN account",
        "An opportunity is created only under a matched account. No MN account carries this "
        "Salesforce account's id, so nothing was created.",
        "The Salesforce account id of the opportunity.",
        "Match the account under Account mapping. The quote starts again by itself.",
        Owner.REVOPS,
    ),
    Reason.LINK_NEVER_ESTABLISHED: ReasonText(
        Outcome.SKIPPED,
        "No Salesforce opportunity is known for this MN opportunity",
        "There is no stored association and no Salesforce opportunity was referenced when the MN "
        "opportunity was created. Nothing is written to a record that is not confirmed.",
        "The association looked for and the creation reference looked for.",
        "Complete the link: set the primary quote on the Salesforce opportunity, or link the "
        "pair by hand here. What was skipped then goes out by itself.",
        Owner.REVOPS,
    ),
    Reason.INVALID_QUOTE_COMBINATION: ReasonText(
        Outcome.FAILED,
        "This quote cannot be primary for this opportunity",
        "A primary quote must belong to the opportunity and its account, and must not be denied, "
        "canceled, expired or archived.",
        "Whose quote it is, its account and its status.",
        "Choose a quote of this opportunity that is still alive.",
        Owner.REVOPS,
    ),
    # Skipped, not failed: no guard stopped anything. A path is not taken, since only a person
    # knows which half of the change is meant.
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
    Reason.HELD_UNTIL_CONNECTED: ReasonText(
        Outcome.DEFERRED,
        "Held until Salesforce is connected again",
        "There is no live connection. The push is kept and goes out when the connection is back.",
        "The connection's state and the last error it met.",
        "Renew the connection's credentials; nothing else is needed.",
        Owner.OPERATOR,
    ),
    Reason.WILL_BE_RETRIED: ReasonText(
        Outcome.DEFERRED,
        "Technical trouble; it is tried again by itself",
        "Salesforce could not be reached, answered with a fault, or had the record locked.",
        "The error, how often it was tried, and when it is tried next.",
        "Nothing. If it lasts, the push is set aside and says so.",
        Owner.NOBODY,
    ),
    Reason.API_LIMIT_REACHED: ReasonText(
        Outcome.DEFERRED,
        "Salesforce's API limit is used up",
        "The org's allowance of API calls is spent for now. Pushes wait until the window allows "
        "calls again.",
        "The limit Salesforce named and when sending resumes.",
        "Wait, or have the allowance raised.",
        Owner.SALESFORCE_ADMIN,
    ),
    Reason.OUTCOME_UNKNOWN: ReasonText(
        Outcome.DEFERRED,
        "The worker vanished; its push is taken over",
        "The worker that had this push ended, or stood still for too long, without saying how it "
        "went. What it sent may or may not have arrived, so Salesforce is read before anything is "
        "sent again.",
        "Which worker had the push.",
        "Nothing. The entry that follows says how it ended.",
        Owner.NOBODY,
    ),
    Reason.LINKED: ReasonText(
        Outcome.DONE,
        "Linked",
        "The pair is stored and its link and primary quote are on their way to Salesforce.",
        "The quote that led to the MN opportunity, and both ids.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.ALREADY_LINKED: ReasonText(
        Outcome.NOTHING_TO_DO,
        "This pair is already stored",
        "The association between exactly these two records exists, so there was nothing to do.",
        "The stored association.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.PUSHED: ReasonText(
        Outcome.DONE,
        "Written to Salesforce",
        "Salesforce was updated, and reading back shows the values that were sent.",
        "Each field with the value before and after, and how the record was located.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.ALREADY_IN_STEP: ReasonText(
        Outcome.NOTHING_TO_DO,
        "Salesforce already has these values",
        "Link and primary quote in Salesforce are what they should be; nothing was sent.",
        "Each field as it was read.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.PRODUCTS_PUSHED: ReasonText(
        Outcome.DONE,
        "Products written to Salesforce",
        "The opportunity's products are those of the primary quote, and reading back shows the "
        "values that were sent.",
        "Each product that was created, changed or deleted, with its amounts before and after.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.PRODUCTS_IN_STEP: ReasonText(
        Outcome.NOTHING_TO_DO,
        "Salesforce already has these products",
        "Every line of the primary quote that goes is on the opportunity as it should be; nothing "
        "was sent.",
        "The lines and the products as they were read.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.OPPORTUNITY_CREATED: ReasonText(
        Outcome.DONE,
        "Opportunity and quote created",
        "An MN opportunity with the Salesforce name was created under the matched account, linked, "
        "and given its first quote. No primary quote is set yet.",
        "The matched account, both new ids, and each field mapping that could not be applied.",
        "Choose the primary quote when the quote is ready.",
        Owner.NOBODY,
    ),
    Reason.OPPORTUNITY_REUSED: ReasonText(
        Outcome.DONE,
        "Quote created under the MN opportunity that was there",
        "The Salesforce opportunity was linked already, or one MN opportunity had been created "
        "for it and is linked now, so that one was used and only the quote is new.",
        "The stored association or the reference, the new quote, and each field mapping that "
        "could not be applied.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.PRIMARY_QUOTE_SET: ReasonText(
        Outcome.DONE,
        "Primary quote set",
        "The quote is now the primary one; the change is on its way to Salesforce if a Salesforce "
        "opportunity is known.",
        "The quote before and after, and who or what chose it.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.ALREADY_PRIMARY: ReasonText(
        Outcome.NOTHING_TO_DO,
        "This quote is the primary one already",
        "Nothing had to change.",
        "The present primary quote.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.UNLINKED: ReasonText(
        Outcome.DONE,
        "Pair ended",
        "The stored association is ended and kept as history; Salesforce is told to empty the link "
        "fields of the record.",
        "The pair as it was, and why it was ended.",
        "Nothing. It can be undone while nothing else has changed.",
        Owner.NOBODY,
    ),
    Reason.RELINKED: ReasonText(
        Outcome.DONE,
        "Paired with another record",
        "The old pair is ended and kept as history, the new one is stored; Salesforce is told to "
        "empty the link fields of the old record and to fill those of the new one.",
        "Both pairs, and why the partner was changed.",
        "Nothing. It can be undone while nothing else has changed.",
        Owner.NOBODY,
    ),
    Reason.OLD_LINK_CLEARED: ReasonText(
        Outcome.DONE,
        "The old partner is free",
        "The link fields of the former Salesforce opportunity are empty, and the MN opportunity "
        "has no partner now, as was asked for.",
        "The former partner and what its fields hold.",
        "Nothing. Link the right record when it is known.",
        Owner.NOBODY,
    ),
    Reason.ACCOUNT_LINKED: ReasonText(
        Outcome.DONE,
        "Account matched",
        "The MN account now carries the id of the Salesforce account. What failed for want of it "
        "runs again by itself.",
        "Both accounts as they were.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.ACCOUNT_CREATED: ReasonText(
        Outcome.DONE,
        "MN account created and matched",
        "A new MN account with the name, website and currency of the Salesforce account carries "
        "its id. What failed for want of it runs again by itself.",
        "The Salesforce account as it was read.",
        "Nothing.",
        Owner.NOBODY,
    ),
    Reason.ACCOUNT_ALREADY_LINKED: ReasonText(
        Outcome.NOTHING_TO_DO,
        "These two accounts are matched already",
        "The MN account carries the id of exactly this Salesforce account.",
        "Both accounts.",
        "Nothing.",
        Owner.NOBODY,
    ),
}


def describe(reason: Reason) -> ReasonText:
    """The reason in words."""
    return CATALOGUE[reason]
