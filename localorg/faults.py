"""Scripted trouble: rules set beforehand, which fire on the requests or records they match.

A rule says what it matches, how often it fires and what then happens. Request faults concern a
whole HTTP request; record faults concern one record inside whatever request carries it.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, Literal

from localorg.errors import ApiError, RecordError

RequestAction = Literal["status", "html", "truncate", "drop", "delay", "expire_tokens"]
RecordAction = Literal["record_error", "ignore_fields"]
REQUEST_ACTIONS = frozenset({"status", "html", "truncate", "drop", "delay", "expire_tokens"})
RECORD_ACTIONS = frozenset({"record_error", "ignore_fields"})
# What JSON types the keys of a rule take; text where nothing is said.
TYPES: dict[str, tuple[type, ...]] = {
    "nth": (int,),
    "times": (int, NoneType),
    "status": (int,),
    "seconds": (int, float),
    "chance": (int, float),
    "seed": (int,),
    "fields": (list,),
    "body": (str, list, dict),
}
LOCK_MESSAGE = "unable to obtain exclusive access to this record"


@dataclass(frozen=True)
class Target:
    """A record as a request names it: any of the three may be unknown."""

    object_name: str = ""
    record_id: str = ""
    values: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Rule:
    """One scripted fault. An empty matcher matches everything; `times` None means for ever."""

    action: str
    method: str = ""
    path: str = ""
    object: str = ""
    record_id: str = ""
    external_id: str = ""
    nth: int = 1
    times: int | None = 1
    chance: float = 1.0
    seed: int | None = None
    when: Literal["before", "after"] = "before"
    status: int = 503
    body: Any = None
    code: str = "UNABLE_TO_LOCK_ROW"
    message: str = LOCK_MESSAGE
    fields: list[str] = field(default_factory=list)
    seconds: float = 0.0
    name: str = ""
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.action not in REQUEST_ACTIONS | RECORD_ACTIONS:
            raise ApiError(
                "INVALID_FAULT",
                f"action: must be one of {sorted(REQUEST_ACTIONS | RECORD_ACTIONS)}",
            )
        if self.when not in ("before", "after"):
            raise ApiError("INVALID_FAULT", "when: must be before or after")
        if not 0 <= self.chance <= 1:
            raise ApiError("INVALID_FAULT", "chance: must be from 0 to 1")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ApiError("INVALID_FAULT", f"path: {error}") from error
        self.dice = random.Random(self.seed)  # noqa: S311  # guards no secret

    @property
    def moment(self) -> str:
        """When it happens; a body can be cut short only once there is one."""
        return "after" if self.action == "truncate" else self.when

    @property
    def names_record(self) -> bool:
        return bool(self.object or self.record_id or self.external_id)

    def fires(self) -> bool:
        """Count a match; True from the nth match on, by `chance`, as often as `times` allows."""
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.fired >= self.times):
            return False
        if self.dice.random() >= self.chance:
            return False
        self.fired += 1
        return True

    def matches_request(self, method: str, path: str) -> bool:
        return (not self.method or self.method == method) and bool(re.search(self.path, path))

    def matches_record(self, target: Target) -> bool:
        return (
            self.object in ("", target.object_name)
            and self.record_id in ("", target.record_id)
            and (not self.external_id or self.external_id in target.values)
        )


class Faults:
    """The rules in force, in the order in which they were given."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, descriptions: Iterable[dict[str, Any]]) -> None:
        """Append rules. ApiError names the first unknown or wrong key; then none is added."""
        self.rules += [parsed(description) for description in descriptions]

    def clear(self) -> None:
        self.rules.clear()

    def for_request(
        self, method: str, path: str, *, targets: Callable[[], Iterator[Target]]
    ) -> list[Rule]:
        """The request faults that fire now. `targets` is asked only when a rule names a record."""
        return [
            rule
            for rule in self.rules
            if rule.action in REQUEST_ACTIONS
            and rule.matches_request(method, path)
            and (not rule.names_record or any(rule.matches_record(each) for each in targets()))
            and rule.fires()
        ]

    def on_record(
        self, object_name: str, *, record_id: str, body: dict[str, Any], known: Iterable[Any] = ()
    ) -> dict[str, Any]:
        """The body that is really applied. RecordError when a rule refuses this record.

        `known` are the external ids that the record already has.
        """
        if not self.rules:
            return body
        target = target_of_record(object_name, record_id=record_id, body=body)
        target = replace(target, values=target.values.union(known))
        for rule in self.rules:
            if rule.action not in RECORD_ACTIONS or not rule.matches_record(target):
                continue
            if not rule.fires():
                continue
            if rule.action == "record_error":
                raise RecordError(rule.code, rule.message, fields=tuple(rule.fields))
            body = {name: value for name, value in body.items() if name not in rule.fields}
        return body


def parsed(description: Any) -> Rule:
    if not isinstance(description, dict):
        raise ApiError("INVALID_FAULT", "a fault is an object")
    for name, value in description.items():
        if not isinstance(value, TYPES.get(name, str)) or isinstance(value, bool):
            raise ApiError("INVALID_FAULT", f"{name}: {value!r} has the wrong type")
    try:
        return Rule(**description)
    except TypeError as error:
        raise ApiError("INVALID_FAULT", str(error)) from error


def target_of_record(object_name: str, *, record_id: str, body: dict[str, Any]) -> Target:
    values = frozenset(value for value in body.values() if isinstance(value, str))
    return Target(object_name=object_name, record_id=record_id, values=values)
