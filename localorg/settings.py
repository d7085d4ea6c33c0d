"""What can be changed while the org runs; kept in the data file."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from localorg.errors import ApiError
from localorg.storage import Store


@dataclass
class Settings:
    latency_ms: int = 0
    token_lifetime_seconds: int = 7200
    api_limit: int = 100_000
    # Salesforce does not say whether a line of quantity 0 is accepted; orgs are reported both ways.
    zero_quantity: Literal["reject", "accept"] = "reject"
    # The reference says that a line with a schedule ignores a new price; older orgs refuse it.
    scheduled_lines: Literal["ignore", "reject"] = "ignore"

    CHOICES = {"zero_quantity": ("reject", "accept"), "scheduled_lines": ("ignore", "reject")}


def load(store: Store) -> Settings:
    saved = {name: json.loads(value) for name, value in store.rows("SELECT * FROM setting")}
    return Settings(
        **{each.name: saved[each.name] for each in fields(Settings) if each.name in saved}
    )


def change(settings: Settings, store: Store, *, changes: dict[str, Any]) -> None:
    """Store and apply the changes. ApiError names the first one that is not acceptable."""
    known = asdict(settings)
    for name, value in changes.items():
        _check(name, value, known)
    with store.transaction():
        for name, value in changes.items():
            store.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))
            setattr(settings, name, value)


def _check(name: str, value: Any, known: dict[str, Any]) -> None:
    if name not in known:
        raise ApiError("INVALID_SETTING", f"{name}: no such setting; known are {sorted(known)}")
    choices = Settings.CHOICES.get(name)
    if choices and value not in choices:
        raise ApiError("INVALID_SETTING", f"{name}: must be one of {choices}")
    if not choices and (type(value) is not int or value < 0):
        raise ApiError("INVALID_SETTING", f"{name}: must be a whole number, 0 or more")
