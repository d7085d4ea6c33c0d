"""Which quotes may this person read? Some are restricted to groups."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from console.actor import Actor
from console.models import Quote


def quotes_for(request: HttpRequest, quotes: QuerySet[Quote]) -> QuerySet[Quote]:
    """Those open to everybody or to a group of the person, as `facts.may_read` has it for one."""
    actor = Actor.of_user(request.user)
    if actor.reads_everything:
        return quotes
    restrictions = Quote.readers.through.objects.filter(quote_id=OuterRef("pk"))
    theirs = restrictions.filter(group_id__in=actor.group_ids)
    return quotes.filter(~Exists(restrictions) | Exists(theirs))
