"""Formula fields for tests: the document's own, and drafts of them."""

from __future__ import annotations

from typing import Any, Final

from console.amount_fields import Draft
from console.models import AmountField

DOCUMENT: Final = (
    'IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
    "monetize__Amount__c, monetize__IncrementalARR__c )"
)


def make_formula(
    name: str = "Deal_Value__c", formula: str = DOCUMENT, **columns: Any
) -> AmountField:
    """A formula field in force."""
    defaults = {"label": name.removesuffix("__c").replace("_", " "), "created_by_name": "ada"}
    return AmountField.objects.create(
        name=name, formula=formula, kind=AmountField.Kind.FORMULA, **(defaults | columns)
    )


def draft(name: str = "Deal_Value__c", formula: str = DOCUMENT, **changes: Any) -> Draft:
    """A new field, unless `instead_of` names a version."""
    wanted: dict[str, Any] = {"label": "Deal value", "blanks": "zero", "why": "finance asked"}
    return Draft(name=name, formula=formula, **(wanted | changes))
