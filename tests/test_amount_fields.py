"""Formula fields: what a version must satisfy, what it leaves stale, and what the org adds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from console import (
    amount_field_discovery,
    amount_field_uses,
    amount_fields,
    custom_fields,
    pins,
    product_settings,
)
from console.actor import Actor
from console.amount_fields import Refused
from console.line_facts import quote_facts
from console.models import AmountField, OutboundPush, QuoteItem, SalesforceConnection
from syncrules.amount_fields import Amount, amount_of
from syncrules.formula import CompileError
from syncrules.line_reasons import LineReason
from syncrules.sync_products import ProductSyncSettings
from tests.formula_fields import DOCUMENT, SLOW, draft, make_formula
from tests.org import Org
from tests.portfolio import (
    licence,
    make_amount_field,
    make_linked,
    make_revision,
    one_time,
    opportunity_of,
)

pytestmark = pytest.mark.django_db

ADA = Actor("ada", reads_everything=True)
OWN = "Deal_Value__c"
ORGS_OWN = "Opportunity_Product_Amount__c"


def save(name: str = OWN, formula: str = DOCUMENT, **changes: Any) -> amount_fields.Saved:
    return amount_fields.save(draft(name, formula, **changes), actor=ADA)


def refused(name: str = OWN, formula: str = DOCUMENT, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        save(name, formula, **changes)
    return caught.value


# --- Saving --------------------------------------------------------------------------------------


def test_the_documents_formula_is_saved_and_computed_at_once() -> None:
    quote = make_linked()
    licence(quote)
    one_time(quote)

    row = save().row

    assert (row.name, row.version, row.is_current) == (OWN, 1, True)
    assert (row.note, row.created_by_name) == ("finance asked", "ada")
    lines = quote_facts([quote.pk])[quote.pk].in_order
    assert sorted(amount_of(line, OWN).value or 0 for line in lines) == [500, 1200]


def test_an_edit_is_a_new_version_and_the_old_one_stays() -> None:
    first = save().row

    second = save(formula="monetize__Amount__c", instead_of=first.pk, why="ARR misled us").row

    first.refresh_from_db()
    assert (first.formula, first.is_current) == (DOCUMENT, False)
    assert (second.version, second.is_current, second.note) == (2, True, "ARR misled us")
    assert [row.pk for row in custom_fields.current()] == [second.pk]


def test_a_formula_that_does_not_compile_is_refused_at_its_place() -> None:
    with pytest.raises(CompileError) as caught:
        save(formula="monetize__Amount__c +\n monetize__Amuont__c")

    assert (caught.value.line, caught.value.column) == (2, 2)
    assert caught.value.suggestion == "monetize__Amount__c"
    assert not AmountField.objects.exists()


def test_a_result_that_is_no_amount_is_refused() -> None:
    with pytest.raises(CompileError, match="yields Text, but must return Currency"):
        save(formula='"12"')


def test_formulas_may_build_on_formulas_but_not_in_a_circle() -> None:
    base = make_formula("Base__c", "monetize__Amount__c")
    save("Twice__c", "Base__c * 2")

    with pytest.raises(CompileError, match="in a circle: Twice__c → Base__c → Twice__c"):
        save("Base__c", "Twice__c / 2", instead_of=base.pk)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Own", "Such as My_Amount__c."),
        ("1st__c", "Such as My_Amount__c."),
        ("", "cannot be blank"),
        ("Monetize__Own__c", "belong to MonetizeNow's package"),
        ("currencyisocode", "has a field currencyisocode already"),
        ("taken__C", "There is a field of that name: Deal value"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, said: str) -> None:
    make_amount_field("Taken__c")

    refusal = refused(name)

    assert said in str(refusal)
    assert refusal.field == "name"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"why": " \n"}, "why"), ({"why": "x" * 501}, "why"), ({"label": ""}, "label")],
)
def test_what_is_missing_or_too_long_is_named(changes: dict[str, str], field: str) -> None:
    assert refused(**changes).field == field


def test_of_two_who_edit_one_version_the_second_is_told() -> None:
    first = save().row
    save(formula="monetize__Amount__c", instead_of=first.pk)

    assert "Somebody saved this field" in str(refused(formula="1", instead_of=first.pk))


def test_a_version_that_changes_nothing_is_none() -> None:
    first = save().row

    assert "Nothing was changed" in str(refused(formula=f"{DOCUMENT}\n", instead_of=first.pk))


def test_a_field_of_salesforce_is_changed_there_alone() -> None:
    row = make_amount_field()

    assert "changed there alone" in str(refused(row.name, instead_of=row.pk))


def test_what_would_break_formulas_that_use_it_is_refused() -> None:
    deep = "monetize__Amount__c"
    base = make_formula("Base__c", deep)
    make_formula("User__c", "ABS(" * 80 + "Base__c" + ")" * 80)

    refusal = refused("Base__c", "ABS(" * 80 + deep + ")" * 80, instead_of=base.pk)

    assert "Formulas that use it would break: User" in str(refusal)


def test_a_formula_that_takes_too_long_is_refused() -> None:
    licence(make_linked())

    assert "It takes too long" in str(refused(formula=SLOW))


# --- In force ------------------------------------------------------------------------------------


def test_an_edit_of_the_field_in_force_says_which_opportunities_it_leaves_stale() -> None:
    changed, same = make_linked(), make_linked()
    one_time(changed)
    licence(same)
    row = make_formula()
    make_revision(amount_field="Around__c")
    make_formula("Around__c", f"{OWN} * 1")

    stale = save(formula="monetize__IncrementalARR__c", instead_of=row.pk).stale

    assert stale == (opportunity_of(changed).pk,)
    amount_fields.push(stale, actor=ADA)
    (push,) = OutboundPush.objects.all()
    assert (push.opportunity_id, push.lane) == (stale[0], OutboundPush.Lane.PRODUCTS)
    assert push.trigger == "formula_changed"


def test_a_field_that_is_not_in_force_leaves_nothing_stale() -> None:
    one_time(make_linked())
    row = make_formula()

    assert save(formula="monetize__IncrementalARR__c", instead_of=row.pk).stale == ()


def test_while_product_sync_is_disabled_nothing_is_stale() -> None:
    one_time(make_linked())
    row = make_formula()
    make_revision(amount_field=OWN, is_disabled=True)

    assert save(formula="1", instead_of=row.pk).stale == ()


def test_a_pinned_quote_that_breaks_must_be_named_in_the_reason() -> None:
    quote = make_linked()
    one_time(quote)
    row = make_formula()
    make_revision(amount_field=OWN)
    pins.pin(quote, ProductSyncSettings(OWN), note="", actor=ADA)

    refusal = refused(formula="monetize__IncrementalARR__c", instead_of=row.pk)
    saved = save(formula="1", instead_of=row.pk, why=f"{quote.mn_id} was wrong all along")

    assert f"does not name: {quote.mn_id}" in str(refusal)
    assert refusal.field == "why"
    assert saved.row.version == 2


def test_uses_are_the_settings_the_pins_and_other_formulas() -> None:
    quote = make_linked()
    one_time(quote)
    make_formula()
    around = make_formula("Around__c", f"{OWN} + 1")
    revision = make_revision(amount_field="Around__c")
    pins.pin(quote, product_settings.in_force().settings, note="", actor=ADA)

    uses = amount_field_uses.uses(OWN, reader=ADA)

    assert (uses.is_in_force, uses.through, uses.revision) == (True, "Around__c", revision.pk)
    assert uses.formulas == (around,)
    assert [each.holds for each in uses.pins] == [True]
    assert amount_field_uses.uses("Other__c", reader=ADA).formulas == ()


# --- Fields of the org ---------------------------------------------------------------------------


def test_currency_fields_of_the_org_are_taken_up_with_their_formula(
    connected: SalesforceConnection,
) -> None:
    found = amount_field_discovery.discover(actor=ADA)

    row = AmountField.objects.get()
    assert found.new == ("Opportunity Product Amount",)
    assert (row.name, row.kind, row.blanks) == (ORGS_OWN, AmountField.Kind.DISCOVERED, "zero")
    assert row.formula == DOCUMENT
    assert (row.note, row.created_by_name) == ("Found in Salesforce.", "ada")
    assert amount_field_discovery.discover(actor=ADA) == amount_field_discovery.Found()


def test_a_field_of_another_type_is_listed_with_the_reason(
    connected: SalesforceConnection,
) -> None:
    new, note = amount_field_discovery.look()

    assert (new.info.name, new.place) == (ORGS_OWN, amount_field_discovery.Place.NEW)
    assert note.info.name == "Discount_Note__c"
    assert note.why_not == (
        "It is a string field; only a Currency field can be an amount of money."
    )


def test_what_changed_in_the_org_is_a_new_version(connected: SalesforceConnection) -> None:
    make_amount_field(ORGS_OWN, label="Old label")

    found = amount_field_discovery.discover(actor=ADA)

    old, new = AmountField.objects.order_by("version")
    assert found.changed == ("Opportunity Product Amount",)
    assert (old.label, old.is_current) == ("Old label", False)
    assert (new.version, new.note) == (2, "It was changed in Salesforce.")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Vanished__c", "Salesforce no longer has it, or hides it from the integration user."),
        ("Discount_Note__c", "In Salesforce it is a string field now."),
    ],
)
def test_a_field_that_is_no_amount_any_more_ends_with_the_reason(
    connected: SalesforceConnection, name: str, why: str
) -> None:
    make_amount_field(name, label="Gone")
    make_formula("Around__c", f"{name} * 2")
    quote = make_linked()
    licence(quote, custom_values={name: "5.00", "Other__c": "1"})

    found = amount_field_discovery.discover(actor=ADA)

    assert found.vanished == ("Gone",)
    last = AmountField.objects.filter(name=name).order_by("-version")[0]
    assert (last.version, last.is_current, last.note) == (2, False, why)
    assert QuoteItem.objects.get().custom_values == {"Other__c": "1"}
    (line,) = quote_facts([quote.pk])[quote.pk].lines
    assert amount_of(line, name) == Amount(None, LineReason.AMOUNT_FIELD_UNKNOWN)
    assert amount_of(line, "Around__c") == Amount(None, LineReason.AMOUNT_FORMULA_BROKEN)
    assert amount_of(line, "monetize__Amount__c") == Amount(Decimal("3600.00"))


def test_a_broken_formula_says_where(connected: SalesforceConnection) -> None:
    row = make_formula("Around__c", "1 +\n Vanished__c")

    error = amount_field_uses.problem(row)

    assert error is not None
    assert (error.line, error.column, error.reason) == (2, 2, "There is no field Vanished__c.")


def test_a_field_that_comes_back_goes_on_with_its_versions(
    connected: SalesforceConnection,
) -> None:
    make_amount_field(ORGS_OWN, is_current=False, version=1)

    amount_field_discovery.discover(actor=ADA)

    assert AmountField.objects.get(is_current=True).version == 2


def test_a_formula_of_the_same_name_written_here_stands(connected: SalesforceConnection) -> None:
    make_formula(ORGS_OWN, "1")

    assert amount_field_discovery.discover(actor=ADA) == amount_field_discovery.Found()
    assert "same name" in next(
        each.why_not for each in amount_field_discovery.look() if each.info.name == ORGS_OWN
    )


def test_without_a_connection_nothing_is_taken_for_gone() -> None:
    make_amount_field(ORGS_OWN)

    with pytest.raises(amount_field_discovery.Unreachable, match="no live connection"):
        amount_field_discovery.discover(actor=ADA)
    assert AmountField.objects.get().is_current


def test_trouble_with_the_description_is_told(connected: SalesforceConnection, org: Org) -> None:
    make_amount_field(ORGS_OWN)
    org.break_with(path="describe", action="status", status=503, times=None)

    with pytest.raises(amount_field_discovery.Unreachable, match="does not describe"):
        amount_field_discovery.discover(actor=ADA)
    assert AmountField.objects.get().is_current
