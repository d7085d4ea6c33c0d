"""Which handler answers which call: one table for HTTP and for composite subrequests."""

from collections.abc import Callable
from typing import Any

from starlette.routing import compile_path

from localorg import composite, describe, limits, queries, sobject_collections, sobjects
from localorg.calls import Answer, Call, refusal
from localorg.errors import ApiError
from localorg.org import Org

Handler = Callable[..., Answer]


def dispatch(org: Org, call: Call) -> Answer:
    """The answer to a call; a refusal is an answer too."""
    try:
        handler, parameters = found(call)
        return handler(org, call, **parameters)
    except ApiError as error:
        return refusal(error)


def found(call: Call) -> tuple[Handler, dict[str, Any]]:
    """The handler and what the path gave it. ApiError 404 or 405 when there is none."""
    path_known = False
    for pattern, handlers in TABLE:
        match = pattern.fullmatch("/" + call.path)
        if match is None:
            continue
        path_known = True
        if call.method in handlers:
            return handlers[call.method], match.groupdict()
    if path_known:
        raise ApiError(
            "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.", status=405
        )
    raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)


def run_composite(org: Org, call: Call) -> Answer:
    return composite.run(org, call, dispatch=dispatch)


PATHS: dict[str, dict[str, Handler]] = {
    "/": {"GET": describe.resources},
    "/sobjects": {"GET": describe.everything},
    "/sobjects/{name}/describe": {"GET": describe.one},
    "/sobjects/{name}": {"GET": describe.basic, "POST": sobjects.create},
    "/sobjects/{name}/{key}": {
        "GET": sobjects.read,
        "PATCH": sobjects.update,
        "DELETE": sobjects.delete,
    },
    "/sobjects/{name}/{field}/{value:path}": {
        "GET": sobjects.read_by_external_id,
        "PATCH": sobjects.upsert,
        "DELETE": sobjects.delete_by_external_id,
    },
    "/query": {"GET": queries.query},
    "/queryAll": {"GET": queries.query_all},
    "/query/{locator}": {"GET": queries.query_more},
    "/queryAll/{locator}": {"GET": queries.query_more},
    "/composite": {"POST": run_composite},
    "/composite/sobjects": {
        "POST": sobject_collections.create,
        "PATCH": sobject_collections.update,
        "DELETE": sobject_collections.delete,
    },
    "/composite/sobjects/{name}": {
        "GET": sobject_collections.retrieve,
        "POST": sobject_collections.retrieve,
    },
    "/composite/sobjects/{name}/{field}": {"PATCH": sobject_collections.upsert},
    "/limits": {"GET": limits.read},
    "/limits/recordCount": {"GET": limits.record_count},
}
TABLE = [(compile_path(path)[0], handlers) for path, handlers in PATHS.items()]
