# ruff: noqa: S608  # names come from the schema, values are parameters
"""Pages for people on this machine: what is in the org, and what arrived there."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from localorg import ids, journal, limits
from localorg.control import Endpoint, is_local
from localorg.org import Org
from localorg.schema import SCHEMA, Field, SObject
from localorg.soql import answer

Render = Callable[[Org, Request], tuple[int, str]]

HERE = Path(__file__).parent
PAGE_SIZE = 50
RELATED = 20
MOST_COLUMNS = 8
VERSION = "62.0"
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# What tells records of an object apart, before its other fields.
FIRST_COLUMNS = ("Name", "monetize__Id__c", "MN_Quote_Item_Id__c", "monetize__PrimaryQuote__c")


def page(render: Render) -> Endpoint:
    """The endpoint that shows this page to people on this machine."""

    # A coroutine, since plain functions run in threads and the data file belongs to this one.
    async def endpoint(request: Request) -> Response:
        if not is_local(request):
            return HTMLResponse("only for people on this machine", status_code=403)
        status, html = render(request.app.state.org, request)
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    return endpoint


def rendered(org: Org, template: str, **context: Any) -> str:
    usage = f"{limits.used(org)} of {org.settings.api_limit}"
    return TEMPLATES.get_template(template).render(objects=SCHEMA.values(), usage=usage, **context)


def missing(org: Org, what: str) -> tuple[int, str]:
    return 404, rendered(org, "missing.html", what=what)


def index(org: Org, _request: Request) -> tuple[int, str]:
    counts = {obj.name: count(org, obj) for obj in SCHEMA.values()}
    latest = journal.entries(org.store, limit=15, newest_first=True)
    return 200, rendered(org, "index.html", counts=counts, entries=latest)


def object_page(org: Org, request: Request) -> tuple[int, str]:
    """The newest records of one object, or those that a search finds."""
    obj = SCHEMA.get(request.path_params["name"].lower())
    if obj is None:
        return missing(org, f"There is no object {request.path_params['name']}.")
    search = request.query_params.get("q", "").strip()
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isdigit() and len(asked) < 8 else 1
    condition, parameters = searched(obj, search)
    total = count(org, obj, condition, parameters)
    rows = org.store.rows(
        f'SELECT "Id" FROM "{obj.name}" WHERE "IsDeleted" = 0{condition} '
        f'ORDER BY "SystemModstamp" DESC, "Id" DESC LIMIT {PAGE_SIZE} OFFSET ?',
        (*parameters, (max(number, 1) - 1) * PAGE_SIZE),
    )
    columns = columns_of(obj)
    names = ["Id", *(field.name for field in columns)]
    found = answer.records_by_id(org, obj, [row[0] for row in rows], names=names, version=VERSION)
    return 200, rendered(
        org,
        "object.html",
        obj=obj,
        columns=columns,
        records=found,
        search=search,
        number=max(number, 1),
        pages=max(math.ceil(total / PAGE_SIZE), 1),
        total=total,
    )


def record_page(org: Org, request: Request) -> tuple[int, str]:
    """Everything about one record: its fields, what refers to it, what was written to it."""
    record_id = ids.normalised(request.path_params["record_id"])
    obj = SCHEMA.by_prefix(record_id) if record_id else None
    history = journal.entries(org.store, record_id=record_id or "", limit=100, newest_first=True)
    row = org.store.find(obj, record_id) if obj and record_id else None
    if obj is None or record_id is None or (row is None and not history):
        return missing(org, f"There is no record {request.path_params['record_id'][:40]}.")
    [found] = answer.records_by_id(org, obj, [record_id], names=[], version=VERSION)
    return 200, rendered(
        org,
        "record.html",
        obj=obj,
        record_id=record_id,
        title=(found or {}).get("Name") or obj.label,
        record=found,
        related=related_lists(org, obj, record_id),
        entries=history,
    )


def related_lists(org: Org, obj: SObject, record_id: str) -> list[dict[str, Any]]:
    """The records that point here, by object and by the field that points."""
    lists = []
    for child, field in SCHEMA.referring_to(obj.name):
        children = org.store.ids_where(child, field, record_id)
        if not children:
            continue
        columns = [each for each in columns_of(child) if each.name != field.name]
        names = ["Id", *(each.name for each in columns)]
        shown = children[:RELATED]
        records = answer.records_by_id(org, child, shown, names=names, version=VERSION)
        lists.append(
            {
                "obj": child,
                "field": field,
                "columns": columns,
                "records": records,
                "total": len(children),
            }
        )
    return lists


def journal_page(org: Org, _request: Request) -> tuple[int, str]:
    latest = journal.entries(org.store, limit=200, newest_first=True)
    return 200, rendered(org, "journal.html", entries=latest)


def columns_of(obj: SObject) -> list[Field]:
    first = [obj.by_name[name.lower()] for name in FIRST_COLUMNS if name.lower() in obj.by_name]
    rest = [
        each for each in obj.fields if each not in first and each.kind not in ("id", "textarea")
    ]
    return [*first, *rest][:MOST_COLUMNS]


def searched(obj: SObject, search: str) -> tuple[str, list[str]]:
    """SQL for "the id, the name or an external id is or begins like this"."""
    if not search:
        return "", []
    record_id = ids.normalised(search)
    if record_id:
        return ' AND "Id" = ?', [record_id]
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named = [each for each in obj.stored if each.name == "Name" or each.external_id]
    tests = " OR ".join(f"\"{each.name}\" LIKE ? ESCAPE '\\'" for each in named) or "0"
    return f" AND ({tests})", [f"%{escaped}%"] * len(named)


def count(org: Org, obj: SObject, condition: str = "", parameters: list[str] | None = None) -> int:
    sql = f'SELECT COUNT(*) FROM "{obj.name}" WHERE "IsDeleted" = 0{condition}'
    return int(org.store.value(sql, parameters or []))


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.7f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return str(value)


def is_record_id(value: Any) -> bool:
    record_id = ids.normalised(value)
    return record_id is not None and len(str(value)) == 18 and bool(SCHEMA.by_prefix(record_id))


TEMPLATES.filters["shown"] = shown
TEMPLATES.tests["record_id"] = is_record_id


def routes() -> list[BaseRoute]:
    return [
        Route("/", page(index)),
        Route("/objects/{name}", page(object_page)),
        Route("/records/{record_id}", page(record_page)),
        Route("/journal", page(journal_page)),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
