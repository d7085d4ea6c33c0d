"""The ladder around an opportunity's products as a table: may they be written, and how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from syncrules import product_rungs, product_write
from syncrules import push_products as rule
from syncrules.decisions import Effect
from syncrules.facts import MN_ID_FIELD, OpportunityStatus, QuoteStatus, TroubleFact
from syncrules.json_form import from_json, to_json
from syncrules.line_facts import Override, RemoteProducts
from syncrules.product_changes import Action
from syncrules.product_push_facts import ProductPushFacts, ProductWrite, RefusedChange
from syncrules.reasons import Reason
from syncrules.sync_products import ProductSyncSettings
from tests.facts import (
    DOWN,
    LIVE,
    local_opportunity,
    local_quote,
    pairing_facts,
    remote_opportunity,
)
from tests.rules.lines import BOOK, OTHER_BOOK, by_hand, line, quote, remote, remote_line
from tests.rules.tables import (
    Case,
    assert_is_a_ladder,
    assert_is_complete,
    evidence_by_step,
)

RECORD = "006Qy00000000001AA"
TWO_LINES = quote(line(mn_id="qtitm_1", position=1), line(mn_id="qtitm_2", position=2))
FIRST, SECOND = (
    remote_line(),
    remote_line(salesforce_id="00kQy00000000002AA", quote_item_mn_id="qtitm_2"),
)
EMPTY, AS_WISHED = remote(), remote([FIRST, SECOND])


def facts(**changes: Any) -> ProductPushFacts:
    """Facts that lead to two new products."""
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "opportunity": local_opportunity(),
        "settings": ProductSyncSettings(),
        "pairing": pairing_facts(salesforce_id=RECORD),
        "primary": local_quote(),
        "quote": TWO_LINES,
        "remote": remote_opportunity(salesforce_id=RECORD, mn_id="opp_1"),
        "products": EMPTY,
    }
    return ProductPushFacts(**(defaults | changes))


def trouble(reason: Reason, code: str = "CODE") -> TroubleFact:
    return TroubleFact(reason, code, "words")


def refused(
    *reasons: Reason, action: Action = Action.CREATE, code: str = "CODE"
) -> tuple[RefusedChange, ...]:
    """The first lines, refused for these reasons."""
    return tuple(
        RefusedChange(action, f"qtitm_{number}", None, trouble(reason, code))
        for number, reason in enumerate(reasons, start=1)
    )


def written(
    refusals: Iterable[RefusedChange] = (), *, found: RemoteProducts | None = AS_WISHED, **more: Any
) -> ProductPushFacts:
    """After an attempt to create the two products."""
    return facts(write=ProductWrite(tuple(refusals), found=found, **more))


UNREADABLE = {"Salesforce's code": "CODE", "Salesforce's words": "words"}
CASES: dict[str, Case[ProductPushFacts]] = {
    "there is something to write": Case(facts(), Reason.PRODUCTS_PUSHED),
    "everything is there": Case(facts(products=AS_WISHED), Reason.PRODUCTS_IN_STEP),
    "the connection is broken": Case(
        facts(connection=DOWN, products=None, remote=None),
        Reason.HELD_UNTIL_CONNECTED,
        "connection",
        {"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "Salesforce does not answer": Case(
        facts(trouble=trouble(Reason.WILL_BE_RETRIED), products=None, remote=None),
        Reason.WILL_BE_RETRIED,
        "salesforce_answers",
        UNREADABLE,
    ),
    "product sync is disabled": Case(
        facts(settings=ProductSyncSettings(is_disabled=True)),
        Reason.PRODUCT_SYNC_DISABLED,
        "sync_is_enabled",
        {"Disable Product Sync": "set"},
    ),
    "there is no primary quote": Case(
        facts(opportunity=local_opportunity(primary_quote_mn_id=None), quote=None, primary=None),
        Reason.NO_PRIMARY_QUOTE,
        "has_primary_quote",
        {"primary quote": None},
    ),
    "there is no pair": Case(
        facts(pairing=None, remote=None, products=None),
        Reason.LINK_NEVER_ESTABLISHED,
        "is_linked",
        {"stored association": None},
    ),
    "the record is gone": Case(
        facts(remote=None, products=None),
        Reason.SALESFORCE_RECORD_GONE,
        "record_exists",
        {"looked for": RECORD},
    ),
    "the record carries no MN id any more": Case(
        facts(remote=remote_opportunity(mn_id=None)),
        Reason.HALF_REASSIGNMENT,
        "carries_our_mn_id",
        {MN_ID_FIELD: None, "ours": "opp_1"},
    ),
    "the record carries another MN id": Case(
        facts(remote=remote_opportunity(mn_id="opp_9")),
        Reason.CONFLICTING_ASSOCIATION,
        "carries_our_mn_id",
        {MN_ID_FIELD: "opp_9", "ours": "opp_1"},
    ),
    "the deal was closed with another quote": Case(
        facts(
            opportunity=local_opportunity(status=OpportunityStatus.WON),
            remote=remote_opportunity(mn_id="opp_1", primary_quote_mn_id="quote_0"),
        ),
        Reason.ENTITY_FINALIZED,
        "replaces_no_locked_quote",
        {
            "the opportunity": "WON",
            "its primary quote's status": "APPROVED",
            "the quote whose lines go": "quote_1",
            "Salesforce's primary quote": "quote_0",
        },
    ),
    "the price book is refused": Case(
        written(found=None, pricebook_refusal=trouble(Reason.REJECTED_BY_SALESFORCE)),
        Reason.REJECTED_BY_SALESFORCE,
        "changes_are_accepted",
        {"price book": None, **UNREADABLE},
    ),
    "one line is refused": Case(
        written(refused(Reason.REJECTED_BY_SALESFORCE), found=remote([SECOND])),
        Reason.PRODUCTS_PARTLY_PUSHED,
        "changes_are_accepted",
        {"changes": "2", "create Annual licence": "CODE: words"},
    ),
    "a value is not kept": Case(
        written(found=remote([FIRST, replace(SECOND, total_price=FIRST.total_price + 1)])),
        Reason.ACCEPTED_NOT_APPLIED,
        "values_are_kept",
        {"create Annual licence": "TotalPrice sent 12000.00, found 12001.00"},
    ),
    "reading back fails": Case(
        written(found=None, unread=trouble(Reason.WILL_BE_RETRIED)),
        Reason.WILL_BE_RETRIED,
        "values_are_kept",
        UNREADABLE,
    ),
    "both products are there": Case(written(), Reason.PRODUCTS_PUSHED),
    "a line is in another price book": Case(
        facts(products=replace(EMPTY, pricebook_salesforce_id=OTHER_BOOK)),
        Reason.PRICEBOOK_MISMATCH,
        "is_in_the_price_book",
        {
            "the opportunity's price book": OTHER_BOOK,
            "Annual licence qtitm_1": "The pricebook entry is in another price book than the "
            "opportunity",
            "Annual licence qtitm_2": "The pricebook entry is in another price book than the "
            "opportunity",
        },
    ),
    "a line has no pricebook entry": Case(
        facts(
            quote=quote(line(override=Override.ALWAYS, pricebook_entry=None), line(mn_id="qtitm_2"))
        ),
        Reason.PRODUCTS_PARTLY_PUSHED,
        "every_line_can_go",
        {"Annual licence qtitm_1": "Override Always, but no pricebook entry"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_decision_and_the_rung_that_led_to_it(case: Case[ProductPushFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert_is_a_ladder(decision)
    if blocking:
        assert dict(blocking.evidence) == case.evidence


def test_every_rung_and_reason_occurs() -> None:
    # second_writer never stops anybody
    checks = [
        check
        for check in rule.BEFORE + product_rungs.WRITE + product_rungs.LINES
        if check.key != "second_writer"
    ]
    assert_is_complete(CASES, rule=rule, checks=checks)


def test_a_line_that_cannot_go_holds_up_no_other() -> None:
    decision = rule.decide(CASES["a line has no pricebook entry"].facts)

    assert decision.has(Effect.WRITE_PRODUCTS)


@pytest.mark.parametrize("name", ["the deal was closed with another quote", "the record is gone"])
def test_where_the_ladder_stops_nothing_is_written(name: str) -> None:
    assert not rule.decide(CASES[name].facts).has(Effect.WRITE_PRODUCTS)


@pytest.mark.parametrize(
    "status", [QuoteStatus.ACCEPTED, QuoteStatus.PROCESSED, QuoteStatus.ACCEPTED_ADMIN_EDITABLE]
)
def test_a_finalized_quote_still_brings_its_own_products(status: QuoteStatus) -> None:
    assert rule.decide(facts(primary=local_quote(status=status))).has(Effect.WRITE_PRODUCTS)


# --- What became of it ---------------------------------------------------------------------------


def test_a_refusal_that_reading_back_disproves_does_not_count() -> None:
    """As when a call was made twice and met its own products."""
    twice = refused(
        Reason.REJECTED_BY_SALESFORCE, Reason.REJECTED_BY_SALESFORCE, code="DUPLICATE_VALUE"
    )

    assert rule.decide(written(twice)).reason is Reason.PRODUCTS_PUSHED
    assert rule.decide(written(twice, found=EMPTY)).reason is Reason.REJECTED_BY_SALESFORCE


def test_a_product_that_somebody_else_deleted_needs_no_deletion() -> None:
    orphan = remote_line(salesforce_id="00kQy00000000009AA", quote_item_mn_id="qtitm_old")
    gone = RefusedChange(
        Action.DELETE, "qtitm_old", orphan.salesforce_id, trouble(Reason.WILL_BE_RETRIED)
    )
    after = facts(
        products=remote([FIRST, SECOND, orphan]), write=ProductWrite((gone,), found=AS_WISHED)
    )

    assert rule.decide(after).reason is Reason.PRODUCTS_PUSHED


@pytest.mark.parametrize(
    ("reasons", "is_whole", "expected"),
    [
        ([Reason.REJECTED_BY_SALESFORCE], False, Reason.PRODUCTS_PARTLY_PUSHED),
        ([Reason.REJECTED_BY_SALESFORCE], True, Reason.REJECTED_BY_SALESFORCE),
        (
            [Reason.REJECTED_BY_SALESFORCE, Reason.WILL_BE_RETRIED],
            False,
            Reason.WILL_BE_RETRIED,
        ),
        ([Reason.WILL_BE_RETRIED, Reason.API_LIMIT_REACHED], True, Reason.API_LIMIT_REACHED),
        (
            [Reason.API_LIMIT_REACHED, Reason.HELD_UNTIL_CONNECTED],
            True,
            Reason.HELD_UNTIL_CONNECTED,
        ),
        (
            [Reason.RETRIES_EXHAUSTED, Reason.REJECTED_BY_SALESFORCE],
            False,
            Reason.RETRIES_EXHAUSTED,
        ),
        ([Reason.UNEXPECTED_ERROR], True, Reason.UNEXPECTED_ERROR),
    ],
)
def test_of_several_refusals_what_passes_by_itself_is_waited_for(
    reasons: list[Reason], *, is_whole: bool, expected: Reason
) -> None:
    assert product_write.reason_of(refused(*reasons), is_whole=is_whole) is expected


def test_many_refused_lines_are_counted_and_not_all_named() -> None:
    many = quote(*(line(mn_id=f"qtitm_{n}", position=n) for n in range(1, 31)))
    refusals = refused(*[Reason.REJECTED_BY_SALESFORCE] * 30)
    decision = rule.decide(facts(quote=many, write=ProductWrite(refusals, found=EMPTY)))

    assert decision.blocking_step is not None
    evidence = decision.blocking_step.evidence
    assert len(evidence) == 22  # twenty lines, how many were sent, how many more were refused
    assert evidence["and others"] == "10"


# --- The second writer, the price book, and what is kept -----------------------------------------


def test_salesforces_own_quote_sync_is_told_before_and_after() -> None:
    synced = replace(AS_WISHED, synced_quote_salesforce_id="0Q0Qy00000000001AA")
    before = evidence_by_step(rule.decide(facts(products=replace(synced, lines=()))))
    after = evidence_by_step(rule.decide(written(found=synced)))

    assert before["second_writer"]["SyncedQuoteId"] == "0Q0Qy00000000001AA"
    assert after["second_writer"] == {
        "SyncedQuoteId": None,
        "SyncedQuoteId after the push": "0Q0Qy00000000001AA",
        "so": "Salesforce's own quote sync writes products of this opportunity too",
    }


def test_the_price_book_that_an_opportunity_is_given_is_told() -> None:
    given = facts(products=replace(EMPTY, pricebook_salesforce_id=None))

    assert evidence_by_step(rule.decide(given))["is_in_the_price_book"]["it is given"] == BOOK


def test_a_quote_that_is_not_primary_is_said_to_be_tried() -> None:
    other = facts(quote=quote(line(), mn_id="quote_2", is_primary=False))

    assert evidence_by_step(rule.decide(other))["has_primary_quote"] == {
        "primary quote": "quote_1",
        "if this were primary": "quote_2",
        "lines": "1",
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_facts_survive_being_kept(case: Case[ProductPushFacts]) -> None:
    kept = replace(case.facts, products=remote([FIRST, by_hand()]) if case.facts.products else None)

    again = from_json(ProductPushFacts, to_json(kept))

    assert again == kept
    assert rule.decide(again) == rule.decide(kept)
