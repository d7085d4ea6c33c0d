"""Quote lines: flat, ramped, metered, charged once; and those of amendments and renewals."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from console.demo.book import Line, Product
from console.demo.catalog import Catalog, price_in
from console.demo.chance import Ids
from console.demo.days import add_months, last_day
from console.demo.figures import amount_of, arr_of

QUOTE_ITEM: Final = "a0C"

_MAIN: Final = ("Annual licence", "Seats", "Admin seats", "Read-only seats")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the lines of one quote have in common."""

    start: date
    months: int
    currency: str
    discount_percent: int = 0

    @property
    def end(self) -> date:
        return last_day(self.start, self.months)


@dataclass(frozen=True, slots=True)
class LineMaker:
    """Makes lines of one quote; what it chooses comes from the deal's own source."""

    ids: Ids
    catalog: Catalog
    chance: random.Random
    terms: Terms

    def of_new_business(self) -> tuple[Line, ...]:
        """A main product, often ramped, with a few others around it."""
        main = self.catalog.named(self.chance.choice(_MAIN))
        quantity = self.chance.choice((5, 10, 15, 25, 40, 60, 120))
        ramped = self.chance.random() < 0.3
        lines = [*self._ramp(main, quantity)] if ramped else [self.line(main, quantity=quantity)]
        return (*lines, *self._others())

    def line(
        self,
        product: Product,
        *,
        quantity: Decimal | int,
        unit_price: Decimal | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> Line:
        price = self._price(product) if unit_price is None else unit_price
        start, end = start or self.terms.start, end or self.terms.end
        months = product.billing_months
        return Line(
            mn_id=self.ids.mn("qtitm"),
            salesforce_id=self.ids.salesforce(QUOTE_ITEM),
            product=product,
            entry=self.catalog.entry(product, currency=self.terms.currency),
            quantity=Decimal(quantity),
            unit_price=price,
            billing_months=months,
            amount=amount_of(Decimal(quantity), price, billing_months=months, start=start, end=end),
            start=start,
            end=end,
        )

    def _price(self, product: Product) -> Decimal:
        share = Decimal(100 - self.terms.discount_percent) / 100
        return (price_in(product, currency=self.terms.currency) * share).quantize(Decimal("0.0001"))

    def _ramp(self, product: Product, last_quantity: int) -> Iterator[Line]:
        """Segments that grow towards the quantity that lasts until the contract ends."""
        count = self.chance.choice((2, 3, 3, 4))
        step = self.terms.months // count
        for segment in range(count):
            start = add_months(self.terms.start, segment * step)
            is_last = segment == count - 1
            yield self.line(
                product,
                quantity=max(1, last_quantity * (segment + 1) // count),
                start=start,
                end=self.terms.end if is_last else last_day(start, step),
            )

    def _others(self) -> Iterator[Line]:
        catalog, chance = self.catalog, self.chance
        for product in chance.sample(self._around_main(), k=chance.choice((0, 1, 1, 2, 3))):
            yield self.line(product, quantity=chance.choice((1, 1, 2, 3)))
        if chance.random() < 0.4:
            yield self.line(chance.choice(catalog.of_type("USAGE")), quantity=0)
        if chance.random() < 0.1:
            yield self.line(catalog.named("API calls, per thousand"), quantity=5000)
        if chance.random() < 0.12:
            yield self.line(chance.choice(catalog.of_type("MIN_COMMIT")), quantity=1)
        if chance.random() < 0.35:
            once = catalog.of_type("ONETIME", "ONETIME_PREPAID_CREDIT")
            yield self.line(chance.choice(once), quantity=chance.choice((1, 1, 2, 5)))

    def of_amendment(self, *, changed_from: date) -> tuple[Line, ...]:
        """The contract so far as reference rows, then each of its lines with what became of it."""
        inherited = self._contract_so_far()
        lines = [
            replace(line, role="REFERENCE", amendment_status="NO_CHANGE") for line in inherited
        ]
        fates = ["UPDATED", *self.chance.choices(("NO_CHANGE", "REMOVED", "UPDATED"), k=3)]
        lines += [
            self._amended(line, fate=fate, start=changed_from)
            for line, fate in zip(inherited, fates, strict=False)
        ]
        added = self.catalog.of_type("ADVANCE", "ARREARS", "ONETIME")
        lines.append(self.line(self.chance.choice(added), quantity=2, start=changed_from))
        return tuple(lines)

    def _contract_so_far(self) -> list[Line]:
        main = self.catalog.named(self.chance.choice(_MAIN))
        others = self.chance.sample(self._around_main(), k=self.chance.choice((1, 2, 3)))
        return [
            self.line(main, quantity=self.chance.choice((5, 10, 20, 30))),
            *(self.line(product, quantity=self.chance.choice((1, 2, 3))) for product in others),
        ]

    def _around_main(self) -> list[Product]:
        recurring = self.catalog.of_type("ADVANCE", "ARREARS")
        return [each for each in recurring if each.name not in _MAIN]

    def _amended(self, before: Line, *, fate: str, start: date) -> Line:
        """The line after the change. Its amount is what the change adds or takes away."""
        assert before.product is not None
        quantity, price = before.quantity, before.unit_price
        if fate == "REMOVED":
            quantity = Decimal(0)
        elif fate == "UPDATED":
            more = Decimal(self.chance.choice((-2, 5, 10) if quantity >= 5 else (1, 2)))
            # One price for the old and the new units together, as the contract then bills.
            list_price = price_in(before.product, currency=self.terms.currency)
            blended = (quantity * price + more * list_price) / (quantity + more)
            quantity, price = quantity + more, blended.quantize(Decimal("0.0001"))
        now = self.line(before.product, quantity=quantity, unit_price=price, start=start)
        was = self.line(
            before.product, quantity=before.quantity, unit_price=before.unit_price, start=start
        )
        return replace(
            now, amount=now.amount - was.amount, amendment_status=fate, previous_arr=arr_of(before)
        )

    def of_renewal(self) -> tuple[Line, ...]:
        """Last year's lines with an uplift of 5%; what they brought before is kept on them."""
        lines = []
        for before in self._contract_so_far():
            assert before.product is not None
            price = (before.unit_price * Decimal("1.05")).quantize(Decimal("0.0001"))
            again = self.line(before.product, quantity=before.quantity, unit_price=price)
            lines.append(replace(again, previous_arr=arr_of(before)))
        return tuple(lines)


def with_oddities(lines: Sequence[Line], *, chance: random.Random) -> tuple[Line, ...]:
    """Now and then an override, or a line that nobody gave a product."""
    return tuple(_odd(line, chance=chance) if chance.random() < 0.06 else line for line in lines)


def _odd(line: Line, *, chance: random.Random) -> Line:
    if line.is_reference:
        return line
    match chance.choice(("Never", "Always", "no product")):
        case "no product":
            return replace(line, product=None, entry=None)
        case override:
            return replace(line, override=override)
