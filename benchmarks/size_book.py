"""Books of any size for `benchmarks.size`: opportunities, pairs, quotes, events, pushes, a log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection

from console import json_text, sync_log
from console.actor import Actor
from console.copying import copy_into
from console.models import (
    Account,
    Association,
    InboundEvent,
    Opportunity,
    OutboundPush,
    Quote,
    SalesforceConnection,
    SyncLog,
)
from console.sync_log import Row
from syncrules import link_via_primary_quote, push_outbound
from syncrules.json_form import to_json
from syncrules.salesforce_id import to_18
from tests.facts import link_facts, push_facts

MONTHS: Final = 15
NOW: Final = datetime.now(UTC)
ACCOUNTS_OF: Final = 5
"""Opportunities of an account."""
_WORDS: Final = ("Northwind", "Contoso", "Fabrikam", "Tailspin", "Litware", "Adatum", "Proseware")


def record(number: int) -> str:
    """The Salesforce id of the opportunity with this number."""
    return to_18(f"006{number:012d}")


def name(number: int) -> str:
    return f"{_WORDS[number % len(_WORDS)]} expansion {number}"


def build(*, opportunities: int, entries: int) -> None:
    """Fills an empty database. Log and events spread over the months, the latest last."""
    User.objects.create_superuser("ann", password="not used")
    SalesforceConnection.objects.create(
        name="org",
        base_url="https://acme.my.salesforce.com",
        client_id="x",
        state="live",
        calls_used=1_000,
        calls_allowed=100_000,
    )
    copy_into(Account, map(_account, range(opportunities // ACCOUNTS_OF + 1)))
    accounts = list(Account.objects.order_by("id").values_list("id", flat=True))
    copy_into(
        Opportunity,
        (_opportunity(number, accounts[number // ACCOUNTS_OF]) for number in range(opportunities)),
    )
    found = list(Opportunity.objects.order_by("id").values_list("id", "account_id"))
    copy_into(Quote, (_quote(number, *each) for number, each in enumerate(found)))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE console_opportunity AS o SET primary_quote_id = q.id, primary_set_at = now() "
            "FROM console_quote AS q WHERE q.opportunity_id = o.id"
        )
    pairs = (_pair(number, each[0]) for number, each in enumerate(found))
    copy_into(Association, pairs, given=["linked_at"])
    copy_into(InboundEvent, (_event(number, entries // 4) for number in range(entries // 4)))
    copy_into(OutboundPush, (_push(n, found, entries // 4) for n in range(entries // 4)))
    copy_into(SyncLog, _log(found, entries), given=["created_at"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def ask(count: int, *, of: int) -> None:
    """Pushes that are due, of the first `of` opportunities and no others."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM console_outboundpush WHERE finished_at IS NULL")
        cursor.execute(
            "INSERT INTO console_outboundpush (opportunity_id, lane, state, trigger, actor_name,"
            " requests, requested_at, not_before, attempts, fence, reason, detail) "
            "SELECT id, 'link', 'queued', 'benchmark', 'benchmark', 1, statement_timestamp(),"
            " statement_timestamp(), 0, 0, '', '' FROM console_opportunity ORDER BY id LIMIT %s",
            [min(count, of)],
        )
        cursor.execute("VACUUM ANALYZE console_outboundpush")


def entry(number: int, opportunity_id: int, moment: datetime) -> Row:
    """A log entry as a worker keeps it, with its facts and its ladder."""
    return _kinds()[_kind(number)] | {
        "created_at": moment,
        "opportunity_id": opportunity_id,
        "opportunity_mn_id": f"opp_{number}",
        "opportunity_name": name(number),
        "account_name": f"{_WORDS[number % len(_WORDS)]} Trading {number // ACCOUNTS_OF}",
        "quote_mn_id": f"quote_{number}",
        "salesforce_id": record(number),
    }


def _log(found: list[tuple[int, int]], count: int) -> Iterator[Row]:
    chance = random.Random(1)
    for place in range(count):
        number = chance.randrange(len(found))
        row = entry(number, found[number][0], _moment(place, count))
        yield row | {name: json_text.of_values(row[name]) for name in ("facts", "decision")}


def _moment(place: int, count: int) -> datetime:
    return NOW - timedelta(days=30 * MONTHS) * (1 - place / count)


_MADE: Final[dict[str, Row]] = {}


def _kinds() -> dict[str, Row]:
    """One entry of each kind, decided by the rules; the rest is copied from it."""
    if not _MADE:
        pushed, unpaired = push_facts(), push_facts(pairing=None)
        linked, unquoted = link_facts(), link_facts(quote=None)
        actor = Actor.console("poll")
        for kind, decision, facts in (
            ("pushed", push_outbound.decide(pushed), pushed),
            ("linked", link_via_primary_quote.decide(linked), linked),
            ("skipped", push_outbound.decide(unpaired), unpaired),
            ("failed", link_via_primary_quote.decide(unquoted), unquoted),
        ):
            kept = {"facts": to_json(facts), "decision": to_json(decision, ordered=True)}
            _MADE[kind] = sync_log.columns(decision, trigger="poll", actor=actor) | kept
    return _MADE


def _kind(number: int) -> str:
    """Two in a hundred failed, two were skipped."""
    if random.random() < 0.96:
        return "pushed" if number % 3 else "linked"
    return "failed" if number % 2 else "skipped"


def _account(number: int) -> dict[str, Any]:
    return {
        "mn_id": f"acct_{number}",
        "name": f"{_WORDS[number % len(_WORDS)]} Trading {number}",
        "salesforce_id": to_18(f"001{number:012d}"),
        "mn_updated_at": NOW,
        "updated_at": NOW,
    }


def _opportunity(number: int, account_id: int) -> dict[str, Any]:
    return {
        "mn_id": f"opp_{number}",
        "name": name(number),
        "account_id": account_id,
        "status_since": NOW,
        "close_date": date(2027, 6, 30),
        "mn_updated_at": NOW,
        "updated_at": NOW,
    }


def _quote(number: int, opportunity_id: int, account_id: int) -> dict[str, Any]:
    return {
        "mn_id": f"quote_{number}",
        "opportunity_id": opportunity_id,
        "account_id": account_id,
        "status_since": NOW,
        "mn_updated_at": NOW,
        "updated_at": NOW,
    }


def _pair(number: int, opportunity_id: int) -> dict[str, Any]:
    return {
        "opportunity_id": opportunity_id,
        "salesforce_id": record(number),
        "linked_at": NOW - timedelta(days=30 * MONTHS),
        "linked_by": "link_via_primary_quote",
        "actor_name": "console (poll)",
    }


def _event(number: int, count: int) -> dict[str, Any]:
    return {
        "received_at": _moment(number, count),
        "source": "poll",
        "sender": "poll",
        "state": "processed",
        "event_id": f"{record(number)}@{number}",
        "salesforce_id": record(number),
        "modified_at": _moment(number, count),
        "processed_at": _moment(number, count),
    }


def _push(number: int, found: list[tuple[int, int]], count: int) -> dict[str, Any]:
    moment = _moment(number, count)
    return {
        "opportunity_id": found[number % len(found)][0],
        "state": "sent",
        "trigger": "linked",
        "actor_name": "console (poll)",
        "requested_at": moment,
        "not_before": moment,
        "finished_at": moment + timedelta(seconds=2),
        "fence": 1,
        "reason": "pushed",
    }
