"""The three roles, as groups with permissions; kept in step with the code by every migrate."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import Group, Permission

VIEWER: Final = "viewer"
OPERATOR: Final = "operator"
ADMINISTRATOR: Final = "administrator"

_OPERATOR_MAY: Final = frozenset(
    {
        "link_opportunity",
        "set_primary_quote",
        "push_opportunity",
        "start_reconcile",
        "map_account",
        "override_product_sync",
        "pin_quote",
    }
)
_ADMINISTRATOR_MAY: Final = frozenset(
    {
        *(f"{verb}_salesforceconnection" for verb in ("add", "change", "delete")),
        *(f"{verb}_apiclient" for verb in ("add", "change", "delete")),
        *(f"{verb}_fieldmapping" for verb in ("add", "change", "delete")),
        *(f"{verb}_user" for verb in ("add", "change", "delete", "view")),
        "view_group",
        "save_product_settings",
        "add_amountfield",
        "change_amountfield",
    }
)
_ONLY_ADMINISTRATORS_SEE: Final = frozenset({"view_salesforceconnection", "view_apiclient"})


def ensure(**_signal: Any) -> None:
    """Creates the groups and gives each exactly its permissions."""
    of_console = Permission.objects.filter(content_type__app_label="console")
    views = set(of_console.filter(codename__startswith="view_").values_list("codename", flat=True))
    viewer = views - _ONLY_ADMINISTRATORS_SEE
    operator = viewer | _OPERATOR_MAY
    grants = {
        VIEWER: viewer,
        OPERATOR: operator,
        ADMINISTRATOR: operator | views | _ADMINISTRATOR_MAY,
    }
    for name, codenames in grants.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(
            Permission.objects.filter(
                content_type__app_label__in=("console", "auth"), codename__in=codenames
            )
        )
