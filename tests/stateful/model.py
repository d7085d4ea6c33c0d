"""What pairs and primary quotes ought to be, in words of its own: it shares no code with the rules.

The machine asks it what an attempt should have changed, and compares with the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CLOSED = ("WON", "LOST", "CANCELED")
FINAL = ("ACCEPTED", "ACCEPTED_ADMIN_EDITABLE", "PROCESSED")
DEAD = ("DENIED", "CANCELED", "EXPIRED", "ARCHIVED")


@dataclass(frozen=True)
class Record:
    """A Salesforce opportunity as it is now. `names`: the MN quote that its primary quote is."""

    salesforce_id: str
    mn_id: str | None
    names: str | None
    account: str | None
    is_closed: bool


@dataclass
class Deal:
    """An MN opportunity. `left`: the partner and the reference of before, while Salesforce has not
    answered to a change of partner yet."""

    mn_id: str
    pk: int
    account: str
    reference: str | None = None
    partner: str | None = None
    primary: str | None = None
    status: str = "ACTIVE"
    left: tuple[str | None, str | None] | None = None


@dataclass
class Offer:
    """An MN quote."""

    mn_id: str
    deal: str
    account: str
    status: str = "DRAFT"


@dataclass
class Model:
    """Both systems, as far as pairs and primary quotes go."""

    deals: dict[str, Deal] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)

    @property
    def pairs(self) -> dict[str, str]:
        return {each.mn_id: each.partner for each in self.deals.values() if each.partner}

    @property
    def primaries(self) -> dict[str, str | None]:
        return {each.mn_id: each.primary for each in self.deals.values()}

    def owner(self, salesforce_id: str) -> Deal | None:
        owners = [each for each in self.deals.values() if each.partner == salesforce_id]
        assert len(owners) <= 1, f"{salesforce_id} has {len(owners)} partners"
        return owners[0] if owners else None

    def pair(self, deal: Deal, salesforce_id: str) -> None:
        assert deal.partner is None, f"{deal.mn_id} has a partner"
        assert self.owner(salesforce_id) is None, f"{salesforce_id} has a partner"
        deal.partner = salesforce_id

    def is_locked(self, deal: Deal) -> bool:
        return deal.status in CLOSED or (
            deal.primary is not None and self.offers[deal.primary].status in FINAL
        )

    def through_its_quote(self, record: Record | None) -> Deal | None:
        """The deal that the record is to be linked to because of the quote it names."""
        if record is None or record.mn_id is not None or record.names not in self.offers:
            return None
        deal = self.deals[self.offers[record.names].deal]
        return deal if self.are_free(deal, record) else None

    def by_hand(self, deal: Deal, record: Record | None) -> bool:
        if record is None or record.mn_id not in (None, deal.mn_id):
            return False
        return self.are_free(deal, record)

    def are_free(self, deal: Deal, record: Record) -> bool:
        return deal.partner is None and self.owner(record.salesforce_id) is None

    def created_for(self, salesforce_id: str) -> list[Deal]:
        """The deals that name the record as what they were created for, and have no partner."""
        return [
            each
            for each in self.deals.values()
            if each.reference == salesforce_id and each.partner is None
        ]

    def partner_may_change(
        self, deal: Deal, *, old: Record | None, target: Record | None, is_ending: bool
    ) -> bool:
        if self.is_locked(deal) or (old is not None and old.is_closed):
            return False
        if is_ending:
            return True
        return (
            target is not None
            and not target.is_closed
            and target.mn_id in (None, deal.mn_id)
            and self.owner(target.salesforce_id) is None
        )

    def may_be_primary(self, deal: Deal, quote: str) -> bool:
        offer = self.offers.get(quote)
        return (
            offer is not None
            and deal.primary != quote
            and (offer.deal, offer.account) == (deal.mn_id, deal.account)
            and offer.status not in (*DEAD, *FINAL)
            and not self.is_locked(deal)
        )
