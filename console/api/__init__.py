"""The inbound API. Its OpenAPI description is at /api/v1/docs, for people who are signed in."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from ninja import NinjaAPI

from console.api import problems, salesforce

api = NinjaAPI(
    title="Opportunity Sync Console",
    version="1",
    description="Records and events arrive here. Calls are signed; see docs/api.md.",
    docs_decorator=staff_member_required,
    urls_namespace="api-v1",
)
problems.install(api)
api.add_router("salesforce", salesforce.router)
