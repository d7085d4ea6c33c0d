"""A file of account pairs: read with care, tried without a trace, and then done as shown."""

from __future__ import annotations

import pytest

from console import account_import
from console.account_import import Shown, Verdict
from console.actor import Actor
from console.models import Account, SalesforceConnection, SyncLog
from console.spreadsheet import Unreadable
from tests.builders import make_account
from tests.facts import sf_id
from tests.org import Org

HEADER = "salesforce_account_id,mn_account_id\n"
GOOD = "001Qy0000012345"
VERA = Actor(name="vera")


def rows(text: str) -> list[tuple[int, str, str]]:
    """Number, MN account and problem of each row."""
    found = account_import.read_file(text.encode())
    return [(row.number, row.account, row.problem) for row in found]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert rows(f"{HEADER}{GOOD},acct_1\n001Qy0000099999IAA,\n{sf_id('001')},acct_2\n") == [
        (2, "acct_1", ""),
        (4, "acct_2", ""),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "no column named salesforce_account_id", id="empty"),
        pytest.param(f"salesforce_account_id\n{GOOD}", "mn_account_id", id="a column is missing"),
        pytest.param(HEADER, "No row", id="no row"),
        pytest.param(f"{HEADER}{GOOD},\n", "No row", id="nothing chosen"),
        pytest.param(HEADER + f"{GOOD},acct_1\n" * 501, "501 rows", id="too many rows"),
        pytest.param(HEADER + "x" * 600_000, "512 KiB", id="too large"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        account_import.read_file(text.encode())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        pytest.param("006Qy0000012345,acct_1", "expected an id that starts with 001", id="a deal"),
        pytest.param("=1+1,acct_1", "not a Salesforce id", id="a formula"),
        pytest.param(f"{GOOD},a b", "expected letters", id="no MN id"),
        pytest.param(",acct_1", "not a Salesforce id", id="no record"),
    ],
)
def test_a_row_that_cannot_be_acted_upon_says_why(cells: str, words: str) -> None:
    ((_, _, problem),) = rows(HEADER + cells)

    assert words in problem


def test_each_account_may_stand_in_the_file_once() -> None:
    other = sf_id("001")

    found = rows(f"{HEADER}{GOOD},acct_1\n{GOOD},acct_2\n{other},acct_1\n{other},acct_3\n")

    assert [problem for _, _, problem in found] == [
        "",
        "Row 2 has it already.",
        "Row 2 has it already.",
        "",
    ]


# --- With both sides -----------------------------------------------------------------------------


def read_and_try(*pairs: tuple[str, str]) -> list[Verdict]:
    body = "".join(f"{record},{account}\n" for record, account in pairs)
    return account_import.dry_run(account_import.read_file((HEADER + body).encode()))


def confirmed(verdicts: list[Verdict]) -> list[Shown]:
    return [
        Shown(each.row.number, each.row.record, each.row.account, each.names)
        for each in verdicts
        if each.is_to_be_done
    ]


@pytest.fixture
def records(org: Org, connected: SalesforceConnection) -> list[str]:
    ids = [sf_id("001") for _ in range(3)]
    org.load(Account=[{"Id": each, "Name": f"Record {each}"} for each in ids])
    return ids


def reasons(verdicts: list[Verdict]) -> list[str | None]:
    return [each.decision.reason.value if each.decision else None for each in verdicts]


@pytest.mark.django_db
def test_every_row_is_told_its_verdict_and_nothing_is_written(records: list[str]) -> None:
    free, taken = make_account(salesforce_id=None), make_account()

    verdicts = read_and_try(
        (records[0], free.mn_id),
        (records[1], taken.mn_id),
        (records[2], "acct_none"),
        (sf_id("001"), "acct_other"),
        ("nonsense", "acct_4"),
    )

    assert reasons(verdicts) == [
        "account_linked",
        "conflicting_association",
        "account_unknown",
        "salesforce_account_gone",
        None,
    ]
    assert [each.is_to_be_done for each in verdicts] == [True, False, False, False, False]
    assert not SyncLog.objects.exists()


@pytest.mark.django_db
def test_what_was_shown_is_done(records: list[str]) -> None:
    accounts = [make_account(salesforce_id=None) for _ in records]
    pairs = [(r, a.mn_id) for r, a in zip(records, accounts, strict=True)]

    results = account_import.apply(confirmed(read_and_try(*pairs)), actor=VERA)

    assert [each.entry.reason for each in results if each.entry] == ["account_linked"] * 3
    stored = Account.objects.values_list("salesforce_id", "mn_id")
    assert sorted(stored) == sorted(pairs)


@pytest.mark.django_db
def test_what_changed_since_is_refused_row_by_row(records: list[str]) -> None:
    first, second, third = (make_account(salesforce_id=None) for _ in records)
    pairs = zip(records, (first.mn_id, second.mn_id, third.mn_id), strict=True)
    shown = confirmed(read_and_try(*pairs))
    Account.objects.filter(pk=first.pk).update(name="Renamed since")
    elsewhere = sf_id("001")
    Account.objects.filter(pk=second.pk).update(salesforce_id=elsewhere)

    results = account_import.apply(shown, actor=VERA)

    assert [each.entry.reason if each.entry else None for each in results] == [
        None,
        "conflicting_association",
        "account_linked",
    ]
    assert [Account.objects.get(pk=each.pk).salesforce_id for each in (first, second, third)] == [
        None,
        elsewhere,
        records[2],
    ]
