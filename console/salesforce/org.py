"""The gateway's questions, put as SOQL queries and collections of updates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Protocol

from console.salesforce import any_fields, batches, records, shapes, soql
from console.salesforce.audit import Audit
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
from console.salesforce.looks import LinkFields, Look
from console.salesforce.optional_fields import asked, asked_each, currency
from console.salesforce.tokens import Login
from syncrules.account_facts import RemoteAccount
from syncrules.facts import RemoteOpportunity
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

    def lacks(self, fields: Collection[str]) -> None: ...

    def query(self, statements: Sequence[str]) -> list[Mapping[str, object]]: ...

    def query_each(self, statements: Sequence[str]) -> list[list[Mapping[str, object]]]: ...

    def update(
        self, collections: Sequence[batches.Json], *, then: Sequence[str] = ()
    ) -> list[object | SalesforceError]: ...

    def describe(self, sobject: str) -> object: ...

    def carry_out(self, requests: Sequence[batches.Json]) -> list[object | SalesforceError]: ...


class Org:
    """The gateway to one org; see `gateway.Gateway` for what each question answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.products = LineItems(channel)
        self.audit = Audit(channel)

    @property
    def usage(self) -> ApiUsage | None:
        return self._channel.usage

    @property
    def calls(self) -> int:
        return self._channel.calls

    def read_opportunities(self, ids: Collection[str]) -> dict[str, RemoteOpportunity]:
        return dict(self.look(ids, quote_mn_ids=()).opportunities)

    def look(
        self, ids: Collection[str], *, quote_mn_ids: Collection[str], written: Collection[str] = ()
    ) -> Look:
        wanted, quotes = _opportunity_ids(ids), set(quote_mn_ids)
        of_quotes = soql.quotes_by_mn_id(quotes)
        of_written = soql.opportunities_by_id(_opportunity_ids(written), fields=soql.LINK_FIELDS)

        def statements(optional: Collection[str]) -> list[str]:
            fields = (*soql.OPPORTUNITY_FIELDS, *currency(optional))
            return [*of_quotes, *of_written, *soql.opportunities_by_id(wanted, fields=fields)]

        answers = iter(asked_each(self._channel, statements))
        quote_rows = list(chain.from_iterable(islice(answers, len(of_quotes))))
        written_rows = list(chain.from_iterable(islice(answers, len(of_written))))
        found = map(records.opportunity, chain.from_iterable(answers))
        return Look(
            {one.salesforce_id: one for one in found},
            records.quote_records(quote_rows, wanted=quotes),
            dict(map(records.link_fields, written_rows)),
        )

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
        wanted = _opportunity_ids(ids)
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
        return records.quote_records(
            self._channel.query(soql.quotes_by_mn_id(wanted)), wanted=wanted
        )

    def update_opportunities(
        self, changes: Mapping[str, Mapping[str, str | None]]
    ) -> dict[str, WriteResult]:
        return self._update_all(batches.calls(_checked(changes)))

    def update_and_read_opportunities(
        self, changes: Mapping[str, Mapping[str, str | None]]
    ) -> tuple[dict[str, WriteResult], dict[str, LinkFields] | None]:
        calls = list(batches.calls(_checked(changes)))
        if len(calls) != 1 or len(calls[0]) >= batches.PER_COMPOSITE:
            return self._update_all(calls), None
        statements = soql.opportunities_by_id(changes, fields=soql.LINK_FIELDS)
        results, pages, _ = self._update(calls[0], then=statements)
        return {result.salesforce_id: result for result in results}, _read_back(pages)

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
        return asked(self._channel, lambda optional: statements((*fields, *currency(optional))))

    def _values(self, ids: Collection[str], names: Collection[str]) -> dict[str, dict[str, object]]:
        return any_fields.values(self._channel.query(any_fields.statements(ids, names)), names)

    def _update_all(
        self, calls: Iterable[Sequence[Sequence[batches.Change]]]
    ) -> dict[str, WriteResult]:
        results: list[WriteResult] = []
        stopped_by: SalesforceError | None = None
        for parts in calls:
            if stopped_by is not None:
                results += batches.given_up(_flat(parts), stopped_by)
                continue
            done, _, stopped_by = self._update(parts)
            results += done
        return {result.salesforce_id: result for result in results}

    def _update(
        self, parts: Sequence[Sequence[batches.Change]], *, then: Sequence[str] = ()
    ) -> tuple[list[WriteResult], Sequence[object], SalesforceError | None]:
        """Of one call: what became of each record, the answers to the statements asked `then`, and
        the trouble that the next call would meet too."""
        try:
            answers = self._channel.update([batches.collection(part) for part in parts], then=then)
        except SalesforceError as error:
            stops = error if error.trouble in batches.STOPS_THE_REST else None
            return batches.results(error, _flat(parts)), (), stops
        written = zip(parts, answers[: len(parts)], strict=True)
        done = [one for part, answer in written for one in batches.results(answer, part)]
        return done, answers[len(parts) :], None


def _read_back(pages: Sequence[object]) -> dict[str, LinkFields] | None:
    """The records of complete answers; what is not certain is read again by the caller."""
    found: dict[str, LinkFields] = {}
    try:
        for page in pages:
            answer = shapes.mapping(page, "query answer")
            if not shapes.truth(answer.get("done"), "done"):
                return None
            for row in shapes.sequence(answer.get("records"), "records"):
                own_id, fields = records.link_fields(shapes.mapping(row, "record"))
                found[own_id] = fields
    except Unknown:
        return None
    return found if pages else None


def _flat(parts: Sequence[Sequence[batches.Change]]) -> list[batches.Change]:
    return [change for part in parts for change in part]


def _opportunity_ids(ids: Collection[str]) -> set[str]:
    return {to_18(one, prefix=OPPORTUNITY) for one in ids}


def _checked(changes: Mapping[str, Mapping[str, str | None]]) -> list[batches.Change]:
    checked = [
        batches.Change(to_18(salesforce_id, prefix=OPPORTUNITY), dict(fields))
        for salesforce_id, fields in changes.items()
    ]
    if len({change.salesforce_id for change in checked}) != len(checked):
        raise ValueError("the same opportunity twice, as 15 and as 18 characters")
    return checked
