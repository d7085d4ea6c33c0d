"""A local org as a process of its own, and the unmodified simple-salesforce talking to it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

VERSION = "62.0"
CLIENT = ("local-console", "local-secret")


class PlainHttp(HTTPAdapter):
    """simple-salesforce only speaks https; the org on this machine only http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


class LocalOrg:
    """One process and its data file; `start` again after `kill` finds the same records."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.start()

    def start(self, *, port: int = 0) -> None:
        command = [sys.executable, "-m", "localorg", "--port", str(port), "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.ready_line = self.process.stdout.readline().strip()
        assert self.ready_line.startswith("localorg: ready on "), self.errors()
        self.url = self.ready_line.removeprefix("localorg: ready on ")

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def end(self, number: int = signal.SIGTERM) -> int:
        """The exit code after this signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def token(self) -> str:
        answer = requests.post(
            f"{self.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=CLIENT,
            timeout=10,
        )
        return str(answer.json()["access_token"])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/localorg/{path}", json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def load(self, **records: list[dict[str, Any]]) -> dict[str, list[str]]:
        return dict(self.control("POST", "load", records))

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", [rule])

    def set(self, **settings: Any) -> None:
        self.control("PATCH", "settings", settings)

    def journal(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "journal"))


class Client:
    """simple-salesforce as a thin transport: its session, its queries, its `restful`."""

    def __init__(self, org: LocalOrg, *, version: str = VERSION) -> None:
        self.org = org
        self.session = requests.Session()
        self.session.mount("https://", PlainHttp())
        self.token = org.token()
        self.base = f"{org.url}/services/data/v{version}"
        self.sf = Salesforce(
            session_id=self.token,
            instance_url=org.url.replace("http://", "https://"),
            version=version,
            session=self.session,
        )

    def close(self) -> None:
        self.session.close()

    def query(self, text: str, **rest: Any) -> list[dict[str, Any]]:
        return list(self.sf.query_all(text, **rest)["records"])

    def raw(self, method: str, path: str, **rest: Any) -> requests.Response:
        """The bare answer, for what simple-salesforce turns into an exception."""
        headers = {"Authorization": f"Bearer {self.token}", **rest.pop("headers", {})}
        return self.session.request(
            method, f"{self.base}/{path}", headers=headers, timeout=10, **rest
        )

    def error(self, method: str, path: str, **rest: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = self.raw(method, path, **rest)
        return answer.status_code, answer.json()[0]["errorCode"]

    def create(self, name: str, **fields: Any) -> str:
        answer = self.sf.restful(f"sobjects/{name}", method="POST", json=fields)
        assert answer is not None
        return str(answer["id"])

    def update(self, name: str, record_id: str, **fields: Any) -> None:
        self.sf.restful(f"sobjects/{name}/{record_id}", method="PATCH", json=fields)

    def delete(self, name: str, record_id: str) -> None:
        self.sf.restful(f"sobjects/{name}/{record_id}", method="DELETE")

    def read(self, name: str, record_id: str, *fields: str) -> dict[str, Any]:
        listed = {"fields": ",".join(fields)} if fields else None
        answer = self.sf.restful(f"sobjects/{name}/{record_id}", params=listed)
        assert answer is not None
        return dict(answer)

    def many(
        self, method: str, name: str, records: list[dict[str, Any]], **rest: Any
    ) -> list[dict[str, Any]]:
        """A collections call for records of one object."""
        typed = [{"attributes": {"type": name}, **record} for record in records]
        answer = self.sf.restful(
            rest.pop("path", "composite/sobjects"),
            method=method,
            json={"records": typed, **rest},
        )
        return list(answer or [])

    def opportunity(self, **fields: Any) -> str:
        """A new opportunity that is complete unless the fields say otherwise."""
        required = {"Name": "Northwind", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return self.create("Opportunity", **{**required, **fields})


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    """The first error code of each result of a collections call; None where it succeeded."""
    return [None if each["success"] else each["errors"][0]["statusCode"] for each in results]
