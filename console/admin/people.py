"""Users and groups. What a person may do follows from their groups alone."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any, Final

from django.contrib.admin import display
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ManyToManyField, Q, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from console.admin.base import ConsoleAdmin, DetailPage
from console.admin.parts import NONE, ago, at, badge, code
from console.admin.search import Term

ACTIVE = badge("Active", "good", "check_circle")
PEOPLE_SHOWN: Final = 200
INACTIVE = badge("Switched off", "calm", "power_settings_new")


class UserAdmin(ConsoleAdmin, DjangoUserAdmin[User]):
    """Neither the superuser mark nor single permissions are offered: with them an administrator
    could rise above the roles, unseen."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "roles", "state", "seen")
    list_filter = ()
    filter_horizontal = ()
    ordering = ("username",)
    sortable_by = ()
    readonly_fields = ("last_seen", "joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff", "groups")}),
        ("Dates", {"fields": ("last_seen", "joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2", "is_staff", "groups")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups")

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser is changed by a superuser only: else a new password would be a way up."""
        may = bool(super().has_change_permission(request, obj))
        return may and not self._is_above(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = bool(super().has_delete_permission(request, obj))
        return may and not self._is_above(request, obj)

    def _is_above(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is not None and obj.is_superuser and not request.user.is_superuser

    @display(description="Groups")
    def roles(self, obj: User) -> str:
        return ", ".join(sorted(group.name for group in obj.groups.all())) or "none"

    @display(description="State")
    def state(self, obj: User) -> SafeString:
        return ACTIVE if obj.is_active else INACTIVE

    @display(description="Last sign-in")
    def seen(self, obj: User) -> SafeString:
        return ago(obj.last_login) if obj.last_login else NONE

    @display(description="Last sign-in")
    def last_seen(self, obj: User) -> SafeString:
        return at(obj.last_login)

    @display(description="Joined")
    def joined(self, obj: User) -> SafeString:
        return at(obj.date_joined)


class GroupAdmin(DetailPage):
    """Read-only: the three roles are kept in step with the code."""

    detail_template = "console/record.html"
    list_display = ("name",)
    ordering = ("name",)
    search_help_text = "Name"

    def matches(self, term: Term) -> Q:
        return Q(name__icontains=term.text)

    def detail_context(self, request: HttpRequest, obj: Group) -> dict[str, Any]:
        rights = obj.permissions.order_by("content_type__model", "codename")
        people = obj.user_set.order_by("username")[:PEOPLE_SHOWN]
        return {
            "headline": obj.name,
            "about": [
                ("People", ", ".join(user.get_username() for user in people) or NONE),
                *((right.name, code(right.codename)) for right in rights),
            ],
        }
