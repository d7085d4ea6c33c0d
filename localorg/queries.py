"""`/query` and `/queryAll`.

Source: REST API Developer Guide, "Query", "QueryAll", "Query Options Header".
"""

import re

from localorg.calls import Answer, Call
from localorg.errors import ApiError
from localorg.org import Org
from localorg.soql import answer

BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d{1,6})")


def query(org: Org, call: Call) -> Answer:
    return _first(org, call, deleted_too=False)


def query_all(org: Org, call: Call) -> Answer:
    return _first(org, call, deleted_too=True)


def query_more(org: Org, call: Call, *, locator: str) -> Answer:
    return Answer(200, answer.next_page(org, locator, version=call.version))


def _first(org: Org, call: Call, *, deleted_too: bool) -> Answer:
    text = call.query.get("q")
    if not text:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    size = BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
    page = answer.first_page(
        org,
        text,
        version=call.version,
        deleted_too=deleted_too,
        page_size=int(size[1]) if size else answer.LARGEST_PAGE,
    )
    return Answer(200, page)
