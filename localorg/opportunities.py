"""What Salesforce does to an opportunity by itself: stage defaults, and the hold of its lines.

Source: Salesforce Object Reference, "Opportunity" (Amount, Pricebook2Id, CurrencyIsoCode).
"""

from localorg.errors import RecordError
from localorg.org import Org
from localorg.schema import STAGES
from localorg.storage import Row, Store


def on_create(_org: Org, row: Row) -> Row:
    _follow_stage(row)
    return {}


def on_update(_org: Org, old: Row, new: Row) -> None:
    if new.get("StageName", old["StageName"]) != old["StageName"]:
        _follow_stage(new)
    if not old["HasOpportunityLineItem"]:
        return
    for name in ("Pricebook2Id", "CurrencyIsoCode"):
        if name in new and new[name] != old[name]:
            raise RecordError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"field integrity exception: {name} (cannot be changed while the opportunity has "
                "line items)",
                fields=(name,),
            )
    # With lines the amount is their sum: a written one is ignored, and the save succeeds.
    new.pop("Amount", None)


def _follow_stage(row: Row) -> None:
    stage = STAGES.get(row.get("StageName") or "")
    if stage:
        row.setdefault("Probability", stage.probability)
        row.setdefault("ForecastCategoryName", stage.forecast)


def rolled_up(store: Store, opportunity: Row) -> Row:
    """The fields that follow from the opportunity's lines."""
    [(count, total)] = store.rows(
        'SELECT COUNT(*), ROUND(TOTAL("TotalPrice"), 2) FROM "OpportunityLineItem" '
        'WHERE "OpportunityId" = ?',
        (opportunity["Id"],),
    )
    had_lines = bool(opportunity["HasOpportunityLineItem"])
    amount = total if count or had_lines else opportunity["Amount"]
    return {"Amount": amount, "HasOpportunityLineItem": int(count > 0)}
