"""What today's rules say of facts that were kept: the same, or from which step on otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from console.models import SyncLog
from syncrules import (
    create_from_quote_initiation,
    link_by_hand,
    link_via_primary_quote,
    map_account,
    push_outbound,
    push_products,
    relink,
    update_primary_quote,
)
from syncrules.account_facts import MapAccountFacts
from syncrules.decisions import Decision, Step
from syncrules.facts import (
    InitiationFacts,
    LinkFacts,
    ManualLinkFacts,
    PrimaryQuoteFacts,
    PushFacts,
    RelinkFacts,
)
from syncrules.json_form import from_json
from syncrules.product_push_facts import ProductPushFacts


@dataclass(frozen=True, slots=True)
class Rule:
    """How a flow decides: the class of its facts, and the function that judges them."""

    facts: type
    decide: Callable[[Any], Decision]


RULES: Final[Mapping[str, Rule]] = {
    link_via_primary_quote.FLOW: Rule(LinkFacts, link_via_primary_quote.decide),
    link_by_hand.FLOW: Rule(ManualLinkFacts, link_by_hand.decide),
    create_from_quote_initiation.FLOW: Rule(InitiationFacts, create_from_quote_initiation.decide),
    update_primary_quote.FLOW: Rule(PrimaryQuoteFacts, update_primary_quote.decide),
    push_outbound.FLOW: Rule(PushFacts, push_outbound.decide),
    push_products.FLOW: Rule(ProductPushFacts, push_products.decide),
    relink.FLOW: Rule(RelinkFacts, relink.decide),
    map_account.FLOW: Rule(MapAccountFacts, map_account.decide),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first step that differs; None on the side that has no such step.

    Both steps None: every step is the same, and only the conclusion differs.
    """

    number: int
    then: Step | None
    now: Step | None


@dataclass(frozen=True, slots=True)
class Replay:
    """Both decisions and where they part. `problem`: why there is nothing to compare."""

    then: Decision | None = None
    now: Decision | None = None
    difference: Difference | None = None
    problem: str = ""

    @property
    def is_same(self) -> bool:
        return not self.problem and self.difference is None


def replay(entry: SyncLog) -> Replay:
    """Today's decision about the facts of the entry. Pure: asks neither side anything."""
    rule = RULES.get(entry.flow)
    if rule is None:
        return Replay(problem=f"This version has no rules for “{entry.flow}”.")
    try:
        then = from_json(Decision, entry.decision)
        facts: Any = from_json(rule.facts, entry.facts)
    except ValueError as error:
        return Replay(problem=f"This version cannot read what was kept ({error}).")
    now = rule.decide(facts)
    return Replay(then, now, _first_difference(then, now))


def _first_difference(then: Decision, now: Decision) -> Difference | None:
    for number, (old, new) in enumerate(zip_longest(then.steps, now.steps), start=1):
        if old is None or new is None or _essence(old) != _essence(new):
            return Difference(number, old, new)
    if _conclusion(then) != _conclusion(now):
        return Difference(len(now.steps) + 1, None, None)
    return None


def _essence(step: Step) -> tuple[Any, ...]:
    """What a step says. A question that is merely worded anew is the same question."""
    return step.key, step.status, dict(step.evidence)


def _conclusion(decision: Decision) -> tuple[Any, ...]:
    return decision.outcome, decision.reason, decision.effects
