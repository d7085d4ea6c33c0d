"""One org: its data file, its settings, its scripted faults and who may sign in."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localorg import ids, settings, times
from localorg.faults import Faults
from localorg.schema import SCHEMA, SObject
from localorg.settings import Settings
from localorg.soql.cursors import Cursors
from localorg.storage import Row, Store

ORGANIZATION_ID = ids.numbered("00D", 1)
INTEGRATION_USER = ids.numbered("005", 1)
USERNAME = "integration@local.example"
PEOPLE = ("Integration User", "Avery Stone", "Blake Rivers", "Casey Lindqvist", "Dana Okafor")


@dataclass(frozen=True)
class Credentials:
    """Who may get a token: a client with its secret, and a key for JWT assertions."""

    client_id: str = "local-console"
    client_secret: str = "local-secret"  # noqa: S105  # opens nothing but this org
    jwt_public_key: str = ""


@dataclass
class Org:
    store: Store
    credentials: Credentials
    settings: Settings
    faults: Faults = field(default_factory=Faults)
    cursors: Cursors = field(default_factory=Cursors)
    # What was asked lately: a benchmark counts calls here, a person sees who is talking.
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    base_url: str = ""


def open_org(path: Path, *, credentials: Credentials) -> Org:
    """The org kept in this file, made when the file is new."""
    store = Store(path, schema=SCHEMA)
    add_people(store)
    return Org(store=store, credentials=credentials, settings=settings.load(store))


def add_people(store: Store) -> None:
    """The organization and its users, unless they are there."""
    organization, user = SCHEMA["organization"], SCHEMA["user"]
    if store.exists(organization, ORGANIZATION_ID):
        return
    with store.transaction():
        store.insert(
            organization,
            {
                "Id": store.new_ids(organization)[0],
                "Name": "Local Org",
                "OrganizationType": "Developer Edition",
                "InstanceName": "LOCAL",
                "IsSandbox": 1,
                **stamps(),
            },
        )
        for user_id, name in zip(store.new_ids(user, len(PEOPLE)), PEOPLE, strict=True):
            local_part = name.lower().replace(" ", ".").removesuffix(".user")
            username = f"{local_part}@local.example"
            person = {"Name": name, "Username": username, "Email": username, "IsActive": 1}
            store.insert(user, {"Id": user_id, **person, **stamps()})


def stamps(*, user_id: str = INTEGRATION_USER) -> Row:
    """The system fields of a record made now."""
    now = times.now()
    return {
        "IsDeleted": 0,
        "CreatedDate": now,
        "CreatedById": user_id,
        "LastModifiedDate": now,
        "LastModifiedById": user_id,
        "SystemModstamp": now,
    }


def target_of(obj: SObject, relationship: str) -> SObject | None:
    """The object that a relationship name of this object leads to."""
    field_ = obj.by_relationship.get(relationship.lower())
    return SCHEMA[field_.target.lower()] if field_ else None
