"""Facts that Hypothesis makes up: any that the edges could hand to a rule."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    ClearingFact,
    Connection,
    LinkFacts,
    LocalOpportunity,
    LocalQuote,
    OpportunityStatus,
    Pairing,
    PushFacts,
    QuoteStatus,
    RemoteOpportunity,
    TroubleFact,
    WriteFact,
)
from syncrules.reasons import Reason
from syncrules.retry import Trouble, after_trouble

# Few of each, so that two sides meet as often as they miss one another.
MN_IDS = st.sampled_from(["opp_1", "opp_2"])
QUOTE_IDS = st.sampled_from(["quote_1", "quote_2"])
RECORDS = st.sampled_from(["006D000000CwFy6IAF", "0065g00000Dl6NMAAZ"])
QUOTE_RECORDS = st.sampled_from(["a00D0000008o6y8IAA", "a00D0000008o6y9IAA"])
WORDS = st.text(max_size=20)
TIMES = st.datetimes(timezones=st.just(UTC))

CONNECTIONS = st.builds(
    Connection,
    is_live=st.booleans(),
    state=st.sampled_from(["live", "broken", "none"]),
    detail=st.none() | WORDS,
)
REMOTES = st.builds(
    RemoteOpportunity,
    salesforce_id=RECORDS,
    name=WORDS,
    account_salesforce_id=st.none() | WORDS,
    mn_id=st.none() | MN_IDS,
    primary_quote_salesforce_id=st.none() | QUOTE_RECORDS,
    primary_quote_mn_id=st.none() | QUOTE_IDS,
    stage_name=st.none() | WORDS,
    currency=st.none() | st.just("USD"),
    is_closed=st.booleans(),
    modified_at=st.none() | TIMES,
)
OPPORTUNITIES = st.builds(
    LocalOpportunity,
    mn_id=MN_IDS,
    name=WORDS,
    status=st.sampled_from(OpportunityStatus),
    account_mn_id=WORDS,
    primary_quote_mn_id=st.none() | QUOTE_IDS,
    creation_reference=st.none() | RECORDS,
)
QUOTES = st.builds(
    LocalQuote,
    mn_id=QUOTE_IDS,
    status=st.sampled_from(QuoteStatus),
    opportunity_mn_id=st.none() | MN_IDS,
    account_mn_id=WORDS,
    is_readable=st.booleans(),
)
PAIRINGS = st.builds(
    Pairing,
    opportunity_mn_id=MN_IDS,
    salesforce_id=RECORDS,
    linked_at=TIMES,
    linked_by=WORDS,
    actor=WORDS,
)


def _reason_of_trouble(trouble: Trouble, attempts: int) -> Reason:
    return after_trouble(trouble, attempts=attempts, jitter=0).reason


TROUBLES = st.builds(
    TroubleFact,
    reason=st.builds(_reason_of_trouble, st.sampled_from(Trouble), st.integers(0, 9)),
    code=WORDS,
    words=WORDS,
)
FIELDS = st.sampled_from([MN_ID_FIELD, PRIMARY_QUOTE_FIELD])
WRITES = st.builds(
    WriteFact,
    sent=st.dictionaries(FIELDS, st.none() | WORDS, min_size=1),
    refusal=st.none() | TROUBLES,
    found=st.dictionaries(FIELDS, st.none() | WORDS),
)

CLEARINGS = st.builds(
    ClearingFact,
    salesforce_id=RECORDS,
    remote=st.none() | REMOTES,
    refusal=st.none() | TROUBLES,
)

LINK_FACTS = st.builds(
    LinkFacts,
    connection=CONNECTIONS,
    salesforce_id=RECORDS,
    caller=WORDS,
    remote=st.none() | REMOTES,
    quote=st.none() | QUOTES,
    opportunity=st.none() | OPPORTUNITIES,
    pairing_of_opportunity=st.none() | PAIRINGS,
    pairing_of_record=st.none() | PAIRINGS,
)
PUSH_FACTS = st.builds(
    PushFacts,
    connection=CONNECTIONS,
    opportunity=OPPORTUNITIES,
    pairing=st.none() | PAIRINGS,
    trouble=st.none() | TROUBLES,
    clearing=st.none() | CLEARINGS,
    remote=st.none() | REMOTES,
    pairing_of_record=st.none() | PAIRINGS,
    quote_records=st.dictionaries(QUOTE_IDS, QUOTE_RECORDS),
    primary=st.none() | QUOTES,
    write=st.none() | WRITES,
)
