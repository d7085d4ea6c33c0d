"""What an explanation consists of: one structure for the page, the command and the endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncrules.decisions import Decision, Evidence
from syncrules.reasons import Outcome, ReasonText


class Kind(StrEnum):
    """What an id names."""

    SALESFORCE_OPPORTUNITY = "salesforce_opportunity"
    SALESFORCE_ACCOUNT = "salesforce_account"
    OPPORTUNITY = "opportunity"
    QUOTE = "quote"
    ACCOUNT = "account"

    @property
    def label(self) -> str:
        side, _, thing = self.value.rpartition("_")
        return f"{'Salesforce' if side else 'MN'} {thing}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that was asked about. `notes`: how its id was read, if not as it was typed."""

    kind: Kind
    id: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """What one system has. `source` says how fresh that is, `page` where to read on."""

    system: str
    title: str
    source: str
    facts: Evidence
    page: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do about it. `permission`: the right that is needed, if any;
    `why_not`: what stands against it whoever asks."""

    key: str
    label: str
    method: str
    path: str
    permission: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One earlier attempt."""

    entry: int
    at: datetime
    flow: str
    outcome: Outcome
    title: str
    actor: str
    page: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that is still to happen by itself, or lies aside until somebody acts."""

    what: str
    state: str
    sentence: str
    since: datetime
    page: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would happen now, why, and what can be done about it. Nothing was changed by asking.

    `decision` is the flow's own, `words` its reason in the words of the catalogue.
    """

    asked: str
    subject: Subject
    at: datetime
    why_this_flow: str
    decision: Decision
    words: ReasonText
    remarks: tuple[str, ...]
    sides: tuple[Side, ...]
    actions: tuple[Action, ...]
    waits: tuple[Wait, ...]
    lately: tuple[LogLine, ...]
    page: str


ACCEPTED = (
    "a Salesforce opportunity id: 15 or 18 characters that start with 006",
    "a Salesforce account id: 15 or 18 characters that start with 001",
    "the address of either record, as copied from the browser (Lightning or Classic)",
    "the MN id of an opportunity, a quote or an account",
)


@dataclass(frozen=True, slots=True)
class NothingFound:
    """The id names nothing. `because`: what is wrong with it; `looked_in`: where it was sought."""

    asked: str
    because: str
    looked_in: tuple[str, ...]
    accepted: tuple[str, ...] = ACCEPTED
