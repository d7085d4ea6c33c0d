"""What waits and goes out by itself, went through, or was so already, in words."""

from __future__ import annotations

from typing import Final

from syncrules.reasons.codes import Outcome, Owner, Reason
from syncrules.reasons.wording import ReasonText

PROGRESS: Final = {
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
