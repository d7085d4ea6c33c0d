"""Which deals the sample holds: how many of each kind, and what is odd about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.demo.book import Account
from console.demo.catalog import Catalog
from console.demo.deals import Deal, DealMaker
from console.demo.ledger import Ledger
from console.demo.scenarios import Scenario
from syncrules.facts import DEAD_QUOTE, OpportunityStatus, QuoteStatus

OPEN: Final = OpportunityStatus.ACTIVE
RESTRICTED_TO: Final = "administrator"
"""The group that alone may read a restricted quote; the console itself reads every quote."""


def plain_deals(ledger: Ledger, make: DealMaker) -> None:
    """Deals that the poll will link; in some MonetizeNow has meanwhile chosen another primary."""
    ramp = ledger.add(make.document_ramp())
    ledger.note(Scenario.DOCUMENT_RAMP, ramp)
    for number in range(119):
        deal = make.deal()
        if number % 8 == 3:
            deal = deal.with_primary(None)
        elif number % 8 == 5:
            deal = deal.with_primary(deal.alternative)
        ledger.add(deal)
        ledger.note(Scenario.TO_LINK, deal, quote=deal.leading.mn_id)
    for _ in range(12):
        ledger.add_in_mn(make.deal())


def linked_deals(ledger: Ledger, make: DealMaker, catalog: Catalog) -> list[Deal]:
    """Pairs that both sides know; most are in step, some wait for a push."""
    linked = [ledger.add_linked(make.deal()) for _ in range(18)]
    for deal in linked[:2]:
        ledger.queue_push(deal)
    before = make.copy_of(linked[2].record, suffix="(duplicate)").salesforce_id
    ledger.associated_before(linked[2].opportunity, before, why="Linked to a duplicate by mistake")
    for _ in range(4):
        deal = make.deal(at_least=2, status=OPEN).with_second(status=QuoteStatus.SENT)
        deal = ledger.add_linked(deal.with_primary(deal.second))
        ledger.queue_push(deal)
        ledger.note(Scenario.PRIMARY_DIFFERS, deal, quote=deal.second.mn_id)
    for _ in range(2):
        deal = make.deal(at_least=2, status=OPEN)
        deal = deal.with_second(status=QuoteStatus.DRAFT, salesforce_id=None)
        deal = ledger.add_linked(deal.with_primary(deal.second))
        ledger.queue_push(deal)
        ledger.note(Scenario.QUOTE_WITHOUT_RECORD, deal, quote=deal.second.mn_id)
    for _ in range(2):
        deal = make.deal(status=OPEN).with_record(pricebook=catalog.partner_book)
        ledger.note(Scenario.PRICEBOOK_MISMATCH, ledger.add_linked(deal))
    for _ in range(2):
        deal = make.deal(status=OPEN)
        other = "EUR" if deal.opportunity.currency != "EUR" else "USD"
        ledger.note(Scenario.CURRENCY_MISMATCH, ledger.add_linked(deal.with_record(currency=other)))
    return linked


def refused_primaries(ledger: Ledger, make: DealMaker) -> None:
    """Linked deals with a quote that may not become their primary one."""
    for _ in range(3):
        deal = make.deal(at_least=2, status=OpportunityStatus.WON)
        deal = ledger.add_linked(deal.with_second(status=QuoteStatus.DRAFT))
        ledger.note(Scenario.FINALIZED_OPPORTUNITY, deal, quote=deal.second.mn_id)
    for signed in (QuoteStatus.ACCEPTED, QuoteStatus.PROCESSED):
        deal = make.deal(at_least=2, status=OPEN).with_leading(status=signed)
        deal = deal.with_second(status=QuoteStatus.DRAFT).with_record(stage="Closed Won")
        ledger.note(Scenario.FINALIZED_QUOTE, ledger.add_linked(deal), quote=deal.second.mn_id)
    open_deals = []
    for dead in sorted(DEAD_QUOTE):
        deal = make.deal(at_least=2, status=OPEN).with_second(status=dead)
        open_deals.append(ledger.add_linked(deal))
        ledger.note(Scenario.QUOTE_DEAD, deal, quote=deal.second.mn_id)
    for deal, other in zip(open_deals[:2], open_deals[2:], strict=True):
        ledger.note(Scenario.QUOTE_OF_ANOTHER, deal, quote=other.leading.mn_id)
    for _ in range(3):
        deal = make.deal(at_least=2, status=OPEN)
        deal = deal.with_second(status=QuoteStatus.SENT, reader_group=RESTRICTED_TO)
        ledger.note(Scenario.QUOTE_RESTRICTED, ledger.add_linked(deal), quote=deal.second.mn_id)


def conflicts(ledger: Ledger, make: DealMaker, linked: list[Deal]) -> None:
    """Records that would break one-to-one pairing, and clones that carry somebody else's MN id."""
    for deal in linked[3:6]:
        duplicate = replace(make.copy_of(deal.record, suffix="(duplicate)"), mn_id=None)
        ledger.records.append(duplicate)
        ledger.note_record(
            Scenario.CONFLICT_OF_OPPORTUNITY, duplicate, opportunity=deal.opportunity.mn_id
        )
    for _ in range(3):
        # Someone cleared the field to reassign the record; our association still stands.
        wanted = make.deal(status=OPEN)
        tied = make.deal(status=OPEN, account=wanted.opportunity.account)
        ledger.add_in_mn(tied)
        ledger.add(wanted)
        ledger.associate(tied.opportunity, wanted.record)
        ledger.note(Scenario.CONFLICT_OF_RECORD, wanted)
    for deal in linked[6:9]:
        clone = make.copy_of(deal.record, suffix="(clone)")
        ledger.records.append(clone)
        ledger.note_record(Scenario.CLONED, clone, opportunity=deal.opportunity.mn_id)
    for _ in range(2):
        deal = make.deal()
        ledger.add(deal.with_record(mn_id=deal.opportunity.mn_id))
        ledger.note(Scenario.LINK_UNKNOWN_HERE, deal)


def without_primary(ledger: Ledger, make: DealMaker, strangers: tuple[Account, ...]) -> None:
    """Records that name no quote; some belong to accounts that MonetizeNow cannot match."""
    for number in range(14):
        deal = make.deal(status=OPEN).naming(None)
        if number % 4 == 3:
            ledger.records.append(deal.record)
            ledger.note_record(Scenario.PRIMARY_MISSING, deal.record)
        else:
            ledger.add(deal)
            ledger.note(Scenario.PRIMARY_MISSING, deal)
    for account in strangers:
        record = make.deal(status=OPEN, account=account).naming(None).record
        ledger.records.append(record)
        ledger.note_record(Scenario.ACCOUNT_NOT_LINKED, record)


def leading_nowhere(ledger: Ledger, make: DealMaker) -> None:
    """Records whose primary quote does not lead to an MN opportunity."""
    for number in range(5):
        deal = make.deal(status=OPEN)
        loose = make.loose_quote(deal, is_known_elsewhere=number < 3)
        ledger.loose_quotes.append(loose)
        record = replace(deal.record, primary_quote_salesforce_id=loose.salesforce_id)
        ledger.records.append(record)
        scenario = Scenario.QUOTE_UNKNOWN if loose.mn_id else Scenario.RECORD_WITHOUT_MN_ID
        ledger.note_record(scenario, record, quote=loose.mn_id)
    for _ in range(2):
        deal = make.deal(status=OPEN)
        ledger.quotes.append(replace(deal.leading, opportunity_mn_id=None))
        ledger.records.append(deal.record)
        ledger.note_record(
            Scenario.QUOTE_WITHOUT_OPPORTUNITY, deal.record, quote=deal.leading.mn_id
        )


def pushes_without_association(ledger: Ledger, make: DealMaker) -> None:
    """MN opportunities that wait to go out although no association says where to."""
    for _ in range(4):
        deal = ledger.add_in_mn(make.deal(status=OPEN))
        ledger.queue_push(deal)
        ledger.note_opportunity(Scenario.NEVER_LINKED, deal.opportunity)
    for _ in range(3):
        deal = make.deal(status=OPEN).naming(None)
        deal = ledger.add(deal.with_opportunity(creation_reference=deal.record.salesforce_id))
        ledger.queue_push(deal)
        ledger.note(Scenario.BY_CREATION_REFERENCE, deal)
    for _ in range(2):
        deal = make.deal(status=OPEN)
        deal = ledger.add_in_mn(deal.with_opportunity(creation_reference=deal.record.salesforce_id))
        ledger.queue_push(deal)
        ledger.note_opportunity(Scenario.REFERENCE_GONE, deal.opportunity)
