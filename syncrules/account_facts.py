"""What a rule may know of accounts on both sides."""

from __future__ import annotations

from dataclasses import dataclass

from syncrules.facts import Connection


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """An account as Salesforce has it now. `currency` is None in an org with a single one."""

    salesforce_id: str
    name: str
    website: str | None = None
    country: str | None = None
    currency: str | None = None
    mn_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as MonetizeNow has it, matched to a Salesforce account or to none."""

    mn_id: str
    name: str
    salesforce_id: str | None = None
    website: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class MapAccountFacts:
    """What "map account" looks at. `chosen` None: an MN account is to be created.

    `account`: the chosen one, None if there is no such account. `owner`: the MN account that
    carries the Salesforce account's id now.
    """

    connection: Connection
    salesforce_id: str
    chosen: str | None = None
    remote: RemoteAccount | None = None
    account: KnownAccount | None = None
    owner: KnownAccount | None = None
