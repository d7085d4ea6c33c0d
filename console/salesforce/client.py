"""How a question reaches Salesforce: simple_salesforce as a thin transport, known only here.

Only its `query`, `query_more` and `restful` are used. Its record types (`sf.Opportunity`) join
ids into URLs unchecked and log in again without end; its own log-in is never used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import orjson
import requests
from simple_salesforce import exceptions as theirs
from simple_salesforce.api import Salesforce

from console.salesforce import batches, errors, network, shapes, soql
from console.salesforce.addresses import host_of
from console.salesforce.credentials import Credentials
from console.salesforce.gateway import (
    ApiUsage,
    Gateway,
    Misconfigured,
    SalesforceError,
    SessionExpired,
    Unknown,
)
from console.salesforce.org import Org
from console.salesforce.redaction import redacted
from console.salesforce.sessions import Keeper, Token
from console.salesforce.tokens import login_of
from console.salesforce.transport import Meter, MeteredSession, Timeouts

__all__ = ["Credentials", "Timeouts", "connect"]

_DEFAULT_TIMEOUTS: Final = Timeouts()

_NEXT_PAGE: Final = re.compile(r"/services/data/v[0-9]+\.[0-9]/query(?:All)?/[\w-]+", re.ASCII)

# What simple_salesforce lets through: its own errors, those of requests and the network, and
# what it stumbles into when an answer has another shape than it expects.
_FOREIGN: Final = (
    theirs.SalesforceError,
    theirs.SalesforceOperationError,
    *network.FAILURES,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)

_T = TypeVar("_T")


class _Salesforce(Salesforce):
    """Reads answers in a third of the time: a batch's are megabytes."""

    def parse_result_to_json(self, result: requests.Response) -> object:
        try:
            return orjson.loads(result.content)
        except orjson.JSONDecodeError:  # what is no JSON at all gets the error that we know
            return super().parse_result_to_json(result)


def connect(
    credentials: Credentials,
    *,
    timeouts: Timeouts = _DEFAULT_TIMEOUTS,
    keeper: Keeper | None = None,
    meter: Meter | None = None,
) -> Gateway:
    """A gateway to the org. No call is made, and nobody logged in, before the first question.

    `keeper`: where processes leave a token for one another. `meter`: told of each call.
    """
    session = MeteredSession(credentials.base_url, timeouts=timeouts, meter=meter)
    return Org(_Channel(credentials, session=session, keeper=keeper))


def translated(error: Exception) -> SalesforceError:
    """Our error for a foreign one, without what that carries of request and response."""
    if isinstance(error, theirs.SalesforceAuthenticationFailed):
        return Misconfigured("LOGIN_REFUSED", redacted(error.auth_message))
    if isinstance(error, theirs.SalesforceError):
        return errors.of_response(error.status, error.content)
    if isinstance(error, network.FAILURES):
        return network.of_failure(error)
    return Unknown(type(error).__name__, redacted(str(error)), is_unanswered=True)


class _Channel:
    """Queries and updates of one org, logged in when needed."""

    def __init__(
        self, credentials: Credentials, *, session: MeteredSession, keeper: Keeper | None
    ) -> None:
        self.login = login_of(credentials)
        self._keeper = keeper
        self._version = credentials.api_version
        self._session = session

    @property
    def usage(self) -> ApiUsage | None:
        return self._session.usage

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def instance_url(self) -> str:
        return self._token().instance_url

    def lacks(self, fields: Collection[str]) -> None:
        """Remembers fields that the org turned out not to have, for other processes too."""
        self.login.optional_fields -= {*fields}
        self.login.keep(self._keeper)

    def query(self, statements: Sequence[str]) -> list[Mapping[str, object]]:
        """The records of all statements, five statements a call."""
        return [row for rows in self.query_each(statements) for row in rows]

    def query_each(self, statements: Sequence[str]) -> list[list[Mapping[str, object]]]:
        """The records of each statement, five statements a call."""
        return [
            self._all_pages(page)
            for part in batches.in_parts(statements, size=batches.PER_COMPOSITE)
            for page in self._first_pages(part)
        ]

    def update(
        self, collections: Sequence[batches.Json], *, then: Sequence[str] = ()
    ) -> list[object | SalesforceError]:
        """One call for up to five collections: for each the answer, or why it failed whole.

        `then`: statements asked in the same call after the last collection, which count among the
        five. Each is answered by its first page.
        """
        if len(collections) == 1 and not then:
            return [self._patch(collections[0])]
        url = f"/services/data/v{self._version}/composite/sobjects"
        updates = [{"method": "PATCH", "url": url, "body": each} for each in collections]
        return self._composite([*updates, *map(self._as_subrequest, then)])

    def carry_out(self, requests: Sequence[batches.Json]) -> list[object | SalesforceError]:
        """One call for up to five collections of any method, each with its own address and body.

        What it makes must be found again by an id that the org holds unique: a call whose token
        was refused midway is made again as a whole.
        """
        if len(requests) == 1:
            (one,) = requests
            path, method = str(one["path"]), str(one["method"])
            body = one.get("body")
            return [self._ask(lambda sf: sf.restful(path, method=method, json=body))]
        base = f"/services/data/v{self._version}/"
        return self._composite(
            [
                {"url": f"{base}{one['path']}"}
                | {name: value for name, value in one.items() if name != "path"}
                for one in requests
            ]
        )

    def describe(self, sobject: str) -> object:
        """What the org says of an object whose name was checked."""
        return self._ask(lambda sf: sf.restful(f"sobjects/{sobject}/describe", method="GET"))

    def _patch(self, collection: batches.Json) -> object:
        path = "composite/sobjects"
        return self._ask(lambda sf: sf.restful(path, method="PATCH", json=collection))

    def _first_pages(self, statements: Sequence[str]) -> list[object]:
        if len(statements) == 1 and soql.fits_a_url(statements[0]):
            return [self._ask(lambda sf: sf.query(statements[0]))]
        pages = self._composite([self._as_subrequest(one) for one in statements])
        for page in pages:
            if isinstance(page, SalesforceError):
                raise page
        return pages

    def _as_subrequest(self, statement: str) -> batches.Json:
        path = f"/services/data/v{self._version}/query?q="
        return {"method": "GET", "url": path + quote(statement, safe="")}

    def _all_pages(self, answer: object) -> list[Mapping[str, object]]:
        """All records of a result. A page may be short of 2,000, so only `done` ends it."""
        found: list[Mapping[str, object]] = []
        while True:
            page = shapes.mapping(answer, "query answer")
            rows = shapes.sequence(page.get("records"), "records")
            found += [shapes.mapping(row, "record") for row in rows]
            if shapes.truth(page.get("done"), "done"):
                return found
            if not rows:
                raise Unknown("MALFORMED_ANSWER", "an empty page that is not the last")
            answer = self._next_page(shapes.text(page.get("nextRecordsUrl"), "nextRecordsUrl"))

    def _next_page(self, path: str) -> object:
        # It is put behind the host's name, token and all: "@elsewhere/" would send both away.
        if not _NEXT_PAGE.fullmatch(path):
            raise shapes.malformed("nextRecordsUrl", path, "a path of the query resource")
        return self._ask(lambda sf: sf.query_more(path, identifier_is_url=True))

    def _composite(self, requests: Sequence[batches.Json]) -> list[object | SalesforceError]:
        body = batches.composite(requests)
        return self._ask(
            lambda sf: batches.composite_bodies(
                sf.restful("composite", method="POST", json=body), expected=len(requests)
            )
        )

    def _ask(self, question: Callable[[Salesforce], _T]) -> _T:
        """The answer; asked again with a fresh token if the first was refused.

        Every question here may be asked twice: it reads, or it writes a state.
        """
        token, is_fresh = self._token(), False
        answer = self._attempt(question, token)
        while isinstance(answer, SessionExpired) and not is_fresh:
            token = self.login.renewed(self._session, instead_of=token, keeper=self._keeper)
            is_fresh = self.login.is_of_its_own(token)
            answer = self._attempt(question, token)
        if isinstance(answer, SessionExpired):
            raise Misconfigured(answer.code, f"refused with a fresh token: {answer.words}")
        if isinstance(answer, SalesforceError):
            raise answer
        return answer

    def _token(self) -> Token:
        return self.login.token(self._session, keeper=self._keeper)

    def _attempt(self, question: Callable[[Salesforce], _T], token: Token) -> _T | SalesforceError:
        """The error as a value: raised inside the except block it would drag the foreign one,
        and with it request and response, into every traceback."""
        salesforce = _Salesforce(
            session_id=token.access_token,
            instance=host_of(token.instance_url),
            version=self._version,
            session=self._session,
        )
        try:
            return question(salesforce)
        except SalesforceError as error:
            return error
        except _FOREIGN as error:
            return translated(error)
