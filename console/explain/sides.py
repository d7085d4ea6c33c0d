"""What either system has of the thing, as far as it is known and the caller may know it."""

from __future__ import annotations

from django.urls import reverse

from console.actor import Actor
from console.explain.answer import Kind, Side, Subject
from console.explain.verdict import NOT_FOR_YOU, Verdict
from console.facts import may_read
from console.models import Account, Opportunity, Quote, SyncLog
from syncrules.decisions import Evidence
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, RemoteOpportunity
from syncrules.json_form import from_json
from syncrules.reasons import Reason

MN = "MonetizeNow"
SALESFORCE = "Salesforce"
_LOOKED_BACK = 5


def of(subject: Subject, verdict: Verdict, *, actor: Actor) -> tuple[Side, ...]:
    """The MN side first, then Salesforce's."""
    return _monetize_now(subject, verdict, actor=actor), _salesforce(subject, verdict)


def _monetize_now(subject: Subject, verdict: Verdict, *, actor: Actor) -> Side:
    if subject.kind is Kind.QUOTE:
        return _of_quote(subject, verdict.quote)
    if subject.kind in (Kind.ACCOUNT, Kind.SALESFORCE_ACCOUNT):
        return _of_account(verdict.account)
    if verdict.opportunity is None:
        return Side(MN, "No MN opportunity is known for it", "stored here", {})
    return _of_opportunity(verdict.opportunity, actor=actor)


def _of_opportunity(row: Opportunity, *, actor: Actor) -> Side:
    primary = row.primary_quote
    facts: dict[str, str | None] = {
        "MN id": row.mn_id,
        "status": row.status,
        "account": f"{row.account.name} ({row.account.mn_id})",
        "primary quote": primary.mn_id if primary else None,
    }
    if primary is not None:
        is_open = may_read(primary, actor)
        facts["the quote's status"] = primary.status if is_open else NOT_FOR_YOU
        facts["made primary"] = (
            f"{row.primary_set_how or 'unknown how'}, {_day(row.primary_set_at)}"
        )
    if row.creation_reference:
        facts["referenced at creation"] = row.creation_reference
    return Side(MN, row.name, "stored here", facts, page=_page("opportunity", row.pk))


def _of_quote(subject: Subject, quote: Quote | None) -> Side:
    if quote is None:
        return Side(MN, "A quote you may not read", "stored here", {"MN id": subject.id})
    facts: dict[str, str | None] = {
        "MN id": quote.mn_id,
        "status": quote.status,
        "amount": f"{quote.amount:,.2f} {quote.currency}",
        "account": f"{quote.account.name} ({quote.account.mn_id})",
        "MN opportunity": f"{quote.opportunity.name} ({quote.opportunity.mn_id})"
        if quote.opportunity
        else None,
    }
    title = quote.description or quote.mn_id
    return Side(MN, title, "stored here", facts, page=_page("quote", quote.pk))


def _of_account(account: Account | None) -> Side:
    if account is None:
        return Side(MN, "No MN account is matched to it", "stored here", {})
    facts = {
        "MN id": account.mn_id,
        "status": account.status,
        "website": account.website or None,
        "Salesforce account": account.salesforce_id,
    }
    return Side(MN, account.name, "stored here", facts, page=_page("account", account.pk))


def _salesforce(subject: Subject, verdict: Verdict) -> Side:
    record = verdict.salesforce_id
    if subject.kind is Kind.QUOTE and verdict.quote is None:
        return Side(SALESFORCE, "Not shown, since you may not read the quote", "stored here", {})
    if subject.kind in (Kind.ACCOUNT, Kind.SALESFORCE_ACCOUNT):
        title = "A Salesforce account" if record else "No Salesforce account is matched to it"
        facts: Evidence = {"Salesforce id": record} if record else {}
        return Side(SALESFORCE, title, "accounts are not read from Salesforce", facts)
    if record is None:
        return Side(SALESFORCE, "No Salesforce opportunity is known for it", "stored here", {})
    remote, source = verdict.foresight.remote, "read just now"
    if remote is None:
        remote, source = _last_read(record)
    if verdict.decision.reason is Reason.SALESFORCE_RECORD_GONE:
        source = f"gone when it was looked for just now; {source}"
    if remote is None:
        return Side(SALESFORCE, "A Salesforce opportunity", source, {"Salesforce id": record})
    return Side(SALESFORCE, remote.name, source, _of_remote(remote))


def _of_remote(remote: RemoteOpportunity) -> Evidence:
    return {
        "Salesforce id": remote.salesforce_id,
        "stage": remote.stage_name,
        "account": remote.account_salesforce_id,
        MN_ID_FIELD: remote.mn_id,
        PRIMARY_QUOTE_FIELD: remote.primary_quote_salesforce_id,
        "that is MN quote": remote.primary_quote_mn_id,
        "changed": remote.modified_at.isoformat() if remote.modified_at else None,
    }


def _last_read(record: str) -> tuple[RemoteOpportunity | None, str]:
    """The record as one of the newest log entries remembers it."""
    newest = SyncLog.objects.filter(salesforce_id=record).only("facts", "created_at")
    for entry in newest.order_by("-pk")[:_LOOKED_BACK]:
        stored = entry.facts.get("remote")
        if not stored or stored.get("salesforce_id") != record:
            continue
        try:
            remote = from_json(RemoteOpportunity, stored)
        except ValueError:  # kept by a version whose facts this one cannot read
            continue
        return remote, f"as log entry {entry.pk} read it, {_day(entry.created_at)}"
    return None, "not read yet"


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:console_{model}_change", args=[pk])


def _day(moment: object) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC"
