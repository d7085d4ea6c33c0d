"""An account: could a quote be started for a Salesforce opportunity of it?"""

from __future__ import annotations

from console import connections
from console.explain import foresight
from console.explain.foresight import Foresight
from console.explain.verdict import Verdict, stand_in
from console.models import Account
from syncrules import create_from_quote_initiation as rule
from syncrules.decisions import climb, conclude
from syncrules.facts import InitiationFacts, LocalAccount
from syncrules.reasons import Reason


def of_account(account: Account | None, *, salesforce_id: str | None) -> Verdict:
    """Whether a quote could be started for an opportunity of this account."""
    matched = (
        LocalAccount(account.mn_id, account.name, account.salesforce_id)
        if account and account.salesforce_id
        else None
    )
    facts = InitiationFacts(
        connection=connections.fact(connections.in_force()),
        salesforce_id="",
        remote=stand_in(account_salesforce_id=salesforce_id),
        account=matched,
    )
    ladder = climb(foresight.only(rule.CHECKS, "connection", "account_is_matched"), facts)
    decision = conclude(rule.FLOW, ladder, otherwise=Reason.OPPORTUNITY_CREATED, effects=())
    return Verdict(
        why="An account matters when a quote is started from Salesforce: an MN opportunity is "
        "created only under a matched account. The steps about the account are shown; those about "
        "the Salesforce opportunity depend on which one it is.",
        foresight=Foresight(decision),
        account=account,
        salesforce_id=salesforce_id,
    )
