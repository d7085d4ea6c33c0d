"""The customers of the sample company and who looks after them."""

from __future__ import annotations

import re
from itertools import cycle
from typing import Final

from console.demo.book import Account, Seller
from console.demo.chance import Ids
from console.demo.days import Calendar
from console.demo.names import (
    CURRENCY_OF,
    MATCHED_COMPANIES,
    SELLERS,
    UNKNOWN_COMPANIES,
    UNMATCHED_COMPANIES,
    Company,
)
from syncrules import salesforce_id

_USER: Final = "005"


def sellers(ids: Ids) -> tuple[Seller, ...]:
    return tuple(Seller(salesforce_id=ids.salesforce(_USER), name=name) for name in SELLERS)


def accounts(ids: Ids, calendar: Calendar, staff: tuple[Seller, ...]) -> tuple[Account, ...]:
    """All customers: those matched, those nobody matched, those only Salesforce knows."""
    owner = cycle(staff)
    companies = (
        *((company, True, True) for company in MATCHED_COMPANIES),
        *((company, True, False) for company in UNMATCHED_COMPANIES),
        *((company, False, False) for company in UNKNOWN_COMPANIES),
    )
    return tuple(
        _account(ids, calendar, company, in_mn=in_mn, is_matched=is_matched, owner=next(owner))
        for company, in_mn, is_matched in companies
    )


def _account(
    ids: Ids, calendar: Calendar, company: Company, *, in_mn: bool, is_matched: bool, owner: Seller
) -> Account:
    domain = re.sub(r"[^a-z]+", "-", company.name.lower())
    return Account(
        mn_id=ids.mn("acct") if in_mn else None,
        salesforce_id=ids.salesforce(salesforce_id.ACCOUNT),
        is_matched=is_matched,
        name=company.name,
        website=f"https://{domain}.example",
        industry=company.industry,
        country=company.country,
        currency=CURRENCY_OF[company.country],
        owner=owner,
        updated_at=calendar.moment(days_ago=30),
    )
