"""Where a record of the connected org can be looked at in a browser."""

from __future__ import annotations

from django.utils.safestring import SafeString

from console import connections
from console.admin.parts import code, outward
from console.salesforce.addresses import InvalidAddress, check_base_url, is_local
from syncrules.salesforce_id import ACCOUNT


def base_url() -> str:
    """The address of the org in force; empty when there is none."""
    connection = connections.in_force()
    return connection.base_url if connection else ""


def record_address(base: str, salesforce_id: str, *, sobject: str = "") -> str:
    """The record's page in the org; empty when the org's address is not one we would send
    anybody to. Without `sobject` an id of no account is taken for an opportunity's."""
    try:
        checked = check_base_url(base)
    except InvalidAddress:
        return ""
    if is_local(checked):
        return f"{checked}/{salesforce_id}"
    is_account = salesforce_id.startswith(ACCOUNT)
    kind = sobject or ("Account" if is_account else "Opportunity")
    return f"{checked}/lightning/r/{kind}/{salesforce_id}/view"


def record_link(
    salesforce_id: str | None, *, base: str | None = None, sobject: str = ""
) -> SafeString:
    """The id, leading to the record in the org when that has an address we trust."""
    if not salesforce_id:
        return code(None)
    org = base_url() if base is None else base
    address = record_address(org, salesforce_id, sobject=sobject)
    return outward(salesforce_id, address) if address else code(salesforce_id)
