"""Overrides that do nothing, or something that nobody can have meant."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from syncrules.json_form import from_json, to_json
from syncrules.line_facts import AmendmentStatus, LineFacts, LineRole, Override, QuoteType
from syncrules.override_lint import CATALOGUE, LintedLine, OverrideFinding, lint, refusal
from syncrules.reasons import Reason
from syncrules.sync_products import ProductSyncSettings
from tests.rules.lines import line, quote, terms

SETTINGS = ProductSyncSettings()
OTHER = line(mn_id="qtitm_other", position=9)
ZERO = Decimal(0)

CASES: list[tuple[str, LineFacts, dict[str, Any], list[OverrideFinding]]] = [
    ("no override", line(), {}, []),
    ("Never, and others go", line(override=Override.NEVER), {}, []),
    ("Always, and needed", line(override=Override.ALWAYS, product=None), {}, []),
    (
        "Always without pricebook entry",
        line(override=Override.ALWAYS, pricebook_entry=None),
        {},
        [OverrideFinding.ALWAYS_WITHOUT_PRICEBOOK_ENTRY],
    ),
    (
        "Always on a reference row",
        line(override=Override.ALWAYS, role=LineRole.REFERENCE),
        {"type": QuoteType.AMENDMENT},
        [OverrideFinding.ALWAYS_ON_REFERENCE_ROW],
    ),
    (
        "Always on what goes anyway",
        line(override=Override.ALWAYS),
        {},
        [OverrideFinding.REPEATS_THE_DEFAULT],
    ),
    (
        "Never on what stays away anyway",
        line(override=Override.NEVER, quantity=ZERO),
        {},
        [OverrideFinding.REPEATS_THE_DEFAULT],
    ),
    (
        "Never on a quote that is not primary",
        line(override=Override.NEVER),
        {"is_primary": False},
        [OverrideFinding.QUOTE_IS_NOT_PRIMARY],
    ),
    ("no override on a quote that is not primary", line(), {"is_primary": False}, []),
    (
        "Salesforce has another",
        line(override=Override.NEVER, salesforce_override=Override.ALWAYS),
        {},
        [OverrideFinding.SALESFORCE_SAYS_OTHERWISE],
    ),
    (
        "only Salesforce has one",
        line(salesforce_override=Override.NEVER),
        {},
        [OverrideFinding.SALESFORCE_SAYS_OTHERWISE],
    ),
    ("both agree", line(salesforce_override=Override.BLANK), {}, []),
    (
        "removed with its ARR",
        line(amendment_status=AmendmentStatus.REMOVED, quantity=ZERO, previous_arr=Decimal(12000)),
        {"type": QuoteType.AMENDMENT},
        [OverrideFinding.REMOVED_ARR_STAYS_AWAY],
    ),
    (
        "removed without any",
        line(amendment_status=AmendmentStatus.REMOVED, quantity=ZERO),
        {"type": QuoteType.AMENDMENT},
        [],
    ),
    (
        "removed, and sent by the override",
        line(
            amendment_status=AmendmentStatus.REMOVED,
            quantity=ZERO,
            previous_arr=Decimal(12000),
            override=Override.ALWAYS,
        ),
        {"type": QuoteType.AMENDMENT},
        [],
    ),
]


@pytest.mark.parametrize(
    ("subject", "of_quote", "findings"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
@pytest.mark.parametrize(
    "settings", [SETTINGS, ProductSyncSettings(is_disabled=True)], ids=["enabled", "disabled"]
)
def test_each_oddity_is_found_where_it_is_and_nowhere_else(
    subject: LineFacts,
    of_quote: dict[str, Any],
    findings: list[OverrideFinding],
    settings: ProductSyncSettings,
) -> None:
    found = lint(quote(subject, OTHER, **of_quote), settings)
    assert found == tuple(LintedLine(subject.mn_id, finding) for finding in findings)
    assert [from_json(LintedLine, to_json(each)) for each in found] == list(found)


def test_never_on_the_only_line_leaves_nothing() -> None:
    only = quote(line(override=Override.NEVER))
    assert lint(only, SETTINGS) == (LintedLine("qtitm_1", OverrideFinding.NEVER_LEAVES_NOTHING),)


def test_never_on_a_line_that_stays_away_anyway_is_not_what_leaves_nothing() -> None:
    stays = quote(line(override=Override.NEVER, quantity=ZERO))
    assert lint(stays, SETTINGS) == (LintedLine("qtitm_1", OverrideFinding.REPEATS_THE_DEFAULT),)


def test_a_line_of_quantity_0_is_not_taken_for_a_removed_one() -> None:
    never_there = quote(line(quantity=ZERO, amount=Decimal(500)))
    by_amount = ProductSyncSettings(amount_field="monetize__Amount__c")
    assert lint(never_there, by_amount) == ()


def test_never_on_every_line_that_would_go_is_found_on_each_of_them() -> None:
    lines = [
        line(mn_id="qtitm_1", override=Override.NEVER),
        line(mn_id="qtitm_2", position=1, override=Override.NEVER),
        line(mn_id="qtitm_3", position=2, product=None),
    ]
    assert [each.line_mn_id for each in lint(quote(*lines), SETTINGS)] == ["qtitm_1", "qtitm_2"]


def test_overrides_on_a_finalized_quote_are_refused() -> None:
    assert refusal(line()) is None
    assert refusal(line(quote=terms(is_finalized=True))) is Reason.ENTITY_FINALIZED


def test_every_finding_has_its_words_its_case_and_its_row_in_the_docs() -> None:
    assert set(CATALOGUE) == set(OverrideFinding)
    page = (Path(__file__).parents[2] / "docs/products.md").read_text(encoding="utf-8")
    assert {f"| `{code}` | {text.title} |" for code, text in CATALOGUE.items()} <= set(
        page.splitlines()
    )
    in_table = {finding for case in CASES for finding in case[3]}
    assert in_table | {OverrideFinding.NEVER_LEAVES_NOTHING} == set(OverrideFinding)
