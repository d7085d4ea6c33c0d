"""The rules of opportunity products: price, quantity, price book and schedules.

Source: Salesforce Object Reference, "OpportunityLineItem".
"""

from decimal import ROUND_HALF_UP, Decimal

from localorg.errors import RecordError, invalid_cross_reference
from localorg.org import Org
from localorg.schema import SCHEMA
from localorg.storage import Row

CENT = Decimal("0.01")
# A unit price that follows from a total keeps more digits than the field shows.
DERIVED = Decimal("0.0000001")


def on_create(org: Org, row: Row) -> Row:
    """Complete a new line. What comes back is to be written to its opportunity."""
    if row.get("OpportunityId") is None or row.get("Quantity") is None:
        return {}  # The general check says which required field is missing.
    entry = _pricebook_entry(org, row)
    if row.get("UnitPrice") is not None and row.get("TotalPrice") is not None:
        raise _refused(
            "INVALID_FIELD", "Cannot specify both 'UnitPrice' and 'TotalPrice'", "UnitPrice"
        )
    if row.get("UnitPrice") is None and row.get("TotalPrice") is None:
        raise RecordError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [UnitPrice]",
            fields=("UnitPrice",),
        )
    _check_quantity(org, row["Quantity"])
    _settle_prices(row, held="TotalPrice" if row.get("UnitPrice") is None else "UnitPrice")
    row["Product2Id"] = entry["Product2Id"]
    row.update(HasRevenueSchedule=0, HasQuantitySchedule=0)
    return _pricebook_to_assign(org, row["OpportunityId"], entry)


def on_update(org: Org, old: Row, new: Row) -> None:
    """Turn the written price fields into the pair that is stored."""
    _respect_schedule(org, old, new)
    changed = {name for name in new if new[name] != old[name]}
    if {"UnitPrice", "TotalPrice"} <= changed:
        raise _refused(
            "INVALID_FIELD",
            "Cannot change both 'UnitPrice' and 'TotalPrice' in update call",
            "UnitPrice",
        )
    for name in ("UnitPrice", "TotalPrice"):
        if name in new and new[name] is None:
            raise RecordError(
                "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", fields=(name,)
            )
    if {"Discount", "Quantity"} <= changed and not {"UnitPrice", "TotalPrice"} & new.keys():
        raise _refused(
            "INVALID_FIELD",
            "Discount and Quantity can be changed together only with UnitPrice or TotalPrice",
            "UnitPrice",
        )
    if new.get("Quantity") is not None and "Quantity" in changed:
        _check_quantity(org, new["Quantity"])
    if {"Quantity", "UnitPrice", "TotalPrice", "Discount"} & new.keys():
        line = {**old, **new}
        _settle_prices(line, held=_held(new, changed))
        new.update(UnitPrice=line["UnitPrice"], TotalPrice=line["TotalPrice"])


def _held(new: Row, changed: set[str]) -> str:
    """Which of the two prices stays when the other follows."""
    for name in ("UnitPrice", "TotalPrice"):
        if name in changed:
            return name
    for name in ("UnitPrice", "TotalPrice"):
        if name in new:
            return name
    # A lone quantity keeps the total and rescales the unit price; a lone discount does not.
    return "UnitPrice" if "Discount" in changed else "TotalPrice"


def settle(line: Row) -> None:
    """Complete the pair of prices of a loaded line that carries only one of them."""
    if line.get("TotalPrice") is None and line.get("UnitPrice") is not None:
        _settle_prices(line, held="UnitPrice")
    elif line.get("UnitPrice") is None and line.get("TotalPrice") is not None:
        _settle_prices(line, held="TotalPrice")


def _settle_prices(line: Row, *, held: str) -> None:
    quantity = Decimal(str(line.get("Quantity") or 0))
    factor = quantity * (1 - Decimal(str(line.get("Discount") or 0)) / 100)
    if held == "UnitPrice":
        unit = Decimal(str(line["UnitPrice"]))
        line["TotalPrice"] = float((unit * factor).quantize(CENT, ROUND_HALF_UP))
    elif factor:
        total = Decimal(str(line["TotalPrice"]))
        line["UnitPrice"] = float((total / factor).quantize(DERIVED, ROUND_HALF_UP))
    else:
        line["UnitPrice"] = line.get("UnitPrice") or 0.0


def _respect_schedule(org: Org, old: Row, new: Row) -> None:
    frozen: set[str] = set()
    if old["HasRevenueSchedule"] or old["HasQuantitySchedule"]:
        frozen = {"Quantity", "TotalPrice"}
    for name in sorted(frozen & new.keys()):
        if new[name] == old[name] or org.settings.scheduled_lines == "ignore":
            del new[name]
        else:
            what = "total price" if name == "TotalPrice" else "quantity"
            raise _refused(
                "FIELD_INTEGRITY_EXCEPTION",
                f"field integrity exception: {name} (invalid {what} change on opportunity line "
                "item with schedule)",
                name,
            )


def _check_quantity(org: Org, quantity: float) -> None:
    if quantity == 0 and org.settings.zero_quantity == "reject":
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: Quantity (must not be zero)",
            "Quantity",
        )


def _pricebook_entry(org: Org, row: Row) -> Row:
    entry_id = row.get("PricebookEntryId")
    if entry_id is None:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId, unknown (versions 3.0 and higher must "
            "specify pricebook entry id, others must specify product id)",
            "PricebookEntryId",
        )
    entry = org.store.find(SCHEMA["pricebookentry"], entry_id)
    if entry is None or entry["IsDeleted"]:
        raise invalid_cross_reference("PricebookEntryId")
    if not entry["IsActive"]:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is inactive)",
            "PricebookEntryId",
        )
    return entry


def _pricebook_to_assign(org: Org, opportunity_id: str, entry: Row) -> Row:
    """The opportunity's price book when this line is its first and it has none."""
    opportunity = org.store.find(SCHEMA["opportunity"], opportunity_id)
    if opportunity is None or opportunity["IsDeleted"]:
        raise invalid_cross_reference("OpportunityId")
    if opportunity["Pricebook2Id"] not in (None, entry["Pricebook2Id"]):
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is in a different "
            "pricebook than the one assigned to the opportunity)",
            "PricebookEntryId",
        )
    if opportunity["CurrencyIsoCode"] != entry["CurrencyIsoCode"]:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry currency code does not "
            "match the opportunity's)",
            "PricebookEntryId",
        )
    if opportunity["Pricebook2Id"] is not None:
        return {}
    pricebook = org.store.find(SCHEMA["pricebook2"], entry["Pricebook2Id"])
    if pricebook is None or not pricebook["IsActive"]:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (the opportunity has no pricebook and the "
            "entry's is inactive)",
            "PricebookEntryId",
        )
    return {"Pricebook2Id": entry["Pricebook2Id"]}


def _refused(code: str, message: str, field: str) -> RecordError:
    return RecordError(code, message, fields=(field,))
