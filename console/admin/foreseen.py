"""A decision that is not taken yet, prepared for the page that asks whether to take it."""

from __future__ import annotations

from dataclasses import dataclass

from console.admin import explanation, wording
from console.admin.parts import Tone
from console.admin.rights import Control
from console.salesforce.gateway import SalesforceError
from syncrules.decisions import Decision
from syncrules.reasons import Outcome, describe


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen now, in words; its ladder; and the button that makes it happen."""

    tone: Tone
    icon: str
    kicker: str
    headline: str
    lead: str
    remedy: str = ""
    owner: str = ""
    ladder: explanation.Ladder | None = None
    controls: tuple[Control, ...] = ()


def foreseen(
    decision: Decision, *, base: str, headline: str, lead: str, controls: tuple[Control, ...] = ()
) -> Foreseen:
    """`headline` and `lead` are said where the decision is to go ahead; else its reason speaks."""
    goes = decision.outcome is Outcome.DONE
    text = describe(decision.reason)
    words, tone, icon = wording.OUTCOMES[decision.outcome]
    return Foreseen(
        tone=tone,
        icon=icon,
        kicker="What would happen now" if goes else f"What would happen now: {words.lower()}",
        headline=headline if goes else text.title,
        lead=lead if goes else text.explanation,
        remedy="" if goes else text.remedy,
        owner="" if goes else wording.sentence_case(text.owner),
        ladder=explanation.ladder(decision, base_url=base),
        controls=controls,
    )


def unreadable(error: SalesforceError) -> Foreseen:
    """Salesforce could not be asked, so that nothing can be foreseen."""
    return Foreseen(
        tone="warn",
        icon="cloud_off",
        kicker="Nothing can be foreseen",
        headline="Salesforce could not be read",
        lead=f"Nothing was changed. Salesforce said: {error}",
        remedy="Try again in a moment.",
        owner="You",
    )
