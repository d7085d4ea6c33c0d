"""One deal on both sides: an MN opportunity with its quotes, and the Salesforce record of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from console.demo.book import Account, LooseQuoteRecord, Opportunity, Quote, Record
from console.demo.catalog import Catalog
from console.demo.chance import Ids, stream
from console.demo.days import Calendar
from console.demo.quotes import QUOTE, TITLES, Setting, document_ramp, quotes_of
from syncrules import salesforce_id
from syncrules.facts import DEAD_QUOTE, OpportunityStatus, QuoteStatus

_TYPES: Final = (*["NEW"] * 6, *["AMENDMENT"] * 2, *["RENEWAL"] * 2)
_STATUSES: Final = (
    *[OpportunityStatus.ACTIVE] * 15,
    *[OpportunityStatus.WON] * 3,
    OpportunityStatus.LOST,
    OpportunityStatus.CANCELED,
)
_STAGE_OF_OPEN: Final = {
    QuoteStatus.DRAFT: "Value Proposition",
    QuoteStatus.REVIEW: "Proposal/Price Quote",
    QuoteStatus.APPROVED: "Proposal/Price Quote",
}


@dataclass(frozen=True, slots=True)
class Deal:
    opportunity: Opportunity
    quotes: tuple[Quote, ...]
    record: Record

    @property
    def leading(self) -> Quote:
        return self.quotes[0]

    @property
    def second(self) -> Quote:
        return self.quotes[1]

    @property
    def alternative(self) -> Quote:
        """Another quote that could still win, or the leading one when there is none."""
        return next((q for q in self.quotes[1:] if q.status not in DEAD_QUOTE), self.leading)

    def with_leading(self, **changes: Any) -> Deal:
        return replace(self, quotes=(replace(self.leading, **changes), *self.quotes[1:]))

    def with_second(self, **changes: Any) -> Deal:
        second = replace(self.second, **changes)
        return replace(self, quotes=(self.leading, second, *self.quotes[2:]))

    def with_opportunity(self, **changes: Any) -> Deal:
        return replace(self, opportunity=replace(self.opportunity, **changes))

    def with_record(self, **changes: Any) -> Deal:
        return replace(self, record=replace(self.record, **changes))

    def with_primary(self, quote: Quote | None) -> Deal:
        """What MonetizeNow holds to be the primary quote."""
        if quote is None:
            return self.with_opportunity(
                primary_quote_mn_id=None, primary_set_at=None, primary_set_how=""
            )
        by_hand = quote is not self.leading
        return self.with_opportunity(
            primary_quote_mn_id=quote.mn_id,
            primary_set_at=quote.status_since,
            primary_set_how="manual" if by_hand else "automatic",
        )

    def naming(self, quote: Quote | None) -> Deal:
        """What the Salesforce record names as its primary quote."""
        return self.with_record(
            primary_quote_salesforce_id=quote.salesforce_id if quote else None,
            amount=quote.amount if quote else None,
        )


class DealMaker:
    """Makes deals one after the other, each with a source of choices of its own."""

    def __init__(
        self, ids: Ids, catalog: Catalog, calendar: Calendar, customers: tuple[Account, ...]
    ) -> None:
        self._ids = ids
        self._catalog = catalog
        self._calendar = calendar
        self._customers = customers
        self._numbers: Iterator[int] = count(1)

    def deal(
        self,
        *,
        at_least: int = 1,
        status: OpportunityStatus | None = None,
        account: Account | None = None,
    ) -> Deal:
        """A deal whose two sides agree on the leading quote and know nothing of one another."""
        chance = stream(f"deal {next(self._numbers)}")
        account = account or chance.choice(self._customers)
        setting = self._setting(chance, account, status=status or chance.choice(_STATUSES))
        mn_id = self._ids.mn("opp")
        quotes = quotes_of(setting, opportunity_mn_id=mn_id, at_least=at_least)
        return self._around(setting, mn_id, quotes, title=chance.choice(TITLES[setting.type]))

    def document_ramp(self) -> Deal:
        chance = stream("document ramp")
        american = next(each for each in self._customers if each.currency == "USD")
        setting = replace(
            self._setting(chance, american, status=OpportunityStatus.ACTIVE), type="NEW"
        )
        mn_id = self._ids.mn("opp")
        quotes = (document_ramp(setting, opportunity_mn_id=mn_id),)
        return self._around(setting, mn_id, quotes, title="Document ramp")

    def copy_of(self, record: Record, *, suffix: str) -> Record:
        """Another Salesforce opportunity with the same values, as cloning makes it."""
        another = self._ids.salesforce(salesforce_id.OPPORTUNITY)
        return replace(record, salesforce_id=another, name=f"{record.name} {suffix}")

    def loose_quote(self, deal: Deal, *, is_known_elsewhere: bool) -> LooseQuoteRecord:
        """A quote record under the deal's Salesforce opportunity that leads to no quote of ours."""
        return LooseQuoteRecord(
            salesforce_id=self._ids.salesforce(QUOTE),
            mn_id=self._ids.mn("quote") if is_known_elsewhere else None,
            record_id=deal.record.salesforce_id,
            account=deal.opportunity.account,
            description="Imported offer" if is_known_elsewhere else "Typed in by hand",
        )

    def _setting(
        self, chance: random.Random, account: Account, *, status: OpportunityStatus
    ) -> Setting:
        return Setting(
            ids=self._ids,
            catalog=self._catalog,
            calendar=self._calendar,
            chance=chance,
            account=account,
            type=chance.choice(_TYPES),
            deal_status=status,
        )

    def _around(
        self, setting: Setting, mn_id: str, quotes: tuple[Quote, ...], *, title: str
    ) -> Deal:
        is_open = setting.deal_status is OpportunityStatus.ACTIVE
        ahead = setting.chance.randint(5, 150) if is_open else -setting.chance.randint(5, 120)
        account, calendar = setting.account, self._calendar
        opportunity = Opportunity(
            mn_id=mn_id,
            name=f"{account.name}: {title}",
            account=account,
            status=setting.deal_status,
            status_since=calendar.moment(days_ago=setting.chance.randint(1, 60)),
            currency=account.currency,
            owner=account.owner,
            close_date=calendar.day(ahead=ahead),
        )
        record = Record(
            salesforce_id=self._ids.salesforce(salesforce_id.OPPORTUNITY),
            name=opportunity.name,
            account=account,
            stage=_stage(setting.deal_status, quotes[0]),
            close_date=opportunity.close_date,
            currency=account.currency,
            owner=account.owner,
            type="New Business" if setting.type == "NEW" else "Existing Business",
        )
        deal = Deal(opportunity, quotes, record)
        return deal.with_primary(deal.leading).naming(deal.leading)


def _stage(status: OpportunityStatus, leading: Quote) -> str:
    if status is OpportunityStatus.WON:
        return "Closed Won"
    if status is not OpportunityStatus.ACTIVE:
        return "Closed Lost"
    return _STAGE_OF_OPEN.get(leading.status, "Negotiation/Review")
