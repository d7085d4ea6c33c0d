"""The local org as tests use it: put records there, read them back, look at its journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from tests.servers import OrgServer


class Org:
    """Control of one local org over its `/localorg` endpoints, and reading through REST."""

    def __init__(self, server: OrgServer) -> None:
        self.server = server
        self.url = server.url

    def load(self, **records: list[dict[str, Any]]) -> None:
        self._control("POST", "load", records)

    def add_opportunity(self, salesforce_id: str, **fields: Any) -> None:
        """A Salesforce opportunity that may be linked, unless the fields say otherwise."""
        required = {"Name": "Northwind", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        self.load(Opportunity=[{"Id": salesforce_id, **required, **fields}])

    def add_quote(self, salesforce_id: str, mn_id: str | None) -> None:
        """The quote record of the managed package."""
        self.load(
            monetize__Quote__c=[
                {"Id": salesforce_id, "Name": mn_id or "no id", "monetize__Id__c": mn_id}
            ]
        )

    def token(self) -> str:
        """Access, as any integration gets it."""
        answer = requests.post(
            f"{self.url}/services/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.server.client_id,
                "client_secret": self.server.client_secret,
            },
            timeout=10,
        )
        return str(answer.json()["access_token"])

    def opportunity(self, salesforce_id: str) -> dict[str, Any]:
        """The fields as Salesforce has them now."""
        return dict(self._rest("GET", f"Opportunity/{salesforce_id}"))

    def delete_opportunity(self, salesforce_id: str) -> None:
        """As a person does it; the journal shows it."""
        self._rest("DELETE", f"Opportunity/{salesforce_id}")

    def journal(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Every write that was applied, in order."""
        return list(self._control("GET", f"journal?after={after}"))

    def requests(self) -> list[dict[str, Any]]:
        """The latest requests: method, path, status, milliseconds."""
        return list(self._control("GET", "requests"))

    def set(self, **settings: Any) -> None:
        """How the org behaves where it can be chosen, such as `zero_quantity`; stays set."""
        self._control("PATCH", "settings", settings)

    def break_with(self, **rule: Any) -> None:
        """A scripted fault; localorg/README.md lists them."""
        self._control("POST", "faults", [rule])

    def fired(self, name: str) -> int:
        """How often the scripted faults of this name have happened."""
        return sum(rule["fired"] for rule in self._control("GET", "faults") if rule["name"] == name)

    def mend(self) -> None:
        self._control("DELETE", "faults")

    def expire_tokens(self) -> None:
        self._control("POST", "expire-tokens")

    def reset(self) -> None:
        self._control("POST", "reset")

    def query(self, statement: str) -> list[dict[str, Any]]:
        """All records that a statement finds."""
        page = self._call("GET", "/services/data/v62.0/query", q=statement)
        found = list(page["records"])
        while not page["done"]:
            page = self._call("GET", page["nextRecordsUrl"])
            found += page["records"]
        return found

    def _rest(self, method: str, path: str) -> Any:
        return self._call(method, f"/services/data/v62.0/sobjects/{path}")

    def _call(self, method: str, path: str, **params: str) -> Any:
        answer = requests.request(
            method,
            f"{self.url}{path}",
            params=params,
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _control(
        self, method: str, path: str, body: Mapping[str, Any] | list[Any] | None = None
    ) -> Any:
        answer = requests.request(method, f"{self.url}/localorg/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()
