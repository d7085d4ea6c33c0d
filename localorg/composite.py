"""`/composite`: up to 25 calls in one, where a later call may use what an earlier one returned.

Source: REST API Developer Guide, "Composite".
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from localorg.calls import Answer, Call, refusal
from localorg.errors import ApiError
from localorg.jsontext import encoded
from localorg.org import Org

MOST_CALLS = 25
MOST_QUERIES_AND_COLLECTIONS = 5
REFERENCE = re.compile(r"@\{([^}]+)\}")
STEP = re.compile(r"\.?([A-Za-z_]\w*)|\[(\d+)\]")
URL = re.compile(r"/services/data/v(\d+\.\d)/(.+)", re.DOTALL)
HALTED = ApiError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)

Dispatch = Callable[[Org, Call], Answer]


def run(org: Org, call: Call, *, dispatch: Dispatch) -> Answer:
    """The answers of all subrequests, in order. ApiError when the request itself is wrong."""
    body = call.json_object()
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise ApiError("JSON_PARSER_ERROR", "compositeRequest must be an array of objects")
    _check(requests)
    answers: dict[str, Answer] = {}
    if body.get("allOrNone") is not True:
        for each in requests:
            answers[each["referenceId"]] = _one(org, call, each, answers, dispatch)
    else:
        _all_or_none(org, call, requests, answers, dispatch)
    results = [_result(answers[each["referenceId"]], each["referenceId"]) for each in requests]
    return Answer(200, {"compositeResponse": results})


def subcalls(body: Any) -> list[tuple[str, str, Any]]:
    """Method, path and body of every subrequest that is one; what scripted faults look at."""
    listed = body.get("compositeRequest") if isinstance(body, dict) else None
    return [
        (str(each.get("method")), each["url"], each.get("body"))
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and isinstance(each.get("url"), str)
    ]


def _check(requests: list[dict[str, Any]]) -> None:
    if len(requests) > MOST_CALLS:
        raise ApiError("LIMIT_EXCEEDED", f"The limit of {MOST_CALLS} subrequests was exceeded")
    for each in requests:
        missing = [
            key for key in ("method", "url", "referenceId") if not isinstance(each.get(key), str)
        ]
        if missing:
            raise ApiError("JSON_PARSER_ERROR", f"a subrequest needs {', '.join(missing)}")
    names = [each["referenceId"] for each in requests]
    if len(set(names)) < len(names):
        raise ApiError("INVALID_INPUT", "referenceId must be unique within the request")
    heavy = [each for each in requests if re.search(r"/v\d+\.\d/(query|composite/)", each["url"])]
    if len(heavy) > MOST_QUERIES_AND_COLLECTIONS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"The limit of {MOST_QUERIES_AND_COLLECTIONS} query and sObject Collections "
            "subrequests was exceeded",
        )


def _all_or_none(
    org: Org,
    call: Call,
    requests: list[dict[str, Any]],
    answers: dict[str, Answer],
    dispatch: Dispatch,
) -> None:
    """Run until one fails; then undo all, and say so in every other answer."""
    with org.store.transaction() as transaction:
        for each in requests:
            answers[each["referenceId"]] = _one(org, call, each, answers, dispatch)
            if not _succeeded(answers[each["referenceId"]]):
                transaction.undo()
                break
    for each in requests:
        found = answers.get(each["referenceId"])
        if transaction.undone and (found is None or _succeeded(found)):
            answers[each["referenceId"]] = refusal(HALTED)


def _succeeded(answer: Answer) -> bool:
    """A collection that refused a record counts as failed, though its status is 200."""
    if answer.status >= 300:
        return False
    items = answer.body if isinstance(answer.body, list) else []
    return all(item.get("success", True) for item in items if isinstance(item, dict))


def _one(
    org: Org,
    call: Call,
    request: dict[str, Any],
    answers: dict[str, Answer],
    dispatch: Dispatch,
) -> Answer:
    try:
        inner = _inner_call(call, request, answers)
    except ApiError as error:
        return refusal(error)
    return dispatch(org, inner)


def _inner_call(call: Call, request: dict[str, Any], answers: dict[str, Answer]) -> Call:
    url = urlsplit(_filled(request["url"], answers))
    matched = URL.fullmatch(url.path)
    if matched is None or matched[2].strip("/") == "composite":
        raise ApiError("INVALID_INPUT", f"The url is invalid: {request['url'][:200]}")
    headers = request.get("httpHeaders") or {}
    return Call(
        method=request["method"].upper(),
        path=unquote(matched[2]).strip("/"),
        version=matched[1],
        request_id=call.request_id,
        user_id=call.user_id,
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        body=_filled(request.get("body"), answers),
    )


def _filled(value: Any, answers: dict[str, Answer]) -> Any:
    """The value with every `@{reference.path}` replaced by what it refers to."""
    # Few bodies refer to anything, and their text tells so sooner than a walk through them.
    return _replaced(value, answers) if b"@{" in encoded(value) else value


def _replaced(value: Any, answers: dict[str, Answer]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(each, answers) for name, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, answers) for each in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return _referred(whole[1], answers)
    return REFERENCE.sub(lambda match: str(_referred(match[1], answers)), value)


def _referred(expression: str, answers: dict[str, Answer]) -> Any:
    steps = [name or int(index) for name, index in STEP.findall(expression)]
    found = answers.get(str(steps[0])) if steps else None
    if found is None or not _succeeded(found):
        raise ApiError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {expression} found. Please check the "
            "referenced request's result.",
        )
    value = found.body
    for step in steps[1:]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise ApiError(
                "PROCESSING_HALTED", f"Invalid reference specified. No value for {expression} found"
            ) from None
    return value


def _result(answer: Answer, reference: str) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }
