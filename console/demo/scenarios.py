"""The situations that the sample holds, each under a name that the documentation uses too.

The first block is "Why Sync Actions Get Blocked or Skipped", except that the connection works: for
show there is a second one, broken and switched off. The rest is what else happens between
two systems.
"""

from __future__ import annotations

from enum import StrEnum


class Scenario(StrEnum):
    """Where each can be seen is said by `console.demo.scenarios()`."""

    ALREADY_LINKED = "opportunity_already_linked"
    PRIMARY_MISSING = "primary_quote_missing"
    CONFLICT_OF_OPPORTUNITY = "conflicting_association_of_opportunity"
    CONFLICT_OF_RECORD = "conflicting_association_of_record"
    QUOTE_UNKNOWN = "quote_inaccessible_unknown"
    QUOTE_RESTRICTED = "quote_inaccessible_restricted"
    FINALIZED_QUOTE = "entity_finalized_quote"
    FINALIZED_OPPORTUNITY = "entity_finalized_opportunity"
    ACCOUNT_NOT_LINKED = "account_not_linked"
    NEVER_LINKED = "link_never_established"
    QUOTE_OF_ANOTHER = "invalid_quote_combination_other_opportunity"
    QUOTE_DEAD = "invalid_quote_combination_dead_quote"

    LINKED = "linked"
    TO_LINK = "to_link"
    DOCUMENT_RAMP = "document_ramp"
    PRIMARY_DIFFERS = "primary_quote_differs"
    BY_CREATION_REFERENCE = "resolved_by_creation_reference"
    REFERENCE_GONE = "creation_reference_gone"
    LINK_UNKNOWN_HERE = "already_linked_without_association"
    CLONED = "cloned_with_mn_id"
    RECORD_WITHOUT_MN_ID = "quote_record_without_mn_id"
    QUOTE_WITHOUT_OPPORTUNITY = "quote_without_opportunity"
    QUOTE_WITHOUT_RECORD = "primary_quote_without_record"
    PRICEBOOK_MISMATCH = "pricebook_mismatch"
    CURRENCY_MISMATCH = "currency_mismatch"
    CHANGED_IN_SALESFORCE = "drift_theirs_changed"
    DELETED_PRODUCT = "drift_missing"
    CHANGED_HERE = "drift_ours_newer"
    DELETED_RECORD = "drift_record_gone"
