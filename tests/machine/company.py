"""A small company on both sides, and what the machine knows of it: who is paired with whom, what
was chosen last, and what Salesforce holds by its own journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from console import outbox
from console.locks import lock_opportunities
from console.models import Association, ProductSyncSetting, SalesforceConnection
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.builders import make_connection
from tests.facts import sf_id
from tests.faults.deals import Deal, make_deals
from tests.machine.line import Line
from tests.org import Org

LINKED: Final = 3
UNLINKED: Final = 1
SPARE: Final = 2
VERSIONS: Final = 12


@dataclass
class Held:
    """What a Salesforce opportunity holds of ours."""

    mn_id: str | None
    quote: str | None


@dataclass
class Company:
    """Deals, of which the last is not linked yet, and records, of which the last are nobody's.

    `partners`: opportunity id -> the record it should be paired with. `won`: opportunity ids.
    """

    org: Org
    deals: list[Deal]
    records: list[str]
    held: dict[str, Held]
    partners: dict[int, str | None]
    won: set[int] = field(default_factory=set)
    syncs_products: bool = False
    _read_until: int = 0

    @property
    def pairs(self) -> dict[int, str]:
        return {pk: record for pk, record in self.partners.items() if record is not None}

    def deal(self, opportunity_id: int) -> Deal:
        return next(each for each in self.deals if each.opportunity_id == opportunity_id)

    def partner(self, deal: Deal) -> str | None:
        return self.partners[deal.opportunity_id]

    def is_won(self, deal: Deal) -> bool:
        return deal.opportunity_id in self.won

    def owner_of(self, record: str) -> Deal | None:
        """Whom the record is paired with."""
        found = (pk for pk, each in self.partners.items() if each == record)
        return next((self.deal(pk) for pk in found), None)

    def is_in_step(self, deal: Deal) -> bool:
        """Whether its record holds what is committed here."""
        record = self.partner(deal)
        return record is None or self.held[record] == Held(deal.mn_id, deal.present.record)

    def read_journal(self) -> None:
        """What Salesforce was told since, and holds now."""
        while page := self.org.journal(after=self._read_until):
            self._read_until = page[-1]["seq"]
            for entry in page:
                if entry["object"] == "Opportunity" and entry["record_id"] in self.held:
                    self._hold(entry["record_id"], entry["after"] or {})

    def _hold(self, record: str, told: dict[str, str | None]) -> None:
        held = self.held[record]
        held.mn_id = told.get(MN_ID_FIELD, held.mn_id)
        held.quote = told.get(PRIMARY_QUOTE_FIELD, held.quote)


def actual_pairs() -> dict[int, str]:
    """The pairs in force, as the database has them."""
    active = Association.objects.filter(ended_at__isnull=True)
    return dict(active.values_list("opportunity_id", "salesforce_id"))


def found_company(org: Org, line: Line, *, accounts: int, with_products: bool) -> Company:
    """An empty database and an empty org get a connection, deals, and records to spare."""
    _start_anew(org, line, with_products=with_products)
    lines = 1 if with_products else 0
    count = LINKED + UNLINKED
    deals = make_deals(org, count, versions=VERSIONS, accounts=accounts, lines=lines)
    linked, waiting = deals[:LINKED], deals[LINKED:]
    for deal in waiting:
        _is_not_linked_yet(org, deal)
    spare = [sf_id() for _ in range(SPARE)]
    for record in spare:
        org.add_opportunity(record, CurrencyIsoCode="USD")
    _ask_for_all(linked)
    return Company(
        org,
        deals,
        [*(each.salesforce_id for each in deals), *spare],
        held={
            **{each.salesforce_id: Held(each.mn_id, each.present.record) for each in linked},
            **{each.salesforce_id: Held(None, each.present.record) for each in waiting},
            **{record: Held(None, None) for record in spare},
        },
        partners={each.opportunity_id: each.salesforce_id for each in linked}
        | {each.opportunity_id: None for each in waiting},
        syncs_products=with_products,
    )


def _is_not_linked_yet(org: Org, deal: Deal) -> None:
    """Its record names its primary quote, so that it will be as soon as Salesforce tells of it."""
    Association.objects.filter(opportunity_id=deal.opportunity_id).delete()
    org.add_opportunity(
        deal.salesforce_id,
        CurrencyIsoCode="USD",
        monetize__PrimaryQuote__c=deal.present.record,
    )


def _ask_for_all(deals: Sequence[Deal]) -> None:
    """What is linked goes out once by itself, so that its products follow."""
    ids = [each.opportunity_id for each in deals]
    with transaction.atomic():
        lock_opportunities(ids)
        wanted = dict.fromkeys(ids, ("resync", "vera", int(outbox.Urgency.BULK)))
        outbox.request_many(wanted, lane=outbox.Lane.LINK)


def _start_anew(org: Org, line: Line, *, with_products: bool) -> None:
    empty_database()
    org.reset()
    line.clear()
    row = make_connection(
        name="local org",
        base_url=line.url,
        client_id=org.server.client_id,
        client_secret=org.server.client_secret,
        is_local=True,
    )
    later = timezone.now() + timedelta(hours=1)
    SalesforceConnection.objects.filter(pk=row.pk).update(next_poll_at=later)
    ProductSyncSetting.objects.create(
        reason_text="a machine", is_active=True, is_disabled=not with_products
    )


def empty_database() -> None:
    """All rows of the console are gone. Faster than TRUNCATE where there are few."""
    with transaction.atomic(), connection.cursor() as cursor:
        # No triggers: neither those of foreign keys nor those that keep what must be kept.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in (*connection.introspection.django_table_names(), "fault_step"):
            if table.startswith(("console_", "fault_")):
                cursor.execute(f"DELETE FROM {table}")
