"""Overrides as CSV: out, in by way of a dry run, and then exactly what was shown."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.models import QuoteItem
from tests import builders
from tests.admin.reading import hidden, text
from tests.facts import NOON
from tests.portfolio import licence, make_linked, one_time

pytestmark = pytest.mark.django_db

IMPORT = reverse("admin:console_overrides_import")


def _upload(client: Client, content: str) -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile("o.csv", content.encode())})


def test_what_is_exported_is_read_again_and_changes_nothing(operator: Client) -> None:
    quote = make_linked()
    licence(quote, override="Never", override_reason="=1+1")
    one_time(quote)

    written = operator.get(reverse("admin:console_quote_overrides_export", args=[quote.pk]))
    shown = text(_upload(operator, written.content.decode()))

    assert "0 will be set, 2 are so already, 0 refused" in shown


def test_rows_are_judged_before_and_set_after_confirming(operator: Client) -> None:
    quote = make_linked()
    good, locked = licence(quote), licence(builders.make_quote(status="ACCEPTED"))
    content = (
        "line,override,reason\n"
        f"{good.mn_id},never,billed elsewhere\n"
        f"{locked.mn_id},Always,late\n"
        "nobody,Always,x\n"
        f"{good.mn_id},sometimes,x\n"
    )

    shown = _upload(operator, content)

    assert "1 will be set, 0 are so already, 3 refused" in text(shown)
    assert "none of Always, Never and blank" in text(shown)
    assert not QuoteItem.objects.exclude(override="").exists()
    operator.post(IMPORT, {"shown": hidden(shown, "shown")})
    good.refresh_from_db()
    assert (good.override, good.override_reason) == ("Never", "billed elsewhere")


def test_a_row_that_changed_since_it_was_shown_is_refused_by_name(operator: Client) -> None:
    quote = make_linked()
    first, second = licence(quote), licence(quote)
    content = f"line,override,reason\n{first.mn_id},Never,x\n{second.mn_id},Never,x\n"
    shown = _upload(operator, content)
    QuoteItem.objects.filter(pk=first.pk).update(override="Always", override_at=NOON)

    answer = operator.post(IMPORT, {"shown": hidden(shown, "shown")})

    assert "Refused, since they changed after they were shown" in text(answer)
    assert first.mn_id in text(answer)
    assert "1 of 2 overrides were set" in text(answer)
    assert dict(QuoteItem.objects.values_list("mn_id", "override")) == {
        first.mn_id: "Always",
        second.mn_id: "Never",
    }


@pytest.mark.parametrize("content", ["", "line\nx\n", "line,override,reason\n"])
def test_a_file_that_is_no_such_table_is_refused(operator: Client, content: str) -> None:
    page = text(_upload(operator, content))

    assert "There is no column" in page or "has no rows" in page or "Choose a file" in page


def test_only_who_may_override_may_import(viewer: Client, operator: Client) -> None:
    assert viewer.get(IMPORT).status_code == 403
    assert operator.get(IMPORT).status_code == 200
    said = operator.post(IMPORT, {"shown": "made up"})
    assert "shown too long ago" in text(said)


def test_all_overrides_that_are_set_can_be_downloaded(viewer: Client) -> None:
    hidden = licence(make_linked(), override="Never", override_reason="secret")
    hidden.quote.readers.add(Group.objects.create(name="deal desk"))
    line = licence(make_linked(), override="Always", override_reason="strategic")

    answer = viewer.get(reverse("admin:console_overrides_export"))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["line"], row["reason"]) for row in rows] == [(line.mn_id, "strategic")]
