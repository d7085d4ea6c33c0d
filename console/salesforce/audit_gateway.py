"""What can be asked of Salesforce to compare both sides in bulk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from syncrules.drift_facts import RecordState
from syncrules.line_facts import RemoteProducts


@dataclass(frozen=True, slots=True)
class StateWithProducts:
    """An opportunity as Salesforce has it now, with all its products."""

    state: RecordState
    products: RemoteProducts


class AuditGateway(Protocol):
    """The records of one org with their amounts, and who changed them last."""

    def read_states(self, ids: Collection[str]) -> dict[str, RecordState]:
        """The opportunities that exist, by 18-character id; one call up to 5,000 of them.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def read_products(self, ids: Collection[str]) -> dict[str, StateWithProducts]:
        """The same with their products; one call up to 200 opportunities, and one more for each
        further 2,000 products.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def opportunities_with_mn_id(self, *, after: str | None, limit: int) -> list[RecordState]:
        """Those that carry any MN id, in the order of their ids; one call up to 2,000.

        `after`: the last record of the page before.
        Errors: InvalidSalesforceId before any call; SalesforceError.
        """
