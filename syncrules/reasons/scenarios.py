"""The nine scenarios in which a sync is blocked or skipped, in words."""

from __future__ import annotations

from typing import Final

from syncrules.reasons.codes import Outcome, Owner, Reason
from syncrules.reasons.wording import ReasonText

SCENARIOS: Final = {
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
}
