"""Formula fields for tests: the document's own, drafts of them, and what the editor sends."""

from __future__ import annotations

import html
from typing import Any, Final

from console.amount_fields import Draft
from console.models import AmountField

DOCUMENT: Final = (
    'IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
    "monetize__Amount__c, monetize__IncrementalARR__c )"
)

SLOW: Final = "IF(OR({}), 1, 2)".format(
    ",".join(f'REGEX(LPAD(monetize__Id__c, {20_000 + i}, "a"), "(a|aa)*c")' for i in range(70))
)
"""Each pattern is bounded, and there are many."""


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


def typed(**changes: str) -> dict[str, str]:
    """What the editor sends for a new field."""
    sent = {"name": "Deal_Value__c", "label": "Deal value", "formula": DOCUMENT, "blanks": "zero"}
    return sent | {"why": "finance asked", "instead_of": ""} | changes


def text_of(answer: Any) -> str:
    """The page as a person reads it."""
    return html.unescape(answer.content.decode())
