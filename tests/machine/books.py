"""What must hold of the books when pairs may change: I1 to I8 with partners that come and go.

The invariants that know nothing of pairs are those of tests/faults/invariants.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from console.models import Association, Relink
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.faults import invariants
from tests.faults.deals import Deal
from tests.faults.history import History, Write, collect
from tests.machine.company import Company

Violations = Iterator[str]
_CLOCK: Final = timedelta(milliseconds=2)
_WHATEVER_THE_PAIRS: Final = (
    invariants.leases_exclude_one_another,
    invariants.no_line_is_twice,
    invariants.what_is_skipped_sends_nothing,
    invariants.every_claim_comes_to_one_end,
    invariants.attempts_are_burnt_for_a_reason,
    invariants.every_attempt_is_told_once,
    invariants.batches_have_salesforces_size,
)


@dataclass(frozen=True)
class Books:
    """The history with all pairs that ever were. `place`: quote record -> its deal, and which of
    the deal's versions it is."""

    company: Company
    history: History
    pairs: frozenset[tuple[int, str]]
    given_up: frozenset[str]
    place: dict[str, tuple[Deal, int]]

    @property
    def told(self) -> list[Write]:
        return [each for each in self.history.writes if each.is_of_deal]

    def since(self, deal: Deal, place: int) -> datetime | None:
        """When the version was about to be committed, if it ever was."""
        return deal.commits[place].since if place < len(deal.commits) else None

    def about(self, deal: Deal) -> str:
        records = {record for pk, record in self.pairs if pk == deal.opportunity_id}
        lines = [str(each) for each in self.history.writes if each.record in records]
        return "\n    ".join([self.history.about(deal), f"its records {records}", *lines])


def read(company: Company) -> Books:
    """The books as they are; call it when nothing moves any more."""
    history = collect(company.org, company.deals, syncs_products=company.syncs_products)
    rows = Association.objects.values_list("opportunity_id", "salesforce_id", "ended_at")
    return Books(
        company,
        history,
        frozenset((pk, record) for pk, record, _ in rows),
        frozenset(record for _, record, ended_at in rows if ended_at is not None),
        {
            version.record: (deal, place)
            for deal in company.deals
            for place, version in enumerate(deal.versions)
        },
    )


def violations(books: Books) -> list[str]:
    """What does not hold, and why."""
    found = [each for check in _WHATEVER_THE_PAIRS for each in check(books.history)]
    for check in (nothing_is_lost, nothing_is_made_up, versions_only_grow, duplicates_have_a_cause):
        found += check(books)
    return found


def nothing_is_lost(books: Books) -> Violations:
    """I1, I4, I7: both sides are equal, but for what was set aside; nobody's records are empty."""
    company, history = books.company, books.history
    excused = {each.opportunity for each in history.waiting}
    for deal in company.deals:
        record = company.partner(deal)
        if record is None or deal.opportunity_id in excused:
            continue
        found = history.records[record]
        if (found.mn_id, found.quote) != (deal.mn_id, deal.present.record):
            yield f"I1 lost: {books.about(deal)}"
        elif company.syncs_products and found.items != deal.present.items:
            yield f"I7 {found.items} are not the quote's products: {books.about(deal)}"
    kept = kept_by_salesforce()
    for record in company.records:
        found = history.records[record]
        if company.owner_of(record) is None and (found.mn_id or found.items):
            owner = next((d for d in company.deals if d.mn_id == found.mn_id), company.deals[0])
            if record not in kept and owner.opportunity_id not in excused:
                yield f"I1 {record} is nobody's and holds {found}: {books.about(owner)}"


def kept_by_salesforce() -> set[str]:
    """Records that Salesforce refused to empty while their partners could not come back."""
    changes = Relink.objects.filter(old__isnull=False).select_related("old")
    return {
        change.old.salesforce_id
        for change in changes
        if change.old and any(each["status"] == "refused" for each in change.steps)
    }


def nothing_is_made_up(books: Books) -> Violations:
    """I2: what was written was committed, to a record that was the deal's; only what was given up
    was emptied."""
    by_mn_id = {deal.mn_id: deal for deal in books.company.deals}
    for write in books.told:
        if MN_ID_FIELD in write.after:
            mn_id = write.after[MN_ID_FIELD]
            if mn_id is None and write.record not in books.given_up:
                yield f"I2 emptied, and was not given up: {write}"
            if mn_id is not None and not _were_paired(books, by_mn_id.get(mn_id), write):
                yield f"I2 {write.record} was never paired with {mn_id}: {write}"
        quote = write.after.get(PRIMARY_QUOTE_FIELD)
        if quote is None:
            continue
        deal, place = books.place[quote]
        since = books.since(deal, place)
        if since is None or write.at < since - _CLOCK or not _were_paired(books, deal, write):
            yield f"I2 not committed before {write}: {books.about(deal)}"


def _were_paired(books: Books, deal: Deal | None, write: Write) -> bool:
    return deal is not None and (deal.opportunity_id, write.record) in books.pairs


def versions_only_grow(books: Books) -> Violations:
    """I3: in each record a deal's versions grow, unless the outcome of an attempt was unknown."""
    unknown = invariants.ended_unknown(books.history)
    told: dict[tuple[str, str], list[int]] = defaultdict(list)
    for write in books.told:
        if write.quote:
            deal, place = books.place[write.quote]
            told[write.record, deal.mn_id].append(place)
    for (record, mn_id), places in told.items():
        deal = next(each for each in books.company.deals if each.mn_id == mn_id)
        is_back = any(later < earlier for earlier, later in pairwise(places))
        if is_back and not unknown[deal.opportunity_id]:
            yield f"I3 versions {places} go backwards in {record}: {books.about(deal)}"


def duplicates_have_a_cause(books: Books) -> Violations:
    """I6: a version is written again where an outcome was unknown, or the partner came back."""
    unknown = invariants.ended_unknown(books.history)
    pairings = Counter(Association.objects.values_list("opportunity_id", flat=True))
    written = Counter((each.record, each.quote) for each in books.told if each.quote)
    for (record, quote), times in written.items():
        deal, place = books.place[quote or ""]
        allowed = max(pairings[deal.opportunity_id], 1) + unknown[deal.opportunity_id]
        if times > allowed:
            yield f"I6 version {place} was written {times} times to {record}: {books.about(deal)}"
