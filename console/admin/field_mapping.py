"""Field mappings: which Salesforce opportunity value fills which field of a new quote."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console import mapped_fields
from console.admin.base import ConsoleAdmin
from console.admin.parts import badge, code
from console.models import FieldMapping
from console.salesforce.gateway import FieldInfo
from syncrules.field_mapping import mismatch
from syncrules.quote_fields import CUSTOM, KINDS, TARGETS, InvalidTarget, Target, target_of

ACTIVE = badge("Active", "good", "check_circle")
INACTIVE = badge("Switched off", "calm", "power_settings_new")
NOT_CHECKED: Final = (
    "Salesforce cannot be asked just now, so nobody checked that it has the field and that the "
    "types go together. Save once more when the connection is live."
)
_TARGETS: Final = [
    *((target.name, target.label) for target in TARGETS.values()),
    (CUSTOM, "A custom field of the quote"),
]


class FieldMappingForm(forms.ModelForm[FieldMapping]):
    """The source comes from the org's own description; typed freely when it cannot be asked."""

    target = forms.ChoiceField(
        label="Quote field", choices=_TARGETS, widget=UnfoldAdminSelectWidget()
    )
    custom_name = forms.CharField(
        label="Name of the custom field",
        required=False,
        max_length=60,
        help_text="For a custom field only: letters, digits and _, a letter first.",
        widget=UnfoldAdminTextInputWidget(),
    )

    offered: ClassVar[dict[str, FieldInfo] | None] = None
    """The opportunity fields of the org; None when it could not be asked."""

    class Meta:
        model = FieldMapping
        fields = ("source", "target", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        custom = self.instance.target.removeprefix(CUSTOM)
        if custom != self.instance.target:
            self.initial.update(target=CUSTOM, custom_name=custom)
        if self.offered is not None:
            self._offer(self.offered)

    @property
    def is_checked(self) -> bool:
        """Whether the source was looked up in Salesforce."""
        return self.offered is not None

    @cached_property
    def changed_data(self) -> list[str]:
        """Of the two fields that the target is made of, the model knows one."""
        changed = super().changed_data
        return list(dict.fromkeys("target" if n == "custom_name" else n for n in changed))

    def clean(self) -> dict[str, Any]:
        """What is switched off does no harm, and need not fit."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        target, source = self._target(cleaned), cleaned.get("source")
        if target is not None and source and cleaned.get("is_active"):
            self._check(source, target)
        return cleaned

    def _offer(self, offered: dict[str, FieldInfo]) -> None:
        choices = [
            (info.name, f"{info.label} ({info.name}, {info.type})")
            for info in sorted(offered.values(), key=lambda info: (info.label.lower(), info.name))
            if info.type in KINDS
        ]
        stored = self.instance.source
        info = _found(stored, offered)
        if info is not None:
            self.initial["source"] = info.name
        if stored and (info is None or info.type not in KINDS):
            choices.insert(0, (stored, f"{stored} (cannot be read)"))
        self.fields["source"] = forms.ChoiceField(
            label="Salesforce opportunity field",
            choices=[("", "---------"), *choices],
            widget=UnfoldAdminSelectWidget(),
        )

    def _target(self, cleaned: dict[str, Any]) -> Target | None:
        """The chosen quote field, put together under its stored name."""
        chosen = cleaned.get("target")
        if chosen == CUSTOM:
            chosen = f"{CUSTOM}{cleaned.get('custom_name', '')}"
        try:
            target = target_of(chosen) if chosen else None
        except InvalidTarget:
            self.add_error("custom_name", "Letters, digits and _, a letter first, at most 60.")
            return None
        if target is not None:
            cleaned["target"] = target.name
        return target

    def _check(self, source: str, target: Target) -> None:
        if self.offered is None:
            return
        info = _found(source, self.offered)
        if info is None:
            self.add_error(
                "source",
                f"Salesforce has no opportunity field {source}, or hides it from the integration "
                "user: choose another one, or switch the mapping off.",
            )
            return
        named = f"{info.label} ({info.name})"
        problem = mismatch(named, salesforce_type=info.type, target=target)
        if problem:
            self.add_error("target", problem)


def _found(name: str, offered: dict[str, FieldInfo]) -> FieldInfo | None:
    """Salesforce does not mind the case of a field's name."""
    return next((info for info in offered.values() if info.name.lower() == name.lower()), None)


class FieldMappingAdmin(ConsoleAdmin):
    form = FieldMappingForm
    list_display = ("target_shown", "source_shown", "state")
    ordering = ("target", "id")
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        may_edit = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        custom = ["custom_name"] if may_edit else []
        return ["source", "target", *custom, "is_active"]

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Salesforce is asked before the form's transaction begins, and not at all for a page that
        is only looked at."""
        is_permitted = self.has_change_permission if object_id else self.has_add_permission
        may_edit = is_permitted(request)
        request.offered = mapped_fields.offered() if may_edit else None  # type: ignore[attr-defined]
        page: HttpResponse = super().changeform_view(request, object_id, *args, **kwargs)
        return page

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.offered = request.offered  # type: ignore[attr-defined]
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if not form.is_checked:
            messages.warning(request, NOT_CHECKED)

    @display(description="Quote field")
    def target_shown(self, obj: FieldMapping) -> str:
        try:
            return target_of(obj.target).label
        except InvalidTarget:
            return obj.target

    @display(description="Filled from the Salesforce field")
    def source_shown(self, obj: FieldMapping) -> SafeString:
        return code(obj.source)

    @display(description="State")
    def state(self, obj: FieldMapping) -> SafeString:
        return ACTIVE if obj.is_active else INACTIVE
