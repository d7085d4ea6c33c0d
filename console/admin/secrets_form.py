"""Form fields for secrets: they take a new value and never show one, not even one just typed."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any

from django.forms import CharField
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

KEEP = "Stored encrypted and never shown. Leave empty to keep what is stored."


class _BlindTextarea(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # Unfold is untyped
    def format_value(self, value: Any) -> None:
        """Nothing, also when the form comes back with an error."""
        return


class SecretField(CharField):
    """A new secret, or nothing. `is_multiline` is for keys in PEM form."""

    def __init__(self, *, label: str, is_multiline: bool = False) -> None:
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        password = UnfoldAdminPasswordWidget({**attributes, "autocomplete": "new-password"})
        widget = _BlindTextarea(attributes) if is_multiline else password
        super().__init__(label=label, help_text=KEEP, required=False, strip=True, widget=widget)
