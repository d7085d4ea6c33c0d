"""Queries answered in the shape of the REST API: records, counts and pages."""

from dataclasses import replace
from itertools import chain
from typing import Any

from localorg.errors import ApiError
from localorg.org import Org
from localorg.schema import SObject
from localorg.soql.cursors import Cursor
from localorg.soql.shapes import compiled, prepared
from localorg.soql.statement import Statement
from localorg.soql.tree import GIVEN, OneOf, Path, Query

LARGEST_PAGE = 2000
SMALLEST_PAGE = 200


def first_page(
    org: Org, text: str, *, version: str, deleted_too: bool = False, page_size: int = LARGEST_PAGE
) -> dict[str, Any]:
    """The query's first page. ApiError when it is malformed or names what does not exist."""
    query, statement, parameters = prepared(text, deleted_too=deleted_too)
    if statement.is_count:
        return _counted(org, statement, parameters)
    page_size = min(max(page_size, SMALLEST_PAGE), LARGEST_PAGE)
    found = org.store.connection.execute(statement.sql, parameters)
    rows = found.fetchmany(page_size)
    records = [statement.record(row, version=version) for row in rows]
    rest = found.fetchone()
    if rest is None:
        return {"totalSize": len(records), "done": True, "records": records}
    record_ids = "".join(row[0] for row in chain(rows, [rest], found))
    cursor = Cursor(query, record_ids, page_size)
    locator = org.cursors.open(cursor)
    return {
        "totalSize": cursor.total,
        "done": False,
        "nextRecordsUrl": f"/services/data/v{version}/query/{locator}-{page_size}",
        "records": records,
    }


def next_page(org: Org, locator: str, *, version: str) -> dict[str, Any]:
    """The page that a `nextRecordsUrl` stands for."""
    key, _, start_text = locator.partition("-")
    if not start_text.isdigit():
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    cursor = org.cursors.find(key)
    end = int(start_text) + cursor.page_size
    wanted = cursor.page(int(start_text))
    answer: dict[str, Any] = {"totalSize": cursor.total, "done": True}
    if end < cursor.total:
        answer["done"] = False
        answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{key}-{end}"
    found = _found(org, cursor.query, wanted, deleted_too=True, version=version)
    return {**answer, "records": [found[each] for each in wanted if each in found]}


def records_by_id(
    org: Org, obj: SObject, record_ids: list[str], *, names: list[str], version: str
) -> list[dict[str, Any] | None]:
    """These fields of living records, all fields when none is named; None for one not there."""
    wanted = names or [each.name for each in obj.fields]
    paths = tuple(Path(tuple(name.split(".")), 1) for name in dict.fromkeys(wanted))
    query = Query(paths, obj.name, None, (), None, 0)
    found = _found(org, query, record_ids, deleted_too=False, version=version)
    return [found.get(each) for each in record_ids]


def _found(
    org: Org, query: Query, record_ids: list[str], *, deleted_too: bool, version: str
) -> dict[str, dict[str, Any]]:
    """What the query selects of these records, by id."""
    by_id = OneOf(Path(("Id",), 1), GIVEN, excluded=False)
    asked = replace(query, condition=by_id, orderings=(), limit=None, offset=0)
    statement = compiled(asked, deleted_too=deleted_too)
    rows = org.store.rows(statement.sql, statement.bound([record_ids]))
    return {row[0]: statement.record(row, version=version) for row in rows}


def _counted(org: Org, statement: Statement, parameters: list[Any]) -> dict[str, Any]:
    count = org.store.value(statement.sql, parameters)
    if statement.count_alias is None:
        return {"totalSize": count, "done": True, "records": []}
    result = {"attributes": {"type": "AggregateResult"}, statement.count_alias: count}
    return {"totalSize": 1, "done": True, "records": [result]}
