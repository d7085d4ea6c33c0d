"""The inbound API. Its OpenAPI description is at /api/v1/docs, for people who are signed in."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from ninja import NinjaAPI
from ninja.openapi.docs import Swagger

from console.api import explain, problems, product_preview, quote_initiations, salesforce
from console.api.upstream import endpoints
from console.api.upstream.bodies import ExactParser

api = NinjaAPI(
    title="Opportunity Sync Console",
    version="1",
    description="Records and events arrive here. Calls are signed; see docs/api.md.",
    # To be read, not tried: a browser cannot sign calls.
    docs=Swagger(settings={"supportedSubmitMethods": []}),
    docs_decorator=staff_member_required,
    urls_namespace="api-v1",
    parser=ExactParser(),
)
problems.install(api)
api.add_router("explain", explain.router)
api.add_router("salesforce", salesforce.router)
api.add_router("salesforce", quote_initiations.router)
api.add_router("quotes", product_preview.router)
api.add_router("", endpoints.router)

urls = api.urls
for _pattern in urls[0]:
    # Callers prove themselves by signature; the sign-in page is for people. The description of
    # the API stays behind it: its views carry a decorator of their own.
    setattr(_pattern.callback, "login_required", False)  # noqa: B010  as Django's decorator does
