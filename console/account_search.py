"""Which Salesforce accounts lack an MN account, and which MN accounts might be theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count, Min, Q, QuerySet

from console.facts import account_fact
from console.models import Account, Opportunity, Waiting
from console.reading import read_accounts, read_opportunities_of, read_unlinked
from console.salesforce.gateway import SalesforceError
from syncrules.account_facts import RemoteAccount
from syncrules.account_match import Candidate, Suggestion, host_of, rank
from syncrules.facts import RemoteOpportunity
from syncrules.prerequisites import Prerequisite

MOST: Final = 200
LOOKED_THROUGH: Final = 2000
_PER_CLUE: Final = 30
_ALIKE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A Salesforce account without an MN account, and why it is listed.

    `waiting`: quote initiations that wait for it, the first `since`. `unlinked`: how many of its
    opportunities a look into Salesforce found. `remote` None: it could not be read, or is gone.
    """

    salesforce_id: str
    remote: RemoteAccount | None = None
    waiting: int = 0
    since: datetime | None = None
    unlinked: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The accounts that were found. `trouble`: why Salesforce's part is missing."""

    rows: list[Unmatched]
    trouble: str = ""
    is_cut: bool = False


def unmatched(*, look: bool) -> Listing:
    """The accounts that attempts wait for, oldest first; with `look` also those that the latest
    opportunities in Salesforce are under. Two calls at most."""
    waits = _waits()
    trouble = ""
    unlinked: Counter[str] = Counter()
    try:
        unlinked = _named_in_salesforce() if look else unlinked
        ids = _without_matched([*waits, *(each for each, _ in unlinked.most_common())])
        accounts = read_accounts(ids[:MOST]).accounts
    except SalesforceError as error:
        trouble = str(error)
        ids, accounts = _without_matched(waits), {}
    rows = [
        Unmatched(
            salesforce_id=each,
            remote=accounts.get(each),
            waiting=waits[each]["attempts"] if each in waits else 0,
            since=waits[each]["first"] if each in waits else None,
            unlinked=unlinked[each],
        )
        for each in ids[:MOST]
    ]
    return Listing(rows, trouble, is_cut=len(ids) > MOST)


def _waits() -> dict[str, dict[str, Any]]:
    """Salesforce account id -> how many attempts wait for it, and since when."""
    waiting = Waiting.objects.filter(state=Waiting.State.WAITING, prerequisite=Prerequisite.ACCOUNT)
    grouped = waiting.order_by().values("key")
    counted = grouped.annotate(attempts=Count("pk"), first=Min("since")).order_by("first")
    return {each["key"]: dict(each) for each in counted[: MOST + 1]}


def _named_in_salesforce() -> Counter[str]:
    found = read_unlinked(limit=LOOKED_THROUGH)
    return Counter(each.account_salesforce_id for each in found if each.account_salesforce_id)


def _without_matched(ids: Iterable[str]) -> list[str]:
    distinct = list(dict.fromkeys(ids))
    matched = Account.objects.filter(salesforce_id__in=distinct)
    taken = set(matched.values_list("salesforce_id", flat=True))
    return [each for each in distinct if each not in taken]


def suggestions(remote: RemoteAccount) -> list[Suggestion]:
    """MN accounts that are free and likely to be the record's, ranked with their evidence.

    Errors: SalesforceError when the record's opportunities cannot be read.
    """
    theirs = read_opportunities_of(remote.salesforce_id, limit=LOOKED_THROUGH)
    shared = _shared(theirs)
    free = Account.objects.filter(salesforce_id__isnull=True)
    found = {row.pk: row for rows in _by_clue(free, remote, shared) for row in rows}
    return rank(
        remote,
        [Candidate(account_fact(row), shared.get(row.pk, 0)) for row in found.values()],
    )


def _shared(theirs: Iterable[RemoteOpportunity]) -> dict[int, int]:
    """Our account id -> how many of its opportunities are paired with one of theirs."""
    theirs = list(theirs)
    paired = Q(
        associations__salesforce_id__in={each.salesforce_id for each in theirs},
        associations__ended_at__isnull=True,
    )
    named = Q(mn_id__in={each.mn_id for each in theirs if each.mn_id})
    ours = Opportunity.objects.filter(paired | named).order_by()
    counted = ours.values("account_id").annotate(deals=Count("pk", distinct=True))
    return {each["account_id"]: each["deals"] for each in counted}


def _by_clue(
    free: QuerySet[Account], remote: RemoteAccount, shared: dict[int, int]
) -> list[QuerySet[Account]]:
    """A bounded number of candidates for each kind of clue."""
    alike = free.annotate(alike=TrigramSimilarity("name", remote.name))
    found = [
        alike.filter(alike__gte=_ALIKE).order_by("-alike", "pk")[:_PER_CLUE],
        free.filter(pk__in=shared)[:_PER_CLUE],
    ]
    if remote.mn_id:
        found.append(free.filter(mn_id=remote.mn_id))
    host = host_of(remote.website or "")
    if host:
        found.append(free.filter(website__icontains=host)[:_PER_CLUE])
    return found
