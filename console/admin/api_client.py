"""API clients: their secret is made here, shown once, and can be rotated without an outage."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

import secrets
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import display
from django.db.models import ManyToManyField
from django.forms import ModelForm, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from console.admin import rights
from console.admin.base import ConsoleAdmin, page_of
from console.admin.parts import ago, at, badge
from console.models import ApiClient

MAY_CHANGE: Final = "console.change_apiclient"
ACTIVE = badge("Active", "good", "check_circle")
INACTIVE = badge("Switched off", "calm", "power_settings_new")
ROTATING = badge("Two secrets accepted", "info", "sync_lock")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class ApiClientAdmin(ConsoleAdmin):
    list_display = ("name", "key", "state", "created")
    fields = ("name", "key", "is_active", "groups")
    change_form_outer_before_template = "console/above_form.html"
    sortable_by = ()

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field: ModelMultipleChoiceField[Any] | None = super().formfield_for_manytomany(
            db_field, request, **kwargs
        )
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: Any) -> None:
        if not change:
            obj.secret = new_secret()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ApiClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._show_secret(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        client = self.get_object(request, object_id)
        extra = self._state(request, client) if client else {}
        page: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **extra}
        )
        return page

    def _state(self, request: HttpRequest, client: ApiClient) -> dict[str, Any]:
        def button(label: str, icon: str, action: str, lock: str = "") -> rights.Control:
            address = reverse(f"admin:console_apiclient_{action}", args=[client.pk])
            return rights.control(
                request, label, icon=icon, address=address, permission=MAY_CHANGE, lock=lock
            )

        locks = ["Retire the previous secret first.", ""]
        if not client.previous_secret:
            locks = ["", "There is no previous secret."]
        return {
            "headline": client.name,
            "badges": _badges(client),
            "about": [("Created", at(client.created_at))],
            "controls": [
                button("Rotate the secret", "sync_lock", "rotate", locks[0]),
                button("Retire the previous secret", "lock_reset", "retire", locks[1]),
            ],
        }

    def get_urls(self) -> list[URLPattern]:
        views = {"rotate": self.rotate_view, "retire": self.retire_view}
        actions = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"console_apiclient_{name}",
            )
            for name, view in views.items()
        ]
        return [*actions, *super().get_urls()]

    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A new secret; the one so far stays good until it is retired."""
        client = self._find(request, object_id)
        if client.previous_secret:  # pressed twice: the sender may still use the first of three
            messages.warning(request, "Retire the previous secret first.")
            return HttpResponseRedirect(page_of(client))
        client.previous_secret, client.secret = client.secret, new_secret()
        client.save(update_fields=["previous_secret", "secret"])
        self.log_change(request, client, "Rotated the secret.")
        return self._show_secret(request, client)

    def retire_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """From now on only the newest secret is good."""
        client = self._find(request, object_id)
        client.previous_secret = ""
        client.save(update_fields=["previous_secret"])
        self.log_change(request, client, "Retired the previous secret.")
        messages.success(request, "Only the newest secret is accepted now.")
        return HttpResponseRedirect(page_of(client))

    def _find(self, request: HttpRequest, object_id: str) -> ApiClient:
        rights.require(request, MAY_CHANGE)
        client: ApiClient | None = self.get_object(request, object_id)
        if client is None:
            raise Http404("There is no such API client.")
        return client

    def _show_secret(self, request: HttpRequest, client: ApiClient) -> HttpResponse:
        """The one answer that ever carries the secret. It is no redirect, so that it is kept in
        no session, cookie or message."""
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": client,
            "title": client.name,
            "page": page_of(client),
        }
        return TemplateResponse(request, "console/new_secret.html", context)

    @display(description="State")
    def state(self, obj: ApiClient) -> SafeString:
        return _badges(obj)[0]

    @display(description="Created")
    def created(self, obj: ApiClient) -> SafeString:
        return ago(obj.created_at)


def _badges(client: ApiClient) -> list[SafeString]:
    state = ACTIVE if client.is_active else INACTIVE
    return [state, ROTATING] if client.previous_secret else [state]
