"""What would happen now to the thing an id names: the same answer as page and command give."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from ninja import Router

from console.actor import Actor
from console.api import signature
from console.api.problems import Problem
from console.explain import Explanation, NothingFound, explain
from syncrules.json_form import to_json

router = Router(tags=["Explain"])

# What an explanation tells of; every role has these.
NEEDED: Final = ("console.view_opportunity", "console.view_synclog")


@router.get(
    "{path:id}",
    response={200: Explanation, 404: NothingFound},
    summary="Explain an id",
    auth=None,  # two ways to prove who asks, and a refusal is not an inbound event: see below
)
def explain_id(request: HttpRequest, id: str) -> JsonResponse:  # noqa: A002  its name in the address
    """Which flow would run now, every step with its evidence, the reason and the remedy.

    Accepts ids and addresses as docs/api.md lists them. Either the call is signed like the
    others, over an empty body, or it comes from a staff session. Changes nothing.
    """
    try:
        actor = _caller(request)
    except Problem as problem:
        return _json(problem.as_json(), status=problem.status)
    answer = explain(id, actor=actor)
    return _json(to_json(answer), status=404 if isinstance(answer, NothingFound) else 200)


def _caller(request: HttpRequest) -> Actor:
    """Who asks. Errors: Problem, which here leaves no trace: a question changes nothing."""
    if "client-id" in request.headers or not request.user.is_authenticated:
        return Actor.of_client(signature.authenticate(request))
    user = request.user
    if not (user.is_active and user.is_staff and user.has_perms(NEEDED)):
        raise Problem(403, "forbidden", "The role “viewer” or a higher one is needed.")
    return Actor.of_user(user)


def _json(body: Any, *, status: int) -> JsonResponse:
    options = {"ensure_ascii": False}
    return JsonResponse(
        body, status=status, json_dumps_params=options, headers={"Cache-Control": "no-store"}
    )
