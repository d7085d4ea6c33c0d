"""A file of account pairs in the browser: sent, shown row by row, confirmed, done as shown."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.models import Account, SalesforceConnection, SyncLog
from tests.admin.accounts import make_record, wait_for
from tests.builders import make_account
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
HEADER = "salesforce_account_id,mn_account_id\n"


@pytest.fixture
def record(org: Org, connected: SalesforceConnection) -> str:
    """A Salesforce account that nobody has matched."""
    return make_record(org, Name="Northwind Traders", Website="https://www.northwind.example")


def send(client: Client, text: str) -> str:
    file = SimpleUploadedFile("pairs.csv", text.encode(), content_type="text/csv")
    address = reverse("admin:console_account_mapping_import")
    return str(client.post(address, {"file": file}, follow=True).content.decode())


def confirm(client: Client, text: str) -> str:
    (shown,) = re.findall(r'name="shown" value="([^"]+)"', text)
    address = reverse("admin:console_account_mapping_import")
    return str(client.post(address, {"shown": shown}, follow=True).content.decode())


def test_a_file_is_shown_and_then_done(operator: Client, record: str) -> None:
    free, taken = make_account(name="Free", salesforce_id=None), make_account()
    pairs = f"{record},{free.mn_id}\n{sf_id('001')},{taken.mn_id}\nx,y\n"

    shown = send(operator, HEADER + pairs)
    assert "Match 1 of 3" in shown
    assert "Will be matched" in shown
    assert "The Salesforce account no longer exists" in shown
    assert "is not a Salesforce id" in shown
    assert not SyncLog.objects.exists()

    done = confirm(operator, shown)
    free.refresh_from_db()
    assert "1 of 1 matched" in done
    assert free.salesforce_id == record
    assert SyncLog.objects.get().trigger == "account_import"


def test_what_changed_since_is_left_alone_and_said(operator: Client, record: str) -> None:
    account = make_account(name="Free", salesforce_id=None)
    shown = send(operator, f"{HEADER}{record},{account.mn_id}\n")
    Account.objects.update(name="Renamed")

    done = confirm(operator, shown)

    assert "0 of 1 matched" in done
    assert "Changed since it was shown" in done
    assert not SyncLog.objects.exists()


def test_only_what_was_shown_to_oneself_can_be_confirmed(
    operator: Client, administrator: Client, record: str
) -> None:
    account = make_account(salesforce_id=None)
    shown = send(operator, f"{HEADER}{record},{account.mn_id}\n")

    assert "shown to somebody else" in confirm(administrator, shown)
    assert "too old" in confirm(operator, 'name="shown" value="forged:by:hand"')
    assert not SyncLog.objects.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [("a,b\n1,2\n", "no column named"), (HEADER, "No row"), ("\xff" * 10, "no column")],
)
def test_a_file_that_cannot_be_read_says_why(operator: Client, text: str, problem: str) -> None:
    assert problem in send(operator, text)


def test_no_file_at_all(operator: Client) -> None:
    address = reverse("admin:console_account_mapping_import")

    answer = operator.post(address, follow=True)

    assert "Choose a file first" in answer.content.decode()


def test_the_export_can_be_filled_in_and_holds_no_formula(
    operator: Client, org: Org, record: str
) -> None:
    evil = make_record(org, Name='=HYPERLINK("http://evil.example")')
    wait_for(record)
    wait_for(evil)
    account = make_account(salesforce_id=None)

    answer = operator.get(reverse("admin:console_account_mapping_export"))

    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert answer["Content-Disposition"].startswith("attachment")
    assert rows[0][:2] == ["salesforce_account_id", "mn_account_id"]
    assert [row[0] for row in rows[1:]] == [record, evil]
    assert rows[2][2].startswith("'=")

    filled = text.replace(f"{record},,", f"{record},{account.mn_id},")
    assert "Match 1 of 1" in send(operator, filled)
