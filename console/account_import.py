"""A file of account pairs: what each row would do, and then exactly that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console import spreadsheet
from console.actor import Actor
from console.flows import map_account
from console.flows.map_account import ChangedSinceShown, Names, Pair
from console.models import SyncLog
from console.reading import read_accounts
from console.spreadsheet import Unreadable
from syncrules import salesforce_id
from syncrules.decisions import Decision

RECORD: Final = "salesforce_account_id"
ACCOUNT: Final = "mn_account_id"
COLUMNS: Final = (RECORD, ACCOUNT, "salesforce_account_name", "website", "currency")
"""Of a file to fill in; the last three are for people to read."""

MOST_ROWS: Final = 500
MOST_BYTES: Final = 512 * 1024
_MN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file and its number. `problem`: why it cannot be acted upon at all."""

    number: int
    record: str
    account: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row would do now. No decision: the row has a problem of its own."""

    row: Row
    names: Names
    decision: Decision | None = None

    @property
    def is_to_be_done(self) -> bool:
        return self.decision is not None and bool(self.decision.effects)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row that a person saw and confirmed."""

    number: int
    record: str
    account: str
    names: Names


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a confirmed row. No entry: it had changed since it was shown."""

    shown: Shown
    entry: SyncLog | None


def read_file(content: bytes) -> list[Row]:
    """The rows in which an MN account was chosen, counted as a spreadsheet counts them.

    Errors: Unreadable.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file is over {MOST_BYTES // 1024} KiB.")
    table = spreadsheet.read(content, needs=(RECORD, ACCOUNT), most=MOST_ROWS)
    chosen = [_row(number, cells) for number, cells in enumerate(table, 2) if cells.get(ACCOUNT)]
    if not chosen:
        raise Unreadable(f"No row has a value under {ACCOUNT}.")
    return _without_repeats(chosen)


def dry_run(rows: Sequence[Row]) -> list[Verdict]:
    """What each row would do now, in their order; changes nothing. Errors: SalesforceError."""
    sound = [row for row in rows if not row.problem]
    previews = map_account.preview_many([Pair(row.record, row.account) for row in sound])
    verdicts = {
        row.number: Verdict(row, map_account.names(facts), decision)
        for row, (facts, decision) in zip(sound, previews, strict=True)
    }
    return [verdicts.get(row.number) or Verdict(row, Names("", "")) for row in rows]


def apply(rows: Sequence[Shown], *, actor: Actor) -> list[Result]:
    """What became of each row. Each is decided anew under its locks: one that would be refused by
    now is, and one whose accounts are called otherwise by now is left alone.

    Errors: SalesforceError when Salesforce cannot be read; nothing is written then.
    """
    reading = read_accounts({row.record for row in rows})
    results = []
    for row in rows:
        try:
            entry = map_account.run(
                Pair(row.record, row.account),
                trigger="account_import",
                actor=actor,
                reading=reading,
                shown=row.names,
            )
        except ChangedSinceShown:
            results.append(Result(row, None))
        else:
            results.append(Result(row, entry))
    return results


def _row(number: int, cells: Mapping[str, str]) -> Row:
    record, account = cells.get(RECORD, ""), cells[ACCOUNT]
    try:
        record = salesforce_id.to_18(record, prefix=salesforce_id.ACCOUNT)
    except salesforce_id.InvalidSalesforceId as error:
        return Row(number, record, account, f"{RECORD}: {error}.")
    if not _MN_ID.fullmatch(account):
        return Row(number, record, account, f"{ACCOUNT}: expected letters, digits, - and _.")
    return Row(number, record, account)


def _without_repeats(rows: Sequence[Row]) -> list[Row]:
    """Each account once; the second mention is told of the first."""
    seen: dict[str, int] = {}
    checked = []
    for row in rows:
        earlier = seen.get(row.record) or seen.get(row.account)
        if earlier and not row.problem:
            checked.append(
                Row(row.number, row.record, row.account, f"Row {earlier} has it already.")
            )
            continue
        checked.append(row)
        if not row.problem:
            seen |= {row.record: row.number, row.account: row.number}
    return checked
