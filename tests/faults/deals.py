"""Linked deals on both sides, in bulk, whose history can be read from what Salesforce was told.

Each edit of a deal makes another of its quotes the primary one, and none a second time. So the
primary quotes that the org's journal shows are the versions of the deal, in the order of writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction

from console import outbox
from console.actor import Actor
from console.flows import update_primary_quote
from console.locks import lock_opportunities
from console.models import (
    Account,
    Association,
    Opportunity,
    PricebookEntry,
    Quote,
    QuoteItem,
    SyncLog,
)
from console.models.outbound_push import PushUrgency
from syncrules.facts import QuoteStatus
from syncrules.reasons import Reason
from syncrules.update_primary_quote import FLOW
from tests.builders import make_pricebook_entry, make_product
from tests.facts import NOON, number, sf_id
from tests.org import Org

VERA: Final = Actor(name="vera")
_FIRST_DAY, _LAST_DAY = date(2026, 1, 1), date(2026, 12, 31)


@dataclass(frozen=True, slots=True)
class Version:
    """A quote that can be the primary one: its record in Salesforce, and the ids of its lines."""

    quote_id: int
    quote_mn_id: str
    record: str
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class Commit:
    """A version that became the deal's, not before the moment."""

    version: Version
    since: datetime


@dataclass(slots=True)
class Deal:
    """An opportunity with its record. `commits`: the first is what both sides begin with."""

    opportunity_id: int
    mn_id: str
    account_id: int
    salesforce_id: str
    versions: Sequence[Version]
    commits: list[Commit] = field(default_factory=list)

    @property
    def present(self) -> Version:
        return self.commits[-1].version

    @property
    def next(self) -> Version:
        """The version that nobody has seen yet."""
        return self.versions[len(self.commits)]

    def is_now(self, version: Version, *, since: datetime) -> None:
        self.commits.append(Commit(version, since))

    def learn_from_log(self) -> None:
        """The order in which people who edited at the same time came through, from the entries
        that were written under the lock."""
        entries = SyncLog.objects.filter(
            opportunity_id=self.opportunity_id,
            flow=FLOW,
            reason=Reason.PRIMARY_QUOTE_SET,
        ).order_by("pk")
        by_name = {each.quote_mn_id: each for each in self.versions}
        chosen = entries.values_list("quote_mn_id", flat=True)
        del self.commits[1:]
        self.commits += [Commit(by_name[name], self.commits[0].since) for name in chosen]

    def __str__(self) -> str:
        return self.mn_id


@contextmanager
def edit_with(deal: Deal) -> Iterator[Version]:
    """The next version, which whoever is within makes the deal's."""
    version, since = deal.next, datetime.now(UTC)
    yield version
    deal.is_now(version, since=since)


def edit(deal: Deal) -> Version:
    """The next version, as a person chooses it on the page."""
    with edit_with(deal) as version:
        entry = update_primary_quote.run(
            deal.opportunity_id,
            quote_mn_id=version.quote_mn_id,
            how="chosen by hand",
            trigger="primary_quote_page",
            actor=VERA,
        )
        assert entry.reason == Reason.PRIMARY_QUOTE_SET, entry.reason
    return version


def edit_all(
    deals: Iterable[Deal], *, urgency: PushUrgency = PushUrgency.EVENT, then_fail: bool = False
) -> None:
    """The next version of each in one transaction: rows, pushes, doorbell. `then_fail`: it is
    rolled back."""
    edited, since = list(deals), datetime.now(UTC)
    ids = [deal.opportunity_id for deal in edited]
    with transaction.atomic():
        lock_opportunities(ids)
        _set_primary({deal.opportunity_id: deal.next for deal in edited})
        wanted = dict.fromkeys(ids, ("edit", VERA.name, int(urgency)))
        outbox.request_many(wanted, lane=outbox.Lane.LINK)
        transaction.set_rollback(then_fail)
    if not then_fail:
        for deal in edited:
            deal.is_now(deal.next, since=since)


# --- Making them ---------------------------------------------------------------------------------


def make_deals(
    org: Org,
    count: int,
    *,
    versions: int = 3,
    accounts: int | None = None,
    lines: int = 0,
    are_linked: bool = True,
) -> list[Deal]:
    """Deals that are linked and in step, with so many versions to come. `lines`: of each quote.

    `accounts`: how many they share; one each, unless said otherwise. Those that are not linked have
    a record that names their primary quote.
    """
    owners = _accounts(accounts or count)
    entry = _priced(org) if lines else None
    rows = Opportunity.objects.bulk_create(
        Opportunity(
            mn_id=f"opp_{number()}",
            name="Northwind expansion",
            account=owners[index % len(owners)],
            status_since=NOON,
            mn_updated_at=NOON,
        )
        for index in range(count)
    )
    quotes = _quotes(rows, each=versions + 1)
    items = _items(quotes, entry, each=lines)
    deals = [_deal(row, quotes, items) for row in rows]
    records = {owner.pk: owner.salesforce_id for owner in owners}
    _set_primary({deal.opportunity_id: deal.present for deal in deals})
    if are_linked:
        _pair(deals)
    _load(org, deals, entry, accounts=records, are_linked=are_linked)
    return deals


def _accounts(count: int) -> list[Account]:
    return Account.objects.bulk_create(
        Account(
            mn_id=f"acct_{number()}",
            name="Northwind Traders",
            salesforce_id=sf_id("001"),
            mn_updated_at=NOON,
        )
        for _ in range(count)
    )


def _priced(org: Org) -> PricebookEntry:
    """A product with a price, on both sides."""
    product = make_product()
    entry = make_pricebook_entry(product=product, pricebook_salesforce_id=sf_id("01s"))
    book, item = entry.pricebook_salesforce_id, product.salesforce_id
    org.load(
        Pricebook2=[{"Id": book, "Name": "Standard", "IsActive": True}],
        Product2=[{"Id": item, "Name": product.name, "IsActive": True}],
        PricebookEntry=[
            {
                "Id": entry.salesforce_id,
                "Pricebook2Id": book,
                "Product2Id": item,
                "UnitPrice": 100,
                "CurrencyIsoCode": "USD",
                "IsActive": True,
            }
        ],
    )
    return entry


def _quotes(rows: Iterable[Opportunity], *, each: int) -> dict[int, list[Quote]]:
    """Opportunity id -> its quotes."""
    made = Quote.objects.bulk_create(
        Quote(
            mn_id=f"quote_{number()}",
            opportunity=row,
            account_id=row.account_id,
            status=QuoteStatus.APPROVED,
            status_since=NOON,
            contract_start=_FIRST_DAY,
            contract_end=_LAST_DAY,
            mn_updated_at=NOON,
        )
        for row in rows
        for _ in range(each)
    )
    grouped: dict[int, list[Quote]] = {}
    for quote in made:
        assert quote.opportunity_id is not None
        grouped.setdefault(quote.opportunity_id, []).append(quote)
    return grouped


def _items(
    quotes: dict[int, list[Quote]], entry: PricebookEntry | None, *, each: int
) -> dict[int, set[str]]:
    """Quote id -> the ids of its lines."""
    made = QuoteItem.objects.bulk_create(
        QuoteItem(
            mn_id=f"item_{number()}",
            quote=quote,
            position=position,
            product_id=entry.product_id if entry else None,
            pricebook_entry=entry,
            quantity=Decimal(1),
            unit_price=Decimal(100 + position),
            amount=Decimal(100 + position),
            start_date=_FIRST_DAY,
            end_date=_LAST_DAY,
        )
        for of_one in quotes.values()
        for quote in of_one
        for position in range(each)
    )
    grouped: dict[int, set[str]] = {}
    for item in made:
        grouped.setdefault(item.quote_id, set()).add(item.mn_id)
    return grouped


def _deal(row: Opportunity, quotes: dict[int, list[Quote]], items: dict[int, set[str]]) -> Deal:
    versions = [
        Version(quote.pk, quote.mn_id, sf_id("a0B"), frozenset(items.get(quote.pk, ())))
        for quote in quotes[row.pk]
    ]
    deal = Deal(row.pk, row.mn_id, row.account_id, sf_id(), versions)
    deal.is_now(versions[0], since=NOON)
    return deal


_SET_PRIMARY: Final = """
UPDATE console_opportunity AS opportunity
SET primary_quote_id = chosen.quote, primary_set_at = %s, primary_set_how = 'chosen by hand'
FROM unnest(%s::bigint[], %s::bigint[]) AS chosen (opportunity, quote)
WHERE opportunity.id = chosen.opportunity
"""


def _set_primary(chosen: Mapping[int, Version]) -> None:
    """Opportunity id -> its version from now on."""
    quotes = [version.quote_id for version in chosen.values()]
    with connection.cursor() as cursor:
        cursor.execute(_SET_PRIMARY, [NOON, list(chosen), quotes])


def _pair(deals: Iterable[Deal]) -> None:
    Association.objects.bulk_create(
        Association(
            opportunity_id=deal.opportunity_id,
            salesforce_id=deal.salesforce_id,
            linked_by="link_by_hand",
            actor_name=VERA.name,
        )
        for deal in deals
    )


def _load(
    org: Org,
    deals: Sequence[Deal],
    entry: PricebookEntry | None,
    *,
    accounts: Mapping[int, str | None],
    are_linked: bool,
) -> None:
    book: dict[str, Any] = {"Pricebook2Id": entry.pricebook_salesforce_id} if entry else {}
    org.load(
        Account=[{"Id": each, "Name": "Northwind Traders"} for each in accounts.values()],
        monetize__Quote__c=[
            {"Id": each.record, "Name": each.quote_mn_id, "monetize__Id__c": each.quote_mn_id}
            for deal in deals
            for each in deal.versions
        ],
        Opportunity=[
            {
                "Id": deal.salesforce_id,
                "Name": "Northwind",
                "StageName": "Prospecting",
                "CloseDate": "2026-12-31",
                "CurrencyIsoCode": "USD",
                "AccountId": accounts[deal.account_id],
                "monetize__Id__c": deal.mn_id if are_linked else None,
                "monetize__PrimaryQuote__c": deal.present.record,
                **book,
            }
            for deal in deals
        ],
    )
