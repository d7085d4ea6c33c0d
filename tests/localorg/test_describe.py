"""What the org says about itself agrees with what it does."""

from __future__ import annotations

from typing import Any

from localorg.schema import SCHEMA
from tests.localorg.process import Client


def fields_of(client: Client, name: str) -> dict[str, dict[str, Any]]:
    described = client.sf.restful(f"sobjects/{name}/describe")
    assert described is not None
    return {field["name"]: field for field in described["fields"]}


def test_all_objects_are_listed_with_their_prefixes(client: Client) -> None:
    described = client.sf.describe()

    assert described is not None
    prefixes = {each["name"]: each["keyPrefix"] for each in described["sobjects"]}
    assert prefixes["Opportunity"] == "006"
    assert prefixes["OpportunityLineItem"] == "00k"
    assert prefixes["monetize__Quote__c"] == "a0B"


def test_every_described_field_can_be_queried(client: Client) -> None:
    for obj in SCHEMA.values():
        names = ", ".join(fields_of(client, obj.name))
        assert client.sf.query(f"SELECT {names} FROM {obj.name} LIMIT 1")["done"] is True


def test_an_external_id_a_lookup_and_a_picklist(client: Client) -> None:
    opportunity = fields_of(client, "Opportunity")

    link = opportunity["monetize__Id__c"]
    assert (link["externalId"], link["idLookup"], link["unique"]) == (True, True, False)
    assert (link["type"], link["length"], link["custom"]) == ("string", 64, True)
    quote = opportunity["monetize__PrimaryQuote__c"]
    assert quote["referenceTo"] == ["monetize__Quote__c"]
    assert quote["relationshipName"] == "monetize__PrimaryQuote__r"
    assert opportunity["Amount"]["updateable"] is True
    assert (opportunity["Amount"]["precision"], opportunity["Amount"]["scale"]) == (18, 2)
    stages = [each["value"] for each in opportunity["StageName"]["picklistValues"]]
    assert "Closed Won" in stages


def test_required_is_not_nillable_not_defaulted_and_createable(client: Client) -> None:
    required = {
        name
        for name, field in fields_of(client, "Opportunity").items()
        if not field["nillable"] and not field["defaultedOnCreate"] and field["createable"]
    }

    assert required == {"Name", "StageName", "CloseDate"}


def test_formula_fields_show_their_formula(client: Client) -> None:
    item = fields_of(client, "monetize__QuoteItem__c")

    amount = item["Opportunity_Product_Amount__c"]
    assert amount["calculated"] is True
    assert amount["formulaTreatNullNumberAsZero"] is True
    assert amount["calculatedFormula"].startswith("IF( TEXT(monetize__Product__r")
    assert (amount["createable"], amount["updateable"]) == (False, False)
    currencies = [name for name, field in item.items() if field["type"] == "currency"]
    assert "monetize__IncrementalARR__c" in currencies
    assert "Discount_Note__c" not in currencies
    assert item["monetize__OverrideOpportunitySync__c"]["restrictedPicklist"] is True
