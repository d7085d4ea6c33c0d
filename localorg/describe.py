"""What the org says about its objects and fields.

Source: REST API Developer Guide, "Describe Global", "sObject Describe".
"""

from typing import Any

from localorg.calls import Answer, Call, object_in_url
from localorg.org import Org
from localorg.schema import SCHEMA, Field, SObject

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "int": "xsd:int",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
}


def everything(_org: Org, call: Call) -> Answer:
    described = [summary(obj, version=call.version) for obj in SCHEMA.values()]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": described})


def basic(_org: Org, call: Call, *, name: str) -> Answer:
    described = summary(object_in_url(name), version=call.version)
    return Answer(200, {"objectDescribe": described, "recentItems": []})


def one(_org: Org, call: Call, *, name: str) -> Answer:
    obj = object_in_url(name)
    children = [
        {
            "childSObject": child.name,
            "field": field.name,
            "cascadeDelete": field.on_delete == "cascade",
            "restrictedDelete": field.on_delete == "restrict",
            "relationshipName": None,
        }
        for child, field in SCHEMA.referring_to(obj.name)
    ]
    fields = [described_field(field) for field in obj.fields]
    described = summary(obj, version=call.version)
    return Answer(200, {**described, "fields": fields, "childRelationships": children})


def versions(lowest: int, highest: int) -> list[dict[str, str]]:
    return [
        {"label": f"Version {each}", "url": f"/services/data/v{each}.0", "version": f"{each}.0"}
        for each in range(lowest, highest + 1)
    ]


def resources(_org: Org, call: Call) -> Answer:
    base = f"/services/data/v{call.version}"
    names = ("sobjects", "query", "queryAll", "composite", "limits")
    return Answer(200, {name: f"{base}/{name}" for name in names})


def summary(obj: SObject, *, version: str) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{obj.name}"
    return {
        "name": obj.name,
        "label": obj.label,
        "labelPlural": obj.plural,
        "keyPrefix": obj.prefix,
        "custom": obj.custom,
        "customSetting": obj.name == "monetize__MonetizeNowSettings__c",
        "createable": obj.writable,
        "updateable": obj.writable,
        "deletable": obj.writable,
        "queryable": True,
        "retrieveable": True,
        "undeletable": False,
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
        },
    }


def described_field(field: Field) -> dict[str, Any]:
    text = field.kind in ("string", "textarea", "picklist", "url", "id", "reference")
    is_name = field.name == "Name"
    # A box is never empty, and a field with a default or kept by the platform need not be sent.
    nillable = not (field.required or field.kind in ("boolean", "id"))
    return {
        "name": field.name,
        "label": field.title,
        "type": field.kind,
        "soapType": SOAP_TYPES.get(field.kind, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * 3 if text else 0,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.precision if field.kind == "int" else 0,
        "custom": field.custom,
        "nillable": nillable,
        "createable": field.createable,
        "updateable": field.updateable,
        "defaultedOnCreate": field.default is not None or field.name in ("Id", "OwnerId"),
        "defaultValue": field.default,
        "calculated": bool(field.formula) or (field.custom and not field.stored),
        "calculatedFormula": field.formula or None,
        "formulaTreatNullNumberAsZero": field.blanks_as_zero,
        "externalId": field.external_id,
        "idLookup": field.external_id or field.kind == "id",
        "unique": field.unique,
        "caseSensitive": False,
        "nameField": is_name,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"value": each, "label": each, "active": True, "defaultValue": each == field.default}
            for each in field.values
        ],
        "referenceTo": [field.target] if field.target else [],
        "relationshipName": field.relationship or None,
        "filterable": field.kind != "textarea",
        "sortable": field.kind != "textarea",
        "groupable": field.kind not in ("textarea", "double", "currency", "percent"),
    }
