"""Whatever is looked for by the thousand is found, and nothing else."""

from __future__ import annotations

import pytest

from console.models import Opportunity
from tests.builders import make_opportunity

pytestmark = pytest.mark.django_db

PLAIN = ["Northwind", "", " ", "NULL", "null", "a,b", "{c}", "d'e", "%s", "ä€😀"]
TO_BE_ESCAPED = ['f"g', "h\\i", "\\", '"', '","']


@pytest.mark.parametrize("names", [PLAIN, TO_BE_ESCAPED, PLAIN + TO_BE_ESCAPED])
def test_text_of_any_kind_is_found(names: list[str]) -> None:
    for name in [*names, "another", "a", "b"]:
        make_opportunity(name=name)

    for wanted in (names, names[:1], names[::2], set(names)):
        found = Opportunity.objects.filter(name__any_of=wanted).values_list("name", flat=True)
        assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("field", ["pk", "name", "account"])
def test_nothing_is_found_among_nothing(field: str) -> None:
    make_opportunity()

    assert not Opportunity.objects.filter(**{f"{field}__any_of": []}).exists()


def test_numbers_are_found_as_such_and_through_a_relation() -> None:
    one, other, _ = (make_opportunity() for _ in range(3))

    by_id = Opportunity.objects.filter(pk__any_of={one.pk, other.pk, 0, -1})
    by_account = Opportunity.objects.filter(account__any_of=[one.account_id])

    assert set(by_id) == {one, other}
    assert list(by_account) == [one]
