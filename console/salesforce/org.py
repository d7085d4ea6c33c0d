"""The gateway's questions, put as SOQL queries and collections of updates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from console.salesforce import any_fields, batches, records, shapes, soql
from console.salesforce.gateway import (
    ApiUsage,
    FieldInfo,
    Misconfigured,
    OrgIdentity,
    SalesforceError,
    Unknown,
    WriteResult,
)
from console.salesforce.line_items import LineItems
from console.salesforce.tokens import Login
from syncrules.account_facts import RemoteAccount
from syncrules.facts import MN_ID_FIELD, RemoteOpportunity
from syncrules.salesforce_id import ACCOUNT, OPPORTUNITY, ORGANIZATION, to_18


class Channel(Protocol):
    """What carries a question to Salesforce and brings the answer."""

    login: Login

    @property
    def usage(self) -> ApiUsage | None: ...

    @property
    def calls(self) -> int: ...

    @property
    def instance_url(self) -> str: ...

    def query(self, statements: Sequence[str]) -> list[Mapping[str, object]]: ...

    def update(self, collections: Sequence[batches.Json]) -> list[object | SalesforceError]: ...

    def describe(self, sobject: str) -> object: ...

    def carry_out(self, requests: Sequence[batches.Json]) -> list[object | SalesforceError]: ...


class Org:
    """The gateway to one org; see `gateway.Gateway` for what each question answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.products = LineItems(channel)

    @property
    def usage(self) -> ApiUsage | None:
        return self._channel.usage

    @property
    def calls(self) -> int:
        return self._channel.calls

    def read_opportunities(self, ids: Collection[str]) -> dict[str, RemoteOpportunity]:
        wanted = {to_18(one, prefix=OPPORTUNITY) for one in ids}
        found = self._opportunities(lambda fields: soql.opportunities_by_id(wanted, fields=fields))
        return {one.salesforce_id: one for one in found}

    def opportunities_modified_since(
        self, since: datetime, *, limit: int, after: str | None = None
    ) -> list[RemoteOpportunity]:
        last = None if after is None else to_18(after, prefix=OPPORTUNITY)
        return self._opportunities(
            lambda fields: [soql.opportunities_since(since, after=last, limit=limit, fields=fields)]
        )

    def read_opportunity_fields(
        self, ids: Collection[str], fields: Collection[str]
    ) -> dict[str, dict[str, object]]:
        wanted = {to_18(one, prefix=OPPORTUNITY) for one in ids}
        names = [any_fields.checked(name) for name in fields]
        if not wanted or not names:
            return {}
        try:
            return self._values(wanted, names)
        except Misconfigured as refused:
            if refused.code != "INVALID_FIELD":
                raise
            known = any_fields.known_among(names, self.describe_fields("Opportunity"))
            if known == names:
                raise
        return self._values(wanted, known)

    def read_accounts(self, ids: Collection[str]) -> dict[str, RemoteAccount]:
        wanted = {to_18(one, prefix=ACCOUNT) for one in ids}
        found = self._with_currency(
            soql.ACCOUNT_FIELDS, lambda fields: soql.accounts_by_id(wanted, fields=fields)
        )
        return {one.salesforce_id: one for one in map(records.account, found)}

    def opportunities_of_account(self, account_id: str, *, limit: int) -> list[RemoteOpportunity]:
        account = to_18(account_id, prefix=ACCOUNT)
        return self._opportunities(
            lambda fields: [soql.opportunities_of_account(account, limit=limit, fields=fields)]
        )

    def unlinked_opportunities(self, *, limit: int) -> list[RemoteOpportunity]:
        return self._opportunities(
            lambda fields: [soql.unlinked_opportunities(limit=limit, fields=fields)]
        )

    def find_quote_records(self, mn_ids: Collection[str]) -> dict[str, str]:
        wanted = set(mn_ids)
        found: dict[str, str] = {}
        for record in self._channel.query(soql.quotes_by_mn_id(wanted)):
            mn_id = shapes.text(record.get(MN_ID_FIELD), MN_ID_FIELD)
            # Salesforce compares text without regard to case; MonetizeNow's ids differ by it.
            if mn_id in wanted:
                found.setdefault(mn_id, records.salesforce_id(record, "Id"))
        return found

    def update_opportunities(
        self, changes: Mapping[str, Mapping[str, str | None]]
    ) -> dict[str, WriteResult]:
        results: list[WriteResult] = []
        stopped_by: SalesforceError | None = None
        for parts in batches.calls(_checked(changes)):
            together = [change for part in parts for change in part]
            if stopped_by is not None:
                results += batches.given_up(together, stopped_by)
                continue
            try:
                results += self._update(parts)
            except SalesforceError as error:
                results += batches.failed(together, error)
                if error.trouble in batches.STOPS_THE_REST:
                    stopped_by = error
        return {result.salesforce_id: result for result in results}

    def describe_fields(self, sobject: str) -> dict[str, FieldInfo]:
        return any_fields.described(self._channel.describe(any_fields.checked(sobject)))

    def describe_org(self) -> OrgIdentity:
        # Not `limits`: it needs a permission that integration users lack, and the header of
        # every answer says the same.
        found = self._channel.query(["SELECT Id FROM Organization LIMIT 1"])
        if not found:
            raise Unknown("MALFORMED_ANSWER", "no Organization record")
        organization_id = records.salesforce_id(found[0], "Id", prefix=ORGANIZATION)
        return OrgIdentity(organization_id, self._channel.instance_url, self.usage)

    def _opportunities(
        self, statements: Callable[[Sequence[str]], list[str]]
    ) -> list[RemoteOpportunity]:
        found = self._with_currency(soql.OPPORTUNITY_FIELDS, statements)
        return [records.opportunity(record) for record in found]

    def _with_currency(
        self, fields: Sequence[str], statements: Callable[[Sequence[str]], list[str]]
    ) -> list[Mapping[str, object]]:
        """The records, with their currency in an org that has several."""
        login = self._channel.login
        if login.has_currencies:
            try:
                return self._channel.query(statements((*fields, soql.CURRENCY_FIELD)))
            except Misconfigured as refused:
                # The words quote the statement too, so the field's name alone says nothing.
                if f"No such column '{soql.CURRENCY_FIELD}'" not in refused.words:
                    raise
            login.has_currencies = False
        return self._channel.query(statements(fields))

    def _values(self, ids: Collection[str], names: Collection[str]) -> dict[str, dict[str, object]]:
        return any_fields.values(self._channel.query(any_fields.statements(ids, names)), names)

    def _update(self, parts: Sequence[Sequence[batches.Change]]) -> list[WriteResult]:
        answers = self._channel.update([batches.collection(part) for part in parts])
        return [
            result
            for part, answer in zip(parts, answers, strict=True)
            for result in batches.results(answer, part)
        ]


def _checked(changes: Mapping[str, Mapping[str, str | None]]) -> list[batches.Change]:
    checked = [
        batches.Change(to_18(salesforce_id, prefix=OPPORTUNITY), dict(fields))
        for salesforce_id, fields in changes.items()
    ]
    if len({change.salesforce_id for change in checked}) != len(checked):
        raise ValueError("the same opportunity twice, as 15 and as 18 characters")
    return checked
