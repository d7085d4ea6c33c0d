"""Records with their amounts and who changed them last, as queries.

Asked for here only: pushes and polls, which read the same records far more often, do without.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from console.salesforce import line_items, product_records, records, shapes, soql
from console.salesforce.audit_gateway import StateWithProducts
from console.salesforce.optional_fields import Channel, asked, currency
from syncrules.drift_facts import RecordState
from syncrules.facts import MN_ID_FIELD
from syncrules.salesforce_id import OPPORTUNITY, to_18

_MODIFIED_BY: Final = "LastModifiedBy"
_MODIFIED_AT: Final = "LastModifiedDate"
FIELDS: Final = (*soql.OPPORTUNITY_FIELDS, "Amount", _MODIFIED_AT, f"{_MODIFIED_BY}.Name")


class Audit:
    """The records of one org; see `audit_gateway.AuditGateway` for what each question answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def read_states(self, ids: Collection[str]) -> dict[str, RecordState]:
        wanted = {to_18(one, prefix=OPPORTUNITY) for one in ids}
        rows = asked(
            self._channel,
            lambda optional: soql.opportunities_by_id(
                wanted, fields=(*FIELDS, *currency(optional))
            ),
        )
        states = map(state, rows)
        return {each.opportunity.salesforce_id: each for each in states}

    def read_products(self, ids: Collection[str]) -> dict[str, StateWithProducts]:
        wanted = {to_18(one, prefix=OPPORTUNITY) for one in ids}
        if not wanted:
            return {}
        rows = asked(
            self._channel,
            lambda optional: line_items.statements(wanted, header=FIELDS, optional=optional),
        )
        states = {
            each.opportunity.salesforce_id: each
            for each in (state(row) for row in rows if records.is_of(row, "Opportunity"))
        }
        return {
            own_id: StateWithProducts(states[own_id], found.products)
            for own_id, found in product_records.joined(rows).items()
        }

    def opportunities_with_mn_id(self, *, after: str | None, limit: int) -> list[RecordState]:
        last = None if after is None else to_18(after, prefix=OPPORTUNITY)
        rows = asked(
            self._channel,
            lambda optional: [
                soql.opportunities_with_mn_id(
                    after=last, limit=limit, fields=(*FIELDS, *currency(optional))
                )
            ],
        )
        # A record may say that it carries one and hide it from our user.
        return [state(row) for row in rows if row.get(MN_ID_FIELD)]


def state(row: Mapping[str, object]) -> RecordState:
    """The facts of one Opportunity record.

    Shape:  the record holds `FIELDS`
    Errors: Unknown, naming the field
    """
    opportunity = records.opportunity(row)
    own_id, amount, person = opportunity.salesforce_id, row.get("Amount"), row.get(_MODIFIED_BY)
    return RecordState(
        opportunity,
        amount=None if amount is None else shapes.number(amount, f"Amount of {own_id}"),
        changed_by=_name(person, f"{_MODIFIED_BY} of {own_id}"),
        changed_at=records.moment(row, _MODIFIED_AT),
    )


def _name(person: object, what: str) -> str | None:
    """Nobody's, where our user may not see the person."""
    if person is None:
        return None
    return shapes.text_or_none(shapes.mapping(person, what).get("Name"), f"{what}, its Name")
