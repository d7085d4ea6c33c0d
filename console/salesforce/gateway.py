"""What can be asked of Salesforce, and in which ways that can fail.

SalesforceError      code, words, trouble
├── Unavailable      no answer, or "not now": timeouts, 5xx, 429
├── Crowded          too many calls at once
├── RecordBusy       this record could not be had just now: a lock, a time limit
├── LimitReached     the org's allocation is used up until its window moves on
├── SessionExpired   the token is no longer good; the client logs in again by itself
├── Misconfigured    login, permission, unknown field: nothing works until someone acts
├── Rejected         Salesforce said no to this record, and says why
├── RecordGone       the record was deleted or merged, or is out of our sight
└── Unknown          an answer that no one foresaw; never taken for a success
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

from console.salesforce.looks import LinkFields, Look
from syncrules.account_facts import RemoteAccount
from syncrules.facts import RemoteOpportunity
from syncrules.retry import Trouble

if TYPE_CHECKING:
    from console.salesforce.audit_gateway import AuditGateway
    from console.salesforce.product_gateway import ProductGateway


class SalesforceError(Exception):
    """Why Salesforce did not do what was asked.

    `code` is Salesforce's errorCode, or one of ours where it gave none; `words` are its own,
    without secrets. Survives pickling, and carries no request, response or token.
    """

    trouble: ClassVar[Trouble] = Trouble.UNKNOWN

    def __init__(self, code: str, words: str, *, is_unanswered: bool = False) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words
        self.is_unanswered = is_unanswered
        """Whether nobody knows if what was asked was carried out, or will yet be: nothing came
        back, or nothing that says so."""

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"


class Unavailable(SalesforceError):
    trouble = Trouble.UNAVAILABLE


class Crowded(SalesforceError):
    trouble = Trouble.CROWDED


class RecordBusy(SalesforceError):
    trouble = Trouble.RECORD_BUSY


class LimitReached(SalesforceError):
    trouble = Trouble.LIMIT_REACHED


class Misconfigured(SalesforceError):
    trouble = Trouble.MISCONFIGURED


class SessionExpired(SalesforceError):
    """Never leaves the client: a second refusal of a fresh token becomes Misconfigured."""

    trouble = Trouble.MISCONFIGURED


class Rejected(SalesforceError):
    trouble = Trouble.REJECTED


class RecordGone(SalesforceError):
    trouble = Trouble.RECORD_GONE


class Unknown(SalesforceError):
    trouble = Trouble.UNKNOWN


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """Calls that all clients of the org made in the last 24 hours, and how many it may."""

    used: int
    maximum: int


@dataclass(frozen=True, slots=True)
class OrgIdentity:
    """Which org answers."""

    organization_id: str
    instance_url: str
    usage: ApiUsage | None


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one record. `error` None: Salesforce confirmed it."""

    salesforce_id: str
    error: SalesforceError | None
    sent: Mapping[str, str | None]
    """What this attempt meant to write; empty when the call was given up before this record."""
    answer: Mapping[str, object]
    """What came back for this record, ready for JSON, without secrets."""
    is_whole: bool = False
    """Whether the error is that of the whole call, so that any of its records may be the cause."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field as the org describes it to our user. `type` is Salesforce's word: picklist, date.

    `formula` is that of a formula field, and `blanks_are_zero` how it takes blank numbers.
    """

    name: str
    label: str
    type: str
    length: int
    is_custom: bool
    formula: str = ""
    blanks_are_zero: bool = False


class Gateway(Protocol):
    """A connection to one org. Belongs to one thread; make it after a fork, not before."""

    @property
    def usage(self) -> ApiUsage | None:
        """As last spoken of, by a refusal too; None before the first answer."""

    @property
    def calls(self) -> int:
        """API calls that this gateway made so far. Logging in is not one."""

    def read_opportunities(self, ids: Collection[str]) -> dict[str, RemoteOpportunity]:
        """The opportunities that exist, by 18-character id; ceil(n / 1000) calls.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def look(
        self, ids: Collection[str], *, quote_mn_ids: Collection[str], written: Collection[str] = ()
    ) -> Look:
        """Opportunities and quote records at once; one call for a thousand of each.

        `written`: opportunities that are read back in the same call, a thousand at most.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def opportunities_modified_since(
        self, since: datetime, *, limit: int, after: str | None = None
    ) -> list[RemoteOpportunity]:
        """The longest unchanged first, then by id; `since` is included, to the second.

        `after`: the last record of the page before, which ended with a change at `since`.
        Errors: ValueError for a time without zone; SalesforceError.
        """

    def read_opportunity_fields(
        self, ids: Collection[str], fields: Collection[str]
    ) -> dict[str, dict[str, object]]:
        """What any fields hold, for the opportunities that exist, under the names as given.

        A field that the org does not have, or hides from our user, is missing from every record.

        Shape:  18-character id -> field -> JSON value
        Errors: InvalidSalesforceId, and ValueError for what is no field name, before any call;
                SalesforceError
        """

    def read_accounts(self, ids: Collection[str]) -> dict[str, RemoteAccount]:
        """The accounts that exist, by 18-character id; ceil(n / 1000) calls.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def opportunities_of_account(self, account_id: str, *, limit: int) -> list[RemoteOpportunity]:
        """The account's opportunities, the latest changed first; one call up to 2,000.

        Errors: InvalidSalesforceId before any call; SalesforceError.
        """

    def unlinked_opportunities(self, *, limit: int) -> list[RemoteOpportunity]:
        """Those under an account that carry no MN id, the latest changed first."""

    def find_quote_records(self, mn_ids: Collection[str]) -> dict[str, str]:
        """MN quote id -> Salesforce id of its quote record, for those that have one."""

    def update_opportunities(
        self, changes: Mapping[str, Mapping[str, str | None]]
    ) -> dict[str, WriteResult]:
        """What became of each, by 18-character id; 1,000 records are one call.

        Shape:  id -> Salesforce field -> value; None clears the field
        Errors: InvalidSalesforceId or ValueError before any call. A SalesforceError is never
                raised but stands in the results, so that what earlier calls did is not lost.
        """

    def update_and_read_opportunities(
        self, changes: Mapping[str, Mapping[str, str | None]]
    ) -> tuple[dict[str, WriteResult], dict[str, LinkFields] | None]:
        """Like `update_opportunities`, and what the records hold afterwards.

        Up to 800 records are written and read back in one call. None: not read back, because there
        were more, or because the reading failed.
        """

    @property
    def products(self) -> ProductGateway:
        """Opportunity products and quote items of the same org, over the same connection."""

    @property
    def audit(self) -> AuditGateway:
        """The same records as a comparison of both sides needs them."""

    def describe_fields(self, sobject: str) -> dict[str, FieldInfo]:
        """The fields of an object that our user sees, by API name; one call.

        Errors: ValueError for what is no object name, before any call; SalesforceError,
                Misconfigured where the org has no such object.
        """

    def describe_org(self) -> OrgIdentity:
        """Which org this is; one cheap call that proves the connection works."""
