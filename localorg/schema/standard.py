"""Salesforce's own objects, as far as quotes and opportunity products touch them.

Source: Salesforce Object Reference, the page of each object.
"""

from typing import NamedTuple

from localorg.schema.fields import (
    Field,
    SObject,
    checkbox,
    currency,
    day,
    external_id,
    lookup,
    moment,
    number,
    percent,
    picklist,
    read_only,
    sobject,
    text,
    textarea,
)

CURRENCIES = (
    "AUD", "BYN", "CAD", "CNY", "DKK", "EUR", "GBP", "INR", "ISK", "MYR", "NOK", "SEK", "SGD",
    "TWD", "USD",
)  # fmt: skip


class Stage(NamedTuple):
    """What a stage says about an opportunity unless the writer says otherwise."""

    name: str
    probability: float
    forecast: str


STAGES = {
    stage.name: stage
    for stage in (
        Stage("Prospecting", 10.0, "Pipeline"),
        Stage("Qualification", 10.0, "Pipeline"),
        Stage("Needs Analysis", 20.0, "Pipeline"),
        Stage("Value Proposition", 50.0, "Pipeline"),
        Stage("Id. Decision Makers", 60.0, "Pipeline"),
        Stage("Perception Analysis", 70.0, "Best Case"),
        Stage("Proposal/Price Quote", 75.0, "Best Case"),
        Stage("Negotiation/Review", 90.0, "Commit"),
        Stage("Closed Won", 100.0, "Closed"),
        Stage("Closed Lost", 0.0, "Omitted"),
    )
}


def currency_code() -> Field:
    return Field(
        name="CurrencyIsoCode",
        kind="picklist",
        label="Currency",
        length=3,
        values=CURRENCIES,
        restricted=True,
        default="USD",
    )


ORGANIZATION = sobject(
    "Organization",
    "Organization",
    "00D",
    text("Name", 80),
    text("OrganizationType", 40),
    text("InstanceName", 5),
    checkbox("IsSandbox"),
    writable=False,
)

USER = sobject(
    "User",
    "User",
    "005",
    text("Name", 121),
    text("Username", 80),
    text("Email", 128),
    checkbox("IsActive", default=True),
    writable=False,
)

ACCOUNT = sobject(
    "Account",
    "Account",
    "001",
    text("Name", required=True, label="Account Name"),
    Field(name="Website", kind="url", length=255),
    picklist("Industry"),
    text("BillingCountry", 80),
    currency_code(),
    lookup("OwnerId", "User"),
    external_id("monetize__Id__c", label="MonetizeNow Id"),
    text("monetize__BillingCurrency__c", 3),
    picklist("monetize__BillingStatus__c", "ACTIVE", "INACTIVE", "CANCELED", "SUSPENDED"),
    checkbox("monetize__EnableSync__c"),
    moment("monetize__LastSyncDate__c"),
    textarea("monetize__SyncError__c"),
)

OPPORTUNITY = sobject(
    "Opportunity",
    "Opportunity",
    "006",
    text("Name", 120, required=True, label="Opportunity Name"),
    lookup("AccountId", "Account", on_delete="cascade"),
    picklist("StageName", *STAGES, required=True, label="Stage"),
    day("CloseDate", required=True),
    currency("Amount"),
    percent("Probability", label="Probability (%)"),
    read_only(currency("ExpectedRevenue", sql="{Amount} * {Probability} / 100")),
    picklist("ForecastCategoryName", "Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
    lookup("Pricebook2Id", "Pricebook2", label="Price Book ID"),
    currency_code(),
    lookup("OwnerId", "User"),
    read_only(
        checkbox("IsClosed", label="Closed", sql="{StageName} IN ('Closed Won', 'Closed Lost')")
    ),
    read_only(checkbox("IsWon", label="Won", sql="{StageName} = 'Closed Won'")),
    read_only(checkbox("HasOpportunityLineItem", label="Has Line Item")),
    # The standard Quote object is not modelled, so nothing here can be synced with one.
    read_only(Field(name="SyncedQuoteId", kind="reference", length=18)),
    text("NextStep"),
    textarea("Description"),
    picklist("Type", "New Business", "Existing Business", label="Opportunity Type"),
    # A clone of an opportunity copies this field, so the package cannot make it unique.
    external_id("monetize__Id__c", unique=False, label="MonetizeNow Id"),
    lookup("monetize__PrimaryQuote__c", "monetize__Quote__c"),
    plural="Opportunities",
)

PRODUCT = sobject(
    "Product2",
    "Product",
    "01t",
    text("Name", required=True, label="Product Name"),
    text("ProductCode"),
    checkbox("IsActive", label="Active"),
    picklist("Family", label="Product Family"),
    textarea("Description", 4000),
    external_id("monetize__ExternalId__c"),
    text("monetize__OfferingId__c", 64),
    text("monetize__ProductId__c", 64),
    text("monetize__OfferingName__c"),
    picklist(
        "monetize__ProductType__c",
        "ADVANCE",
        "ARREARS",
        "USAGE",
        "ONETIME",
        "ONETIME_PREPAID_CREDIT",
        "MIN_COMMIT",
    ),
)

PRICEBOOK = sobject(
    "Pricebook2",
    "Price Book",
    "01s",
    text("Name", required=True, label="Price Book Name"),
    checkbox("IsActive", label="Active"),
    read_only(checkbox("IsStandard", label="Is Standard Price Book")),
)

PRICEBOOK_ENTRY = sobject(
    "PricebookEntry",
    "Price Book Entry",
    "01u",
    lookup("Pricebook2Id", "Pricebook2", required=True, updateable=False, on_delete="restrict"),
    lookup("Product2Id", "Product2", required=True, updateable=False, on_delete="restrict"),
    currency("UnitPrice", required=True, label="List Price"),
    Field(**{**vars(currency_code()), "updateable": False}),
    checkbox("IsActive", label="Active"),
    checkbox("UseStandardPrice"),
    read_only(text("Name", sql="{Product2.Name}", label="Product Name")),
    read_only(text("ProductCode", sql="{Product2.ProductCode}")),
    plural="Price Book Entries",
)

LINE_ITEM = sobject(
    "OpportunityLineItem",
    "Opportunity Product",
    "00k",
    lookup("OpportunityId", "Opportunity", required=True, updateable=False, on_delete="cascade"),
    # Declared nillable but demanded on create with an error of its own (localorg.line_items).
    lookup("PricebookEntryId", "PricebookEntry", updateable=False, on_delete="restrict"),
    read_only(lookup("Product2Id", "Product2")),
    read_only(text("Name", sql="{Opportunity.Name} || ' ' || {Product2.Name}")),
    read_only(text("ProductCode", sql="{Product2.ProductCode}")),
    number("Quantity", precision=12, required=True),
    currency("UnitPrice", label="Sales Price"),
    currency("TotalPrice"),
    read_only(currency("Subtotal", sql="ROUND({UnitPrice} * {Quantity}, 2)")),
    percent("Discount"),
    read_only(currency("ListPrice", sql="{PricebookEntry.UnitPrice}")),
    day("ServiceDate", label="Date"),
    Field(name="SortOrder", kind="int", precision=9),
    text("Description", 255, label="Line Description"),
    read_only(picklist("CurrencyIsoCode", *CURRENCIES, sql="{Opportunity.CurrencyIsoCode}")),
    read_only(checkbox("HasRevenueSchedule")),
    read_only(checkbox("HasQuantitySchedule")),
    read_only(checkbox("HasSchedule", sql="MAX({HasRevenueSchedule}, {HasQuantitySchedule})")),
    external_id("MN_Quote_Item_Id__c", label="MN Quote Item Id"),
    recycled=False,
)

STANDARD: tuple[SObject, ...] = (
    ORGANIZATION,
    USER,
    ACCOUNT,
    OPPORTUNITY,
    PRODUCT,
    PRICEBOOK,
    PRICEBOOK_ENTRY,
    LINE_ITEM,
)
