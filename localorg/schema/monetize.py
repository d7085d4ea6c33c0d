"""The objects of MonetizeNow's managed package, and two fields that this customer added.

Field names come from MonetizeNow's public pages where these print them ("Customizing Opportunity
Product Sync Process", "Opportunity Creation and Quote Sync"); the object names and the other
fields are this org's own.
"""

from localorg.schema.fields import (
    SObject,
    checkbox,
    currency,
    day,
    external_id,
    lookup,
    number,
    picklist,
    read_only,
    sobject,
    text,
)
from localorg.schema.standard import currency_code

# Product set, price book entry set, quantity not 0 unless usage, on amendments only changed lines;
# the override decides before all of them.
SHOULD_SYNC = """CASE
    WHEN {monetize__OverrideOpportunitySync__c} = 'Always' THEN 1
    WHEN {monetize__OverrideOpportunitySync__c} = 'Never' THEN 0
    WHEN {monetize__Product__c} IS NULL OR {monetize__PricebookEntry__c} IS NULL THEN 0
    WHEN IFNULL({monetize__Quantity__c}, 0) = 0
        AND IFNULL({monetize__Product__r.monetize__ProductType__c}, '') <> 'USAGE' THEN 0
    WHEN {monetize__Quote__r.monetize__Type__c} = 'AMENDMENT'
        AND IFNULL({monetize__AmendmentStatus__c}, '') NOT IN ('ADDED', 'UPDATED', 'REMOVED') THEN 0
    ELSE 1 END"""

SHOULD_SYNC_FORMULA = (
    'IF( ISPICKVAL(monetize__OverrideOpportunitySync__c, "Always"), TRUE, '
    'IF( ISPICKVAL(monetize__OverrideOpportunitySync__c, "Never"), FALSE, '
    "AND( NOT(ISBLANK(monetize__Product__c)), NOT(ISBLANK(monetize__PricebookEntry__c)), "
    "OR( monetize__Quantity__c <> 0, "
    'ISPICKVAL(monetize__Product__r.monetize__ProductType__c, "USAGE") ), '
    'OR( NOT(ISPICKVAL(monetize__Quote__r.monetize__Type__c, "AMENDMENT")), '
    'ISPICKVAL(monetize__AmendmentStatus__c, "ADDED"), '
    'ISPICKVAL(monetize__AmendmentStatus__c, "UPDATED"), '
    'ISPICKVAL(monetize__AmendmentStatus__c, "REMOVED") ) ) ) )'
)

PRODUCT_AMOUNT_FORMULA = (
    'IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
    "monetize__Amount__c, monetize__IncrementalARR__c )"
)

# Compared byte by byte: TEXT() = "..." minds the case, unlike this org's SOQL.
PRODUCT_AMOUNT = """CASE
    WHEN {monetize__Product__r.monetize__ProductType__c} = 'ONETIME' COLLATE BINARY
    THEN IFNULL({monetize__Amount__c}, 0) ELSE IFNULL({monetize__IncrementalARR__c}, 0) END"""

QUOTE = sobject(
    "monetize__Quote__c",
    "Quote",
    "a0B",
    text("Name", 80, label="Quote Name"),
    external_id("monetize__Id__c", label="MonetizeNow Id"),
    lookup("monetize__Opportunity__c", "Opportunity"),
    lookup("monetize__Account__c", "Account"),
    picklist(
        "monetize__Status__c",
        "DRAFT",
        "REVIEW",
        "APPROVED",
        "DENIED",
        "SENT",
        "ACCEPTED",
        "ACCEPTED_ADMIN_EDITABLE",
        "PROCESSED",
        "CANCELED",
        "EXPIRED",
        "ARCHIVED",
    ),
    picklist("monetize__Type__c", "NEW", "AMENDMENT", "RENEWAL", "CANCELLATION"),
    currency("monetize__TotalAmount__c"),
    currency_code(),
    day("monetize__ContractStartDate__c"),
    day("monetize__ContractEndDate__c"),
)

QUOTE_ITEM = sobject(
    "monetize__QuoteItem__c",
    "Quote Item",
    "a0C",
    text("Name", 80, label="Quote Item Name"),
    external_id("monetize__Id__c", label="MonetizeNow Id"),
    lookup("monetize__Quote__c", "monetize__Quote__c", required=True, on_delete="cascade"),
    lookup("monetize__Product__c", "Product2"),
    # Text, because Salesforce offers no lookup to a price book entry.
    text("monetize__PricebookEntry__c", 18, label="Pricebook Entry"),
    number("monetize__Quantity__c"),
    currency("monetize__UnitPrice__c"),
    currency("monetize__Amount__c"),
    currency("monetize__ARR__c", label="ARR"),
    currency("monetize__IncrementalARR__c", label="Incremental ARR"),
    currency("monetize__Year1ARR__c", label="Year 1 ARR"),
    currency("monetize__Year2ARR__c", label="Year 2 ARR"),
    currency("monetize__Year3ARR__c", label="Year 3 ARR"),
    currency_code(),
    day("monetize__StartDate__c"),
    day("monetize__EndDate__c"),
    picklist("monetize__AmendmentStatus__c", "ADDED", "UPDATED", "REMOVED", "NO_CHANGE"),
    picklist("monetize__OverrideOpportunitySync__c", "Never", "Always", restricted=True),
    read_only(
        checkbox(
            "monetize__ShouldSyncToOpportunityProduct__c",
            label="Should Sync To Opportunity Product",
            sql=SHOULD_SYNC,
            formula=SHOULD_SYNC_FORMULA,
            blanks_as_zero=True,
        )
    ),
    read_only(
        currency(
            "Opportunity_Product_Amount__c",
            sql=PRODUCT_AMOUNT,
            formula=PRODUCT_AMOUNT_FORMULA,
            blanks_as_zero=True,
        )
    ),
    text("Discount_Note__c"),
)

SETTINGS = sobject(
    "monetize__MonetizeNowSettings__c",
    "MonetizeNow Settings",
    "a0D",
    text("Name", 38),
    checkbox("monetize__DisableProductSync__c"),
    text("monetize__AmountField__c", 80),
    plural="MonetizeNow Settings",
)

PACKAGE: tuple[SObject, ...] = (QUOTE, QUOTE_ITEM, SETTINGS)
