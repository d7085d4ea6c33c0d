"""The quotes of one deal: the one that counts, and the offers beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from console.demo.book import Account, Line, Quote
from console.demo.catalog import Catalog
from console.demo.chance import Ids
from console.demo.days import Calendar, last_day
from console.demo.lines import LineMaker, Terms, with_oddities
from console.demo.names import EXPANSION, NEW_BUSINESS, OFFER, RENEWAL
from syncrules.facts import OpportunityStatus, QuoteStatus

QUOTE: Final = "a0B"

TITLES: Final = {"NEW": NEW_BUSINESS, "AMENDMENT": EXPANSION, "RENEWAL": RENEWAL}

# What the primary quote of a deal may be, most usual first; repeated ones are more likely.
_LEADING: Final = {
    OpportunityStatus.ACTIVE: (
        *[QuoteStatus.DRAFT] * 4,
        *[QuoteStatus.SENT] * 4,
        *[QuoteStatus.APPROVED] * 2,
        *[QuoteStatus.REVIEW] * 2,
    ),
    OpportunityStatus.WON: (
        *[QuoteStatus.PROCESSED] * 4,
        QuoteStatus.ACCEPTED,
        QuoteStatus.ACCEPTED_ADMIN_EDITABLE,
    ),
    OpportunityStatus.LOST: (QuoteStatus.DENIED, QuoteStatus.EXPIRED, QuoteStatus.CANCELED),
    OpportunityStatus.CANCELED: (QuoteStatus.CANCELED, QuoteStatus.ARCHIVED),
}
_BESIDE_OPEN: Final = (
    *[QuoteStatus.DRAFT] * 3,
    QuoteStatus.SENT,
    QuoteStatus.DENIED,
    QuoteStatus.EXPIRED,
    QuoteStatus.ARCHIVED,
    QuoteStatus.CANCELED,
)
_BESIDE_CLOSED: Final = (QuoteStatus.ARCHIVED, QuoteStatus.CANCELED, QuoteStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every quote of a deal shares."""

    ids: Ids
    catalog: Catalog
    calendar: Calendar
    chance: random.Random
    account: Account
    type: str
    deal_status: OpportunityStatus


def quotes_of(setting: Setting, *, opportunity_mn_id: str, at_least: int = 1) -> tuple[Quote, ...]:
    """The quotes, the leading one first."""
    count = max(at_least, setting.chance.choice((1, 1, 1, 2, 2, 2, 2, 3, 3, 4)))
    is_open = setting.deal_status is OpportunityStatus.ACTIVE
    beside = _BESIDE_OPEN if is_open else _BESIDE_CLOSED
    leading = setting.chance.choice(_LEADING[setting.deal_status])
    statuses = [leading, *setting.chance.choices(beside, k=count - 1)]
    return tuple(
        _quote(setting, opportunity_mn_id=opportunity_mn_id, status=status) for status in statuses
    )


def _terms(setting: Setting) -> Terms:
    """A contract that is yet to begin, or has begun when it was signed or is being amended."""
    chance = setting.chance
    if setting.type == "AMENDMENT":
        months_ahead = chance.choice((-9, -6, -4))
    elif setting.deal_status is OpportunityStatus.ACTIVE:
        months_ahead = chance.choice((0, 1, 1, 2, 3))
    else:
        months_ahead = chance.choice((-5, -3, -1))
    return Terms(
        start=setting.calendar.first_of_month(months_ahead=months_ahead),
        months=chance.choice((12, 12, 12, 24, 36)),
        currency=setting.account.currency,
        discount_percent=chance.choice((0, 0, 0, 5, 10, 15)),
    )


def _quote(setting: Setting, *, opportunity_mn_id: str, status: QuoteStatus) -> Quote:
    chance, calendar, terms = setting.chance, setting.calendar, _terms(setting)
    maker = LineMaker(setting.ids, setting.catalog, chance, terms)
    lines = with_oddities(_lines(maker, setting), chance=chance)
    return Quote(
        mn_id=setting.ids.mn("quote"),
        salesforce_id=setting.ids.salesforce(QUOTE),
        opportunity_mn_id=opportunity_mn_id,
        account=setting.account,
        type=setting.type,
        status=status,
        status_since=calendar.moment(days_ago=chance.randint(1, 60)),
        description=f"{chance.choice(OFFER)}, {terms.months} months",
        currency=terms.currency,
        start=terms.start,
        end=terms.end,
        lines=lines,
    )


def _lines(maker: LineMaker, setting: Setting) -> tuple[Line, ...]:
    match setting.type:
        case "AMENDMENT":
            next_month = setting.calendar.first_of_month(months_ahead=1)
            return maker.of_amendment(changed_from=next_month)
        case "RENEWAL":
            return maker.of_renewal()
        case _:
            return maker.of_new_business()


def document_ramp(setting: Setting, *, opportunity_mn_id: str) -> Quote:
    """The example of "Customizing Opportunity Product Sync Process", to the cent."""
    start = setting.calendar.next_new_year
    maker = LineMaker(setting.ids, setting.catalog, setting.chance, Terms(start, 12, "USD"))
    licence = setting.catalog.named("Annual licence")
    segments = ((1, 1, 3), (2, 4, 7), (10, 8, 12))
    lines = tuple(
        maker.line(
            licence,
            quantity=Decimal(quantity),
            start=start.replace(month=first),
            end=last_day(start.replace(month=first), last - first + 1),
        )
        for quantity, first, last in segments
    )
    plain = _quote(setting, opportunity_mn_id=opportunity_mn_id, status=QuoteStatus.SENT)
    return replace(
        plain,
        description="Document ramp",
        currency="USD",
        start=start,
        end=maker.terms.end,
        lines=lines,
    )
