"""What happened in a test: what was committed here, what Salesforce was told, what was logged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from console.models import Association, OutboundPush, SyncLog
from syncrules import push_outbound, sync_products
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.deal import ITEM_ID
from tests.faults.deals import Deal
from tests.faults.transitions import Step, steps
from tests.org import Org

_PAGE: Final = 10_000
PUSHES: Final = (push_outbound.FLOW, sync_products.FLOW)


@dataclass(frozen=True, slots=True)
class Write:
    """A write that Salesforce applied."""

    seq: int
    at: datetime
    request: str
    action: str
    object: str
    record: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def is_of_deal(self) -> bool:
        return self.object == "Opportunity" and self.action == "update"

    @property
    def quote(self) -> str | None:
        """The primary quote that was written; None when the write says nothing of it."""
        return self.after.get(PRIMARY_QUOTE_FIELD)

    def __str__(self) -> str:
        return f"journal {self.seq} {self.at:%H:%M:%S.%f} {self.action} {dict(self.after)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the sync log about a push."""

    pk: int
    push: int
    opportunity: int
    flow: str
    outcome: str
    reason: str
    detail: str
    has_sent: bool
    text: str

    def __str__(self) -> str:
        sent = "sent" if self.has_sent else "nothing sent"
        return f"entry {self.pk} of push {self.push}: {self.reason} {self.detail[:60]} ({sent})"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A push that has not come to its end, or was set aside."""

    push: int
    opportunity: int
    lane: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a Salesforce opportunity holds now. `items`: the quote items of its products."""

    mn_id: str | None
    quote: str | None
    items: frozenset[str] = frozenset()


@dataclass(frozen=True)
class History:
    """`partners`: the record that each opportunity is paired with now."""

    deals: Sequence[Deal]
    writes: Sequence[Write] = ()
    steps: Sequence[Step] = ()
    entries: Sequence[Entry] = ()
    waiting: Sequence[Waiting] = ()
    records: Mapping[str, Record] = field(default_factory=dict)
    partners: Mapping[int, str] = field(default_factory=dict)
    requests: Sequence[Mapping[str, Any]] = ()
    secrets: Sequence[str] = ()
    syncs_products: bool = False

    def writes_to(self, deal: Deal) -> Sequence[Write]:
        return self._by_record.get(deal.salesforce_id, ())

    @cached_property
    def _by_record(self) -> Mapping[str, Sequence[Write]]:
        found: dict[str, list[Write]] = {}
        for write in self.writes:
            if write.is_of_deal:
                found.setdefault(write.record, []).append(write)
        return found

    def about(self, deal: Deal) -> str:
        """All that is known of the deal, one line each, for whoever reads a failure."""
        pk, known = deal.opportunity_id, [f"{deal} in {deal.salesforce_id}"]
        known += [f"committed {each.version.record}" for each in deal.commits]
        known += [str(each) for each in self.writes if each.record == deal.salesforce_id]
        known += [str(each) for each in self.steps if each.opportunity == pk]
        known += [str(each) for each in self.entries if each.opportunity == pk]
        known.append(f"now {self.records.get(deal.salesforce_id)}")
        return "\n    ".join(known)


def collect(org: Org, deals: Sequence[Deal], *, syncs_products: bool) -> History:
    """Everything that is known by now; call it when nothing moves any more."""
    active = Association.objects.filter(ended_at__isnull=True)
    return History(
        deals=deals,
        writes=[_write(each) for each in journal(org)],
        steps=steps(),
        entries=list(_entries()),
        waiting=[
            Waiting(each.pk, each.opportunity_id, each.lane, each.state, each.reason)
            for each in OutboundPush.objects.filter(
                state__in=(*OutboundPush.WAITING, OutboundPush.State.SENDING)
            )
        ],
        records=_records(org),
        partners=dict(active.values_list("opportunity_id", "salesforce_id")),
        requests=org.requests(),
        secrets=[org.server.client_secret],
        syncs_products=syncs_products,
    )


def journal(org: Org) -> Iterable[dict[str, Any]]:
    """Every write that was applied, in order, however many there are."""
    after = 0
    while page := org.journal(after=after):
        yield from page
        after = page[-1]["seq"]
        if len(page) < _PAGE:
            return


def _write(entry: Mapping[str, Any]) -> Write:
    return Write(
        seq=entry["seq"],
        at=datetime.fromisoformat(entry["at"]),
        request=entry["request_id"],
        action=entry["action"],
        object=entry["object"],
        record=entry["record_id"],
        before=entry["before"] or {},
        after=entry["after"] or {},
    )


def _entries() -> Iterable[Entry]:
    for each in SyncLog.objects.filter(flow__in=PUSHES).order_by("pk"):
        assert each.push_id is not None
        assert each.opportunity_id is not None
        shown = (each.facts, each.decision, each.request, each.response, each.detail)
        yield Entry(
            each.pk,
            each.push_id,
            each.opportunity_id,
            each.flow,
            each.outcome,
            each.reason,
            each.detail,
            has_sent=bool(each.request),
            text=repr(shown),
        )


def _records(org: Org) -> dict[str, Record]:
    items: dict[str, set[str]] = {}
    lines = org.query(f"SELECT OpportunityId, {ITEM_ID} FROM OpportunityLineItem")
    for line in lines:
        items.setdefault(line["OpportunityId"], set()).add(line[ITEM_ID])
    found = org.query(f"SELECT Id, {MN_ID_FIELD}, {PRIMARY_QUOTE_FIELD} FROM Opportunity")
    return {
        each["Id"]: Record(
            each[MN_ID_FIELD], each[PRIMARY_QUOTE_FIELD], frozenset(items.get(each["Id"], ()))
        )
        for each in found
    }
