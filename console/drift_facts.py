"""Rows as facts of "reconcile": many pairs with a few queries, and what is known of their past.

The past is asked for only where something differs, which is seldom.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet, Subquery
from django.db.models.functions import Greatest

from console.facts import pairings_of_opportunities
from console.models import Association, Opportunity, OutboundPush, ProductSyncSetting
from console.models.outbound_push import PushLane
from console.subjects import Subject, subjects
from syncrules import push_outbound, push_products
from syncrules.drift_facts import Claimed, LinkWritten, OpenPush, ProductsWritten
from syncrules.facts import Pairing
from syncrules.json_form import from_json
from syncrules.line_facts import RemoteProducts
from syncrules.reasons import Outcome, Reason

State = OutboundPush.State
Lane = OutboundPush.Lane
_MOVING: Final = (State.SENDING, State.QUEUED)
_STANDING: Final = (State.HELD, State.PARKED)
_IN_STEP: Final = [Outcome.DONE, Outcome.NOTHING_TO_DO]


@dataclass(frozen=True, slots=True)
class Pair:
    """A stored pair with our side of it."""

    subject: Subject
    pairing: Pairing
    currency: str

    @property
    def pk(self) -> int:
        return self.subject.pk

    @property
    def salesforce_id(self) -> str:
        return self.pairing.salesforce_id


def pairs(
    *, behind: str, limit: int, only: Sequence[int] | None, with_products: bool = False
) -> list[Pair]:
    """The next pairs in force, by the order of our opportunities.

    `with_products`: only those with a primary quote, whose lines go.
    """
    rows = _next(behind, only)
    if with_products:
        rows = rows.filter(opportunity__primary_quote__isnull=False)
    currencies = dict(rows.values_list("opportunity_id", "opportunity__currency")[:limit])
    found, pairings = subjects(currencies), pairings_of_opportunities(currencies)
    # Who was unlinked between the two queries is nobody's partner any more.
    return [
        Pair(found[pk], pairings[pk], currency)
        for pk, currency in currencies.items()
        if pk in found and pk in pairings
    ]


def _next(behind: str, only: Sequence[int] | None) -> QuerySet[Association]:
    rows = Association.objects.filter(ended_at__isnull=True, opportunity_id__gt=int(behind or 0))
    if only is not None:
        rows = rows.filter(opportunity_id__in=only)
    return rows.order_by("opportunity_id")


@dataclass(frozen=True, slots=True)
class Known:
    """An MN opportunity that a record names, and whom it is paired with here."""

    pk: int
    currency: str
    claimed: Claimed


def known(mn_ids: Collection[str]) -> dict[str, Known]:
    """By MN id; those that are unknown here are missing."""
    rows = Opportunity.objects.filter(mn_id__in=mn_ids).values_list("pk", "mn_id", "currency")
    found = list(rows)
    pairings = pairings_of_opportunities(pk for pk, _, _ in found)
    return {
        mn_id: Known(
            pk, currency, Claimed(mn_id, is_known=True, partner=_partner(pairings.get(pk)))
        )
        for pk, mn_id, currency in found
    }


def _partner(pairing: Pairing | None) -> str | None:
    return pairing.salesforce_id if pairing else None


# --- What is known of the past -------------------------------------------------------------------


def open_pushes(opportunity_ids: Collection[int], lanes: Sequence[PushLane]) -> dict[int, OpenPush]:
    """The push of each that has not ended: of the first lane, and one that moves, before others."""
    rows = OutboundPush.objects.filter(
        opportunity_id__in=opportunity_ids, lane__in=lanes, state__in=(*_MOVING, *_STANDING)
    )
    states = (*_MOVING, *_STANDING)
    ranked = sorted(rows, key=lambda row: (lanes.index(row.lane), states.index(row.state)))
    return {row.opportunity_id: _open(row) for row in reversed(ranked)}


def _open(row: OutboundPush) -> OpenPush:
    return OpenPush(row.pk, row.state, is_moving=row.state in _MOVING, reason=row.reason)


def in_motion(opportunity_ids: Collection[int], *, since: datetime) -> set[int]:
    """Those of which a push has ended since: what was read before may be older than what it
    wrote."""
    ended = OutboundPush.objects.filter(opportunity_id__in=opportunity_ids, finished_at__gte=since)
    return set(ended.values_list("opportunity_id", flat=True))


# One walk back along the index of each opportunity's entries, until the first that fits.
_LAST_ENTRY: Final = """
SELECT wanted.opportunity_id, entry.id, entry.created_at, {columns}
FROM unnest(%(ids)s::bigint[], %(records)s::text[]) AS wanted (opportunity_id, salesforce_id)
CROSS JOIN LATERAL (
  SELECT * FROM console_synclog AS entry
  WHERE entry.opportunity_id = wanted.opportunity_id
    AND entry.salesforce_id = wanted.salesforce_id
    AND entry.flow = %(flow)s
    AND (entry.outcome = ANY(%(outcomes)s) OR entry.reason = ANY(%(reasons)s))
  ORDER BY entry.id DESC LIMIT 1
) AS entry
"""


def links_written(differing: Iterable[Pair]) -> dict[int, LinkWritten]:
    """What the last push in step left in each record, by our id; one query."""
    rows = _last_entries(
        differing,
        flow=push_outbound.FLOW,
        columns="entry.facts #>> '{opportunity,primary_quote_mn_id}'",
    )
    return {pk: LinkWritten(entry_id, at, primary) for pk, entry_id, at, primary in rows}


def products_written(differing: Iterable[Pair]) -> dict[int, ProductsWritten]:
    """The products that each record had after the last push that brought them in step; one query.

    A push that had to leave some lines out brought the others.
    """
    rows = _last_entries(
        differing,
        flow=push_products.FLOW,
        columns="coalesce(entry.facts #> '{write,found}', entry.facts -> 'products')::text",
        reasons=[Reason.PRODUCTS_PARTLY_PUSHED],
    )
    found = {pk: _products(entry_id, at, stored) for pk, entry_id, at, stored in rows}
    return {pk: written for pk, written in found.items() if written is not None}


def _products(entry_id: int, at: datetime, stored: str | None) -> ProductsWritten | None:
    """None for an entry that a version of long ago has kept in another form."""
    try:
        products = from_json(RemoteProducts, json.loads(stored or "null"))
    except ValueError:
        return None
    return ProductsWritten(entry_id, at, products.lines)


def _last_entries(
    differing: Iterable[Pair], *, flow: str, columns: str, reasons: Sequence[Reason] = ()
) -> list[tuple[Any, ...]]:
    wanted = list(differing)
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_ENTRY.format(columns=columns),
            {
                "ids": [each.subject.pk for each in wanted],
                "records": [each.salesforce_id for each in wanted],
                "flow": flow,
                "outcomes": _IN_STEP,
                "reasons": list(reasons),
            },
        )
        return list(cursor.fetchall())


def primaries_set_at(opportunity_ids: Collection[int]) -> dict[int, datetime | None]:
    """When the primary quote of each was chosen."""
    rows = Opportunity.objects.filter(pk__in=opportunity_ids)
    return dict(rows.values_list("pk", "primary_set_at"))


def products_set_at(opportunity_ids: Collection[int]) -> Mapping[int, datetime | None]:
    """When what each is to have as products last changed: its choice of quote, the quote, or the
    settings."""
    revision = ProductSyncSetting.objects.filter(is_active=True).values("created_at")
    rows = Opportunity.objects.filter(pk__in=opportunity_ids)
    latest = Greatest("primary_set_at", "primary_quote__updated_at", Subquery(revision))
    return dict(rows.values_list("pk", latest))
