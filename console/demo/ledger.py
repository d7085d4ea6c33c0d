"""Collects what the plan makes, and remembers which scenario each piece shows."""

from __future__ import annotations

from collections import defaultdict

from console.demo.book import (
    Association,
    Example,
    LooseQuoteRecord,
    Opportunity,
    Push,
    Quote,
    Record,
)
from console.demo.days import Calendar
from console.demo.deals import Deal
from console.demo.scenarios import Scenario


class Ledger:
    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.opportunities: list[Opportunity] = []
        self.quotes: list[Quote] = []
        self.records: list[Record] = []
        self.loose_quotes: list[LooseQuoteRecord] = []
        self.associations: list[Association] = []
        self.pushes: list[Push] = []
        self.scenarios: defaultdict[Scenario, list[Example]] = defaultdict(list)

    def add(self, deal: Deal) -> Deal:
        """Both sides of a deal, as they are."""
        self.records.append(deal.record)
        return self.add_in_mn(deal)

    def add_in_mn(self, deal: Deal) -> Deal:
        """The MN side of a deal that Salesforce has no record of."""
        self.opportunities.append(deal.opportunity)
        self.quotes.extend(deal.quotes)
        return deal

    def add_linked(self, deal: Deal) -> Deal:
        """A deal whose two sides were paired some time ago, and both know it."""
        deal = self.add(deal.with_record(mn_id=deal.opportunity.mn_id))
        self.associate(deal.opportunity, deal.record)
        self.note(Scenario.LINKED, deal)
        self.note(Scenario.ALREADY_LINKED, deal)
        return deal

    def associate(self, opportunity: Opportunity, record: Record) -> None:
        self.associations.append(
            Association(
                opportunity_mn_id=opportunity.mn_id,
                salesforce_id=record.salesforce_id,
                linked_at=self.calendar.moment(days_ago=20 + len(self.associations)),
            )
        )

    def associated_before(self, opportunity: Opportunity, salesforce_id: str, *, why: str) -> None:
        """A pair that was ended; kept as history."""
        self.associations.append(
            Association(
                opportunity_mn_id=opportunity.mn_id,
                salesforce_id=salesforce_id,
                linked_at=self.calendar.moment(days_ago=140),
                ended_at=self.calendar.moment(days_ago=110),
                ended_because=why,
            )
        )

    def queue_push(self, deal: Deal) -> None:
        self.pushes.append(
            Push(opportunity_mn_id=deal.opportunity.mn_id, requested_by=deal.opportunity.owner.name)
        )

    def note(self, scenario: Scenario, deal: Deal, *, quote: str | None = None) -> None:
        example = Example(
            opportunity=deal.opportunity.mn_id, record=deal.record.salesforce_id, quote=quote
        )
        self.scenarios[scenario].append(example)

    def note_record(
        self,
        scenario: Scenario,
        record: Record,
        *,
        opportunity: str | None = None,
        quote: str | None = None,
    ) -> None:
        self.scenarios[scenario].append(
            Example(opportunity=opportunity, record=record.salesforce_id, quote=quote)
        )

    def note_opportunity(self, scenario: Scenario, opportunity: Opportunity) -> None:
        self.scenarios[scenario].append(Example(opportunity=opportunity.mn_id))
