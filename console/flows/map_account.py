"""A person gives a Salesforce account its MN account: an existing one, or a new one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from console import sync_log
from console.actor import Actor
from console.collisions import tried_again
from console.facts import account_fact
from console.locks import lock_records
from console.models import Account, SyncLog
from console.reading import AccountReading, read_accounts
from syncrules import map_account as rule
from syncrules.account_facts import KnownAccount, MapAccountFacts
from syncrules.decisions import Decision, Effect


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two are to be matched. `mn_id` None: an MN account is created for the record."""

    salesforce_id: str
    mn_id: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """What the two are called, as a person saw it before saying yes."""

    record: str
    account: str


class ChangedSinceShown(Exception):
    """The accounts are called otherwise than they were shown; nothing was matched."""


def preview(pair: Pair) -> tuple[MapAccountFacts, Decision]:
    """What `run` would decide now; changes nothing. Errors: SalesforceError."""
    return preview_many([pair])[0]


def preview_many(pairs: Sequence[Pair]) -> list[tuple[MapAccountFacts, Decision]]:
    """What `run` would decide of each, with as many queries as for one."""
    reading = read_accounts({pair.salesforce_id for pair in pairs})
    facts = _gather(pairs, reading=reading)
    return [(each, rule.decide(each)) for each in facts]


@tried_again
def run(
    pair: Pair,
    *,
    trigger: str,
    actor: Actor,
    reading: AccountReading | None = None,
    shown: Names | None = None,
) -> SyncLog:
    """The log entry of one attempt to match the two.

    `reading` is given by who has just read many accounts at once.

    Errors: SalesforceError when Salesforce cannot be read; ChangedSinceShown. Nothing is
    written then.
    """
    watch = sync_log.Stopwatch()
    reading = reading or read_accounts([pair.salesforce_id])
    with transaction.atomic():
        lock_records([pair.salesforce_id])
        list(Account.objects.select_for_update(no_key=True).filter(mn_id=pair.mn_id))
        (facts,) = _gather([pair], reading=reading)
        decision = rule.decide(facts)
        if decision.effects and shown is not None and shown != names(facts):
            raise ChangedSinceShown
        made = _carry_out(decision, facts)
        entry = sync_log.entry(
            decision,
            facts,
            trigger=trigger,
            actor=actor,
            name=facts.remote.name if facts.remote else None,
            salesforce_id=pair.salesforce_id,
            detail=f"MN account {made}" if made else "",
            duration_ms=watch.ms,
        )
        entry.account_name = names(facts).account
        entry.save()
    return entry


def names(facts: MapAccountFacts) -> Names:
    record = facts.remote.name if facts.remote else ""
    return Names(record, facts.account.name if facts.account else "")


def _gather(pairs: Sequence[Pair], *, reading: AccountReading) -> list[MapAccountFacts]:
    chosen = {row.mn_id: row for row in Account.objects.filter(mn_id__in={p.mn_id for p in pairs})}
    carrying = Account.objects.filter(salesforce_id__in={pair.salesforce_id for pair in pairs})
    owners = {row.salesforce_id: row for row in carrying}
    return [
        MapAccountFacts(
            connection=reading.connection,
            salesforce_id=pair.salesforce_id,
            chosen=pair.mn_id,
            remote=reading.accounts.get(pair.salesforce_id),
            account=_fact(chosen.get(pair.mn_id or "")),
            owner=_fact(owners.get(pair.salesforce_id)),
        )
        for pair in pairs
    ]


def _fact(row: Account | None) -> KnownAccount | None:
    return account_fact(row) if row else None


def _carry_out(decision: Decision, facts: MapAccountFacts) -> str | None:
    """The MN account that carries the record's id now, if that was decided."""
    if decision.has(Effect.LINK_ACCOUNT):
        Account.objects.filter(mn_id=facts.chosen).update(
            salesforce_id=facts.salesforce_id, updated_at=Now()
        )
        return facts.chosen
    if decision.has(Effect.CREATE_ACCOUNT):
        return _create(facts).mn_id
    return None


def _create(facts: MapAccountFacts) -> Account:
    remote = facts.remote
    assert remote is not None, "the ladder stops where the record does not exist"
    currency = {"currency": remote.currency} if remote.currency else {}
    return Account.objects.create(
        # MonetizeNow will know it by this id, which nobody can guess or meet.
        mn_id=f"acct_{secrets.token_hex(12)}",
        name=remote.name,
        salesforce_id=remote.salesforce_id,
        website=remote.website or "",
        mn_updated_at=Now(),
        **currency,
    )
