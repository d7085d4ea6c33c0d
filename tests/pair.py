"""A linkable pair on both sides, which each test changes in one place."""

from __future__ import annotations

from dataclasses import dataclass

from console.models import Opportunity, Quote
from tests.builders import make_opportunity, make_quote
from tests.facts import sf_id
from tests.org import Org


@dataclass
class Pair:
    """An MN opportunity with a primary quote, and the Salesforce opportunity that names it."""

    opportunity: Opportunity
    quote: Quote
    salesforce_id: str
    quote_record: str


def make_pair(org: Org) -> Pair:
    """Not linked yet: the primary quote leads from one to the other."""
    opportunity = make_opportunity()
    quote = make_quote(opportunity=opportunity, is_primary=True)
    salesforce_id, quote_record = sf_id("006"), sf_id("a0B")
    org.add_quote(quote_record, quote.mn_id)
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=quote_record)
    return Pair(opportunity, quote, salesforce_id, quote_record)
