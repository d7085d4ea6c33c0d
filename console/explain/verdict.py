"""What the answer to a question is built from: a decision and the rows it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from console.explain.foresight import Foresight
from console.models import Account, Opportunity, Quote
from syncrules.decisions import Decision
from syncrules.facts import RemoteOpportunity

NOT_FOR_YOU: Final = "not shown: you may not read this quote"
# Where the rules' evidence tells the status of the present primary quote, which only its readers
# are to know. Its id is no secret: Salesforce shows it.
_TELLS_A_STATUS: Final = frozenset({"its status", "the present primary quote"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision and what it is about. The rows are those that the caller may know of."""

    why: str
    foresight: Foresight
    opportunity: Opportunity | None = None
    quote: Quote | None = None
    account: Account | None = None
    salesforce_id: str | None = None
    remarks: tuple[str, ...] = field(default=())

    @property
    def decision(self) -> Decision:
        return self.foresight.decision


def veiled(decision: Decision) -> Decision:
    """Without the status of a quote that the caller may not read."""
    steps = tuple(
        replace(
            step,
            evidence={
                name: NOT_FOR_YOU if name in _TELLS_A_STATUS and value is not None else value
                for name, value in step.evidence.items()
            },
        )
        for step in decision.steps
    )
    return replace(decision, steps=steps)


def stand_in(**known: str | None) -> RemoteOpportunity:
    """Any Salesforce opportunity of which only this much is known."""
    return replace(
        RemoteOpportunity(
            salesforce_id="",
            name="",
            account_salesforce_id=None,
            mn_id=None,
            primary_quote_salesforce_id=None,
            primary_quote_mn_id=None,
        ),
        **known,  # type: ignore[arg-type]
    )
