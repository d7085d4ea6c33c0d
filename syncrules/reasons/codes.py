"""Which reasons there are, how an attempt ends with each, and who can help."""

from __future__ import annotations

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
