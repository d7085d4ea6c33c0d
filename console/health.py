"""`/healthz`: the process answers. `/readyz`: everything it needs answers too."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from console import connections, doorbell, outbox


@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 unless the database answers with the schema of this version.

    Redis and Salesforce are reported but not required: pages work and pushes wait without them.
    """
    try:
        is_migrated = _is_migrated()
        state = connections.fact(connections.in_force()).state
        due = outbox.due_count()
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    report = {
        "database": "ok" if is_migrated else "migrations are missing",
        "redis": "ok" if doorbell.is_reachable() else "down; the sweep drains meanwhile",
        "salesforce": state,
        "pushes_due": due,
    }
    return JsonResponse(report, status=200 if is_migrated else 503)


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
