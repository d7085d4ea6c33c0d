"""The state that all rules of the machine share, and how they look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from console import connections
from console.claims import Claim
from console.models import ApiClient, InboundEvent, OutboundPush, SalesforceConnection
from tests.builders import make_client
from tests.faults.deals import Deal
from tests.machine import company
from tests.machine.beats import Worker
from tests.machine.company import LINKED, SPARE, UNLINKED, Company
from tests.machine.surroundings import Surroundings
from tests.machine.times import waits_are_long

DEALS: Final = st.integers(0, LINKED + UNLINKED - 1)
RECORDS: Final = st.integers(0, LINKED + UNLINKED + SPARE - 1)
WORKERS: Final = ("anna", "bert", "cleo")


class Base(RuleBasedStateMachine):
    """`dead`: owners whose processes are gone, with claims that nobody prolongs.

    `slow`: workers that stand still and have lost their claims. `too_late`: those of them that
    stand still for longer than Salesforce may take to carry something out. If such a one wrote and
    died before it could tell, nobody would know, so it does not die any more.
    """

    around: Surroundings

    def __init__(self) -> None:
        super().__init__()
        self.org, self.line = self.around.org, self.around.line
        self.workers = [Worker(name) for name in WORKERS]
        self.events: list[InboundEvent] = []
        self.company: Company
        self.client: ApiClient
        self.dead: set[str] = set()
        self.slow: set[Worker] = set()
        self.too_late: set[Worker] = set()
        self.has_scripted_trouble = False
        self.days = 0
        self._writes_seen = 0

    def found(self, *, accounts: int, with_products: bool) -> None:
        self.around.redis.flushdb()
        self.around.complaints.clear()
        self.company = company.found_company(
            self.org, self.line, accounts=accounts, with_products=with_products
        )
        self.client = make_client()

    def deal(self, number: int) -> Deal:
        return self.company.deals[number]

    def number(self, claim: Claim) -> int:
        """Of the deal that is claimed."""
        return self.company.deals.index(self.company.deal(claim.opportunity_id))

    def record(self, number: int) -> str:
        return self.company.records[number]

    @property
    def connection(self) -> SalesforceConnection:
        row = connections.in_force()
        assert row is not None
        return row

    @property
    def is_live(self) -> bool:
        return connections.fact(self.connection).is_live

    @property
    def is_paused(self) -> bool:
        return connections.is_paused(self.connection)

    @property
    def may_be_troubled(self) -> bool:
        """Whether the next call may not be answered as it should."""
        return self.has_scripted_trouble or not self.line.is_whole

    def mend(self) -> None:
        self.has_scripted_trouble = False
        self.org.mend()
        self.line.mend()

    @contextmanager
    def something_may_be_sent(self) -> Iterator[None]:
        """Around whatever asks Salesforce: its waits become long, and what it wrote is read."""
        with waits_are_long():
            yield
        self.look_at_salesforce()

    def look_at_salesforce(self) -> None:
        if self.line.writes != self._writes_seen:
            self._writes_seen = self.line.writes
            self.company.read_journal()


def open_pushes() -> set[int]:
    """Opportunities of which a link is on its way, or was set aside with its reason."""
    states = (*OutboundPush.WAITING, OutboundPush.State.SENDING)
    pushes = OutboundPush.objects.filter(lane=OutboundPush.Lane.LINK, state__in=states)
    return set(pushes.values_list("opportunity_id", flat=True))
