from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.salesforce import batches
from console.salesforce.gateway import (
    RecordBusy,
    RecordGone,
    Rejected,
    SalesforceError,
    Unknown,
)
from syncrules.salesforce_id import to_18

CHANGES = [
    batches.Change(to_18(f"006{number:012d}"), {"monetize__Id__c": f"opp_{number}"})
    for number in range(3)
]
GOOD = [{"id": change.salesforce_id, "success": True, "errors": []} for change in CHANGES]

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
json_values = st.recursive(
    leaves | st.sampled_from(GOOD),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "success", "errors", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def refused(code: str) -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": "no", "fields": []}]}


def test_each_record_gets_its_own_outcome_by_position() -> None:
    answer = [refused("UNABLE_TO_LOCK_ROW"), GOOD[1], refused("STRING_TOO_LONG")]
    results = batches.results(answer, CHANGES)
    assert [type(one.error) for one in results] == [RecordBusy, type(None), Rejected]
    assert [one.salesforce_id for one in results] == [one.salesforce_id for one in CHANGES]
    assert [one.answer for one in results] == answer
    assert [one.sent for one in results] == [one.fields for one in CHANGES]


@given(json_values)
def test_only_a_confirmed_record_is_a_success(answer: object) -> None:
    for position, result in enumerate(batches.results(answer, CHANGES)):
        if result.error is None:
            assert isinstance(answer, list)
            assert len(answer) == len(CHANGES)
            assert answer[position]["success"] is True
            assert to_18(answer[position]["id"]) == CHANGES[position].salesforce_id


@given(st.permutations(range(3)))
def test_results_in_another_order_are_not_taken_for_success(order: list[int]) -> None:
    results = batches.results([GOOD[position] for position in order], CHANGES)
    in_place = [position == index for index, position in enumerate(order)]
    assert [one.error is None for one in results] == in_place


@pytest.mark.parametrize(
    "item",
    [
        {"success": "true", "id": CHANGES[0].salesforce_id},
        {"success": 1, "id": CHANGES[0].salesforce_id},
        {"success": True},
        {"success": True, "id": "nonsense"},
        {"id": CHANGES[0].salesforce_id},
        {"success": False},
        {"success": False, "errors": []},
        {"success": False, "errors": ["locked"]},
        [],
        None,
    ],
)
def test_a_malformed_item_leaves_its_record_unknown_and_the_others_alone(item: object) -> None:
    first, *others = batches.results([item, GOOD[1], GOOD[2]], CHANGES)
    assert type(first.error) is Unknown
    assert [one.error for one in others] == [None, None]


@pytest.mark.parametrize("answer", [None, {}, [], GOOD[:2], [*GOOD, GOOD[0]]])
def test_an_answer_of_another_length_leaves_all_unknown(answer: object) -> None:
    assert {type(one.error) for one in batches.results(answer, CHANGES)} == {Unknown}


def test_a_fifteen_character_id_confirms_too() -> None:
    short = [{**item, "id": str(item["id"])[:15]} for item in GOOD]
    assert [one.error for one in batches.results(short, CHANGES)] == [None] * 3


def test_a_call_given_up_sent_nothing() -> None:
    error = RecordGone("NOT_FOUND", "no")
    assert [one.sent for one in batches.given_up(CHANGES, error)] == [{}] * 3


@given(json_values)
def test_a_composite_answer_is_matched_or_refused(answer: object) -> None:
    with pytest.raises(SalesforceError):
        batches.composite_bodies(answer, expected=2)


@pytest.mark.parametrize("status", [None, "200", True])
def test_a_subresponse_without_status_is_refused(status: object) -> None:
    part = {"httpStatusCode": status, "referenceId": "part0", "body": []}
    with pytest.raises(Unknown, match="httpStatusCode"):
        batches.composite_bodies({"compositeResponse": [part]}, expected=1)


def test_calls_hold_a_thousand_and_keep_the_order() -> None:
    changes = [batches.Change(f"{n}", {"Name": "x"}) for n in range(2100)]
    calls = list(batches.calls(changes))
    assert [sum(len(part) for part in call) for call in calls] == [1000, 1000, 100]
    assert [len(part) for part in calls[0]] == [200] * 5
    assert [change for call in calls for part in call for change in part] == changes
