"""The Salesforce side of the machine: what its people do there, and how it fails."""

from __future__ import annotations

from typing import Any

from console.models import SalesforceConnection
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.facts import sf_id
from tests.org import Org
from tests.stateful.model import Record

_TYPED = ("Name", "StageName", "AccountId", MN_ID_FIELD, PRIMARY_QUOTE_FIELD)


class Salesforce:
    """The local org with its records, its faults, and our way of signing in to it."""

    def __init__(self, org: Org, connection: SalesforceConnection, *, account: str) -> None:
        org.reset()
        org.load(Account=[{"Id": account, "Name": "Northwind"}])
        self.org = org
        self.connection = connection
        self.account = account
        self.records: list[str] = []
        self.quotes: dict[str, str] = {}
        self.faults: dict[str, dict[str, Any]] = {}
        self.is_signed_out = False
        self._read = 0

    # --- Records --------------------------------------------------------------------------------

    def add(self, *, quote: str | None = None) -> str:
        salesforce_id = sf_id()
        self.org.add_opportunity(
            salesforce_id,
            AccountId=self.account,
            **{PRIMARY_QUOTE_FIELD: self.record_of(quote)},
        )
        self.records.append(salesforce_id)
        return salesforce_id

    def add_quote(self, mn_id: str) -> None:
        """The managed package brings the quote."""
        if mn_id not in self.quotes:
            self.quotes[mn_id] = sf_id("a0B")
            self.org.add_quote(self.quotes[mn_id], mn_id)

    def record_of(self, quote: str | None) -> str | None:
        return self.quotes.get(quote) if quote else None

    def type_into(self, salesforce_id: str, **fields: Any) -> None:
        """Somebody edits the record. It is loaded, so the journal holds our own writes alone."""
        now = self.org.opportunity(salesforce_id)
        self.org.add_opportunity(salesforce_id, **({name: now[name] for name in _TYPED} | fields))

    def delete(self, salesforce_id: str) -> None:
        self._mend(salesforce_id)
        self.org.delete_opportunity(salesforce_id)
        self.records.remove(salesforce_id)

    def look(self, salesforce_id: str | None) -> Record | None:
        """The record as it is; None when it is gone."""
        if salesforce_id is None or salesforce_id not in self.records:
            return None
        now = self.org.opportunity(salesforce_id)
        by_record = {record: mn_id for mn_id, record in self.quotes.items()}
        return Record(
            salesforce_id=salesforce_id,
            mn_id=now[MN_ID_FIELD],
            names=by_record.get(now[PRIMARY_QUOTE_FIELD]),
            account=now["AccountId"],
            is_closed=now["IsClosed"],
        )

    def written(self) -> list[dict[str, Any]]:
        """Our writes since this was last asked for."""
        news = self.org.journal(after=self._read)
        self._read = max([self._read, *(each["seq"] for each in news)])
        return [each for each in news if each["action"] == "update"]

    # --- Trouble --------------------------------------------------------------------------------

    @property
    def is_away(self) -> bool:
        return "away" in self.faults

    @property
    def is_reachable(self) -> bool:
        return not (self.is_away or self.is_signed_out)

    @property
    def is_untroubled(self) -> bool:
        return not self.faults and not self.is_signed_out

    def go_away(self) -> None:
        self._break("away", path="/services/data/", action="status", status=503)

    def come_back(self) -> None:
        self._mend("away")

    def refuse_writes(self, salesforce_id: str) -> None:
        self._break(
            salesforce_id,
            record_id=salesforce_id,
            action="record_error",
            code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
            message="Nobody may change this opportunity",
        )

    def accept_writes(self) -> None:
        self._mend(*(name for name in self.faults if name != "away"))

    def refuse_sign_in(self) -> None:
        self._sign_in_with("not the secret")
        self.is_signed_out = True

    def accept_sign_in(self) -> None:
        self._sign_in_with(self.org.server.client_secret)
        self.is_signed_out = False

    def _sign_in_with(self, secret: str) -> None:
        self.connection.client_secret = secret
        self.connection.save(update_fields=["client_secret"])
        self.org.expire_tokens()

    def _break(self, name: str, **rule: Any) -> None:
        self.faults[name] = {"times": None, **rule}
        self._script_faults()

    def _mend(self, *names: str) -> None:
        for name in names:
            self.faults.pop(name, None)
        self._script_faults()

    def _script_faults(self) -> None:
        self.org.mend()
        for rule in self.faults.values():
            self.org.break_with(**rule)
