"""The proposal as a table: who comes first, and where nothing is proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncrules import propose_primary_quote as rule
from syncrules import update_primary_quote
from syncrules.decisions import Decision
from syncrules.facts import (
    DEAD_QUOTE,
    FINALIZED_QUOTE,
    Connection,
    LocalQuote,
    OpportunityStatus,
    PrimaryQuoteFacts,
    QuoteStatus,
)
from syncrules.propose_primary_quote import Candidate, Proposal
from tests.facts import DOWN, LIVE, NOON, local_opportunity, local_quote

Dated = tuple[LocalQuote, int]


def quote(mn_id: str, status: str, *, hours: int = 0, **changes: Any) -> Dated:
    """`hours`: how long after noon it was updated."""
    return local_quote(mn_id=mn_id, status=QuoteStatus(status), **changes), hours


def propose(
    *quotes: Dated,
    present: str | None = None,
    deal: OpportunityStatus = OpportunityStatus.ACTIVE,
    connection: Connection = LIVE,
) -> Proposal | None:
    """What is proposed, with flow C's own verdict on every quote."""
    facts = {fact.mn_id: fact for fact, _ in quotes}
    common = PrimaryQuoteFacts(
        connection=connection,
        opportunity=local_opportunity(status=deal, primary_quote_mn_id=present),
        quote_mn_id="",
        caller="vera",
        present=facts.get(present or ""),
    )
    candidates = [
        Candidate(fact, NOON + timedelta(hours=hours), _verdict(common, fact))
        for fact, hours in quotes
    ]
    return rule.propose(candidates, present=present)


def _verdict(common: PrimaryQuoteFacts, fact: LocalQuote) -> Decision:
    return update_primary_quote.decide(replace(common, quote_mn_id=fact.mn_id, quote=fact))


def named(proposal: Proposal | None) -> str | None:
    return proposal.quote_mn_id if proposal else None


FIRST = {
    "sent before approved": [quote("a", "APPROVED", hours=9), quote("b", "SENT")],
    "approved before in review": [quote("a", "REVIEW", hours=9), quote("b", "APPROVED")],
    "in review before draft": [quote("a", "DRAFT", hours=9), quote("b", "REVIEW")],
    "of equals the one updated last": [quote("a", "SENT", hours=1), quote("b", "SENT", hours=2)],
    "a dead one is passed over": [quote("a", "EXPIRED", hours=9), quote("b", "DRAFT")],
    "a signed one is not for us to choose": [quote("a", "ACCEPTED", hours=9), quote("b", "DRAFT")],
    "one of another opportunity is passed over": [
        quote("a", "SENT", opportunity_mn_id="opp_9"),
        quote("b", "DRAFT"),
    ],
    "one that the caller may not read is passed over": [
        quote("a", "SENT", is_readable=False),
        quote("b", "DRAFT"),
    ],
}


@pytest.mark.parametrize("quotes", FIRST.values(), ids=FIRST.keys())
def test_b_comes_first(quotes: list[Dated]) -> None:
    assert named(propose(*quotes)) == "b"
    assert named(propose(*reversed(quotes))) == "b"


SENT, DRAFT = quote("sent", "SENT"), quote("draft", "DRAFT")


@pytest.mark.parametrize("status", sorted(FINALIZED_QUOTE))
def test_nothing_is_proposed_past_a_signed_primary_quote(status: QuoteStatus) -> None:
    assert propose(quote("signed", status), SENT, present="signed") is None


@pytest.mark.parametrize("deal", [OpportunityStatus.WON, OpportunityStatus.LOST])
def test_nothing_is_proposed_for_a_finalized_deal(deal: OpportunityStatus) -> None:
    assert propose(SENT, DRAFT, deal=deal) is None


def test_nothing_is_proposed_where_flow_c_would_refuse_anything() -> None:
    assert propose(SENT, connection=DOWN) is None


def test_nothing_is_proposed_while_the_best_is_primary() -> None:
    assert propose(SENT, DRAFT, present="sent") is None
    assert named(propose(SENT, DRAFT, present="draft")) == "sent"


@pytest.mark.parametrize("status", sorted(DEAD_QUOTE))
def test_a_dead_primary_quote_is_proposed_to_be_replaced(status: QuoteStatus) -> None:
    assert named(propose(quote("dead", status), DRAFT, present="dead")) == "draft"


def test_a_present_quote_that_may_not_be_read_cannot_be_compared() -> None:
    hidden = quote("hidden", "DRAFT", is_readable=False)

    assert propose(hidden, SENT, present="hidden") is None


def test_without_quotes_there_is_nothing_to_propose() -> None:
    assert propose() is None


@pytest.mark.parametrize(
    ("others", "because"),
    [
        ([], "It is the only quote that can be primary."),
        ([DRAFT], "Of the quotes that can be primary it alone has got as far as SENT."),
        (
            [quote("older", "SENT", hours=-1)],
            "Of the 2 quotes with status SENT it was updated last.",
        ),
    ],
)
def test_it_says_why_this_one(others: list[Dated], because: str) -> None:
    assert propose(SENT, *others) == Proposal("sent", because)


@pytest.mark.parametrize("status", QuoteStatus)
def test_every_status_is_ordered_or_cannot_be_chosen(status: QuoteStatus) -> None:
    cannot = FINALIZED_QUOTE | DEAD_QUOTE

    assert (status in rule.ORDER) is (status not in cannot)
    assert (propose(quote("a", status)) is not None) is (status in rule.ORDER)
