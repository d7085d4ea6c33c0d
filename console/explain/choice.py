"""Which flow would run now for a thing, why that one, and what it would decide."""

from __future__ import annotations

from console.actor import Actor
from console.explain.answer import Kind, NothingFound, Subject
from console.explain.of_account import of_account
from console.explain.of_opportunity import of_push, of_record, opportunities, why_push
from console.explain.of_quote import of_quote
from console.explain.verdict import Verdict
from console.models import Account, Quote


def verdict(subject: Subject, *, asked: str, actor: Actor) -> Verdict | NothingFound:
    """The verdict. Only an id of a Salesforce opportunity may turn out to name nothing."""
    match subject.kind:
        case Kind.SALESFORCE_OPPORTUNITY:
            return of_record(subject.id, asked=asked, actor=actor)
        case Kind.OPPORTUNITY:
            opportunity = opportunities().get(mn_id=subject.id)
            return of_push(opportunity, why=why_push(opportunity), actor=actor)
        case Kind.QUOTE:
            rows = Quote.objects.select_related("account", "opportunity__account")
            return of_quote(rows.prefetch_related("readers").get(mn_id=subject.id), actor=actor)
        case Kind.ACCOUNT:
            account = Account.objects.get(mn_id=subject.id)
            return of_account(account, salesforce_id=account.salesforce_id)
        case Kind.SALESFORCE_ACCOUNT:
            matched = Account.objects.filter(salesforce_id=subject.id).first()
            return of_account(matched, salesforce_id=subject.id)
