"""The catalogue of reasons: complete, in whole sentences, and with codes that never change."""

from __future__ import annotations

import re

import pytest

from syncrules.reasons import CATALOGUE, Outcome, Owner, Reason, describe
from syncrules.reasons.guards import GUARDS
from syncrules.reasons.progress import PROGRESS
from syncrules.reasons.scenarios import SCENARIOS

RELEASED = {
    "accepted_not_applied",
    "account_already_linked",
    "account_created",
    "account_linked",
    "account_not_linked",
    "account_unknown",
    "already_in_step",
    "already_linked",
    "already_primary",
    "api_limit_reached",
    "conflicting_association",
    "entity_finalized",
    "half_reassignment",
    "held_until_connected",
    "invalid_quote_combination",
    "link_never_established",
    "linked",
    "missing_required_field",
    "no_primary_quote",
    "no_salesforce_connection",
    "old_link_cleared",
    "opportunity_already_linked",
    "opportunity_created",
    "opportunity_reused",
    "outcome_unknown",
    "pricebook_mismatch",
    "primary_quote_missing",
    "primary_quote_set",
    "product_sync_disabled",
    "products_in_step",
    "products_partly_pushed",
    "products_pushed",
    "pushed",
    "quarantined",
    "quote_inaccessible",
    "quote_not_in_salesforce",
    "quote_without_opportunity",
    "rejected_by_salesforce",
    "relinked",
    "retries_exhausted",
    "salesforce_account_gone",
    "salesforce_record_gone",
    "unexpected_error",
    "unlinked",
    "will_be_retried",
}
"""Stored in sync logs: a code may be added here, never removed or renamed."""


def test_no_released_code_was_removed_or_renamed() -> None:
    assert {reason.value for reason in Reason} == RELEASED


def test_every_reason_has_its_words_once() -> None:
    worded = [*SCENARIOS, *GUARDS, *PROGRESS]
    assert sorted(worded) == sorted(Reason)
    assert set(CATALOGUE) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_code_is_the_name_in_lower_case(reason: Reason) -> None:
    assert reason.value == reason.name.lower()
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason.value)
    assert len(reason.value) <= 40  # the column in the sync log


@pytest.mark.parametrize("reason", Reason)
def test_the_words_are_whole_sentences(reason: Reason) -> None:
    text = describe(reason)

    for sentence in (text.explanation, text.evidence, text.remedy):
        assert sentence == sentence.strip()
        assert sentence.endswith(".")
        assert "  " not in sentence
        assert sentence[0].isupper() or sentence.startswith("monetize__")
    assert not text.title.endswith(".")
    assert len(text.title) <= 70


@pytest.mark.parametrize("reason", Reason)
def test_who_can_help_is_named_where_there_is_something_to_do(reason: Reason) -> None:
    """What went through needs nobody; what needs nobody else says so."""
    text = describe(reason)

    if text.remedy == "Nothing.":
        assert text.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO)
        assert text.owner is Owner.NOBODY
    if text.outcome is Outcome.SKIPPED:
        assert text.owner is not Owner.NOBODY  # a gap in the configuration, which somebody closes


def test_titles_are_not_shared() -> None:
    titles = [text.title for text in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)
