"""The Salesforce connection: credentials that go in and never come out, and whether they work."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from console.admin import budget_card, rights, wording
from console.admin.base import ConsoleAdmin, page_of
from console.admin.parts import NONE, ago, at, code
from console.admin.secrets_form import SecretField
from console.flows import check_connection
from console.models import SalesforceConnection
from console.salesforce.addresses import InvalidAddress, check_base_url

SECRETS: Final = ("client_secret", "private_key")
MAY_CHANGE: Final = "console.change_salesforceconnection"


class ConnectionForm(forms.ModelForm[SalesforceConnection]):
    client_secret = SecretField(label="Consumer secret")
    private_key = SecretField(label="Private key (PEM, for the JWT bearer flow)", is_multiline=True)

    class Meta:
        model = SalesforceConnection
        fields = (
            "name",
            "base_url",
            "client_id",
            "username",
            "is_active",
            "share_percent",
            "reserve_percent",
            *SECRETS,
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The stored secrets must not become anybody's initial value.
        self._stored = {name: getattr(self.instance, name) for name in SECRETS}
        self.initial.update(dict.fromkeys(SECRETS, ""))

    def clean_base_url(self) -> str:
        try:
            return check_base_url(self.cleaned_data["base_url"].strip())
        except InvalidAddress as error:
            raise ValidationError(str(error)) from error

    def clean_client_secret(self) -> str:
        return self._kept_or_new("client_secret")

    def clean_private_key(self) -> str:
        return self._kept_or_new("private_key")

    def _kept_or_new(self, name: str) -> str:
        return str(self.cleaned_data[name] or self._stored[name])

    def clean(self) -> dict[str, Any]:
        """Whoever points the connection elsewhere must know the secrets: they go there."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        moves = self.instance.pk and "base_url" in self.changed_data
        for name in SECRETS:
            if moves and self._stored[name] and name not in self.changed_data:
                self.add_error(name, "The address has changed: enter this again.")
        if not any(cleaned.get(name) for name in SECRETS) and not self.errors:
            raise ValidationError("Enter a consumer secret, or a user name with a private key.")
        return cleaned


class SalesforceConnectionAdmin(ConsoleAdmin):
    form = ConnectionForm
    list_display = ("name", "state_shown", "since", "base_url", "calls", "is_active")
    change_form_outer_before_template = "console/above_form.html"
    fieldsets = (
        (None, {"fields": ("name", "base_url", "is_active")}),
        (
            "Credentials",
            {
                "fields": ("client_id", "client_secret", "username", "private_key"),
                "description": "A consumer secret for the client credentials flow, or a user name "
                "with a private key for the JWT bearer flow.",
            },
        ),
        ("API budget", {"fields": ("share_percent", "reserve_percent")}),
    )
    sortable_by = ()

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001  Django's
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and {"base_url", "client_id", "username", *SECRETS} & {*form.changed_data}:
            messages.info(request, "Check the connection to see whether the new credentials work.")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        connection = self.get_object(request, object_id)
        extra = self._state(request, connection) if connection else {}
        page: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **extra}
        )
        return page

    def _state(self, request: HttpRequest, connection: SalesforceConnection) -> dict[str, Any]:
        card = budget_card.card(connection)
        return {
            "headline": connection.name,
            "badges": [wording.connection_badge(connection.state), card["paused"]],
            "last_error": connection.detail,
            "sentences": [card["pause"], card["who_waits"], card["forecast"]],
            "bars": card["bars"],
            "about": [
                ("In this state since", at(connection.state_since)),
                ("Organization", code(connection.organization_id)),
                ("Polled until", at(connection.polled_until)),
                ("Last push that went through", at(connection.succeeded_at)),
                *((f"Calls left: {who.lower()}", calls) for who, calls in card["left"]),
            ],
            "controls": [
                rights.control(
                    request,
                    "Check the connection",
                    icon="network_check",
                    address=reverse(
                        "admin:console_salesforceconnection_check", args=[connection.pk]
                    ),
                    permission=MAY_CHANGE,
                )
            ],
        }

    def get_urls(self) -> list[URLPattern]:
        check = path(
            "<path:object_id>/check/",
            self.admin_site.admin_view(require_POST(self.check_view)),
            name="console_salesforceconnection_check",
        )
        return [check, *super().get_urls()]

    def check_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Logs in to Salesforce, now, and says how it went."""
        rights.require(request, MAY_CHANGE)
        connection = self.get_object(request, object_id)
        if connection is None:
            raise Http404("There is no such connection.")
        result = check_connection.run(connection.pk)
        say = messages.success if result.is_live else messages.error
        say(request, result.sentence)
        return HttpResponseRedirect(page_of(connection))

    @display(description="State")
    def state_shown(self, obj: SalesforceConnection) -> SafeString:
        return wording.connection_badge(obj.state)

    @display(description="Since")
    def since(self, obj: SalesforceConnection) -> SafeString:
        return ago(obj.state_since)

    @display(description="API calls in 24 h")
    def calls(self, obj: SalesforceConnection) -> SafeString | str:
        return _calls(obj)


def _calls(connection: SalesforceConnection) -> SafeString | str:
    if connection.calls_used is None or connection.calls_allowed is None:
        return NONE
    return f"{connection.calls_used:,} of {connection.calls_allowed:,}"
