"""What the sample company sells, at which prices, and from which price book."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from console.demo.book import Pricebook, PricebookEntry, Product
from console.demo.chance import Ids
from syncrules import salesforce_id

# Offering; then product, type, price in USD, months that one price covers (0: charged once).
_OFFERINGS: Final[dict[str, tuple[tuple[str, str, str, int], ...]]] = {
    "Core Platform": (
        ("Annual licence", "ADVANCE", "1200", 12),
        ("Seats", "ADVANCE", "480", 12),
        ("Admin seats", "ADVANCE", "960", 12),
        ("Read-only seats", "ADVANCE", "10", 1),
        ("Single sign-on", "ADVANCE", "1200", 12),
    ),
    "Analytics": (
        ("Insights", "ADVANCE", "250", 1),
        ("Data retention", "ADVANCE", "900", 3),
        ("Forecasting", "ADVANCE", "6000", 12),
    ),
    "Integrations": (
        ("CRM connector", "ADVANCE", "300", 1),
        ("ERP connector", "ADVANCE", "4800", 12),
        ("Event stream", "ARREARS", "150", 1),
    ),
    "Support": (
        ("Premium support", "ARREARS", "1500", 3),
        ("Dedicated engineer", "ARREARS", "9000", 3),
        ("Round-the-clock cover", "ADVANCE", "7200", 6),
    ),
    "Compliance": (("Audit vault", "ADVANCE", "3600", 12),),
    "Metered": (
        ("API calls, per thousand", "USAGE", "0.40", 1),
        ("Storage, per GB", "USAGE", "0.12", 1),
        ("Messages", "USAGE", "0.02", 1),
        ("Overage seats", "USAGE", "55", 1),
    ),
    "Commitments": (
        ("Platform commitment", "MIN_COMMIT", "25000", 12),
        ("API commitment", "MIN_COMMIT", "1000", 1),
    ),
    "Credits": (
        ("Prepaid API credits", "ONETIME_PREPAID_CREDIT", "5000", 0),
        ("Prepaid service hours", "ONETIME_PREPAID_CREDIT", "2400", 0),
    ),
    "Services": (
        ("Implementation", "ONETIME", "12000", 0),
        ("Data migration", "ONETIME", "8000", 0),
        ("Training day", "ONETIME", "1800", 0),
    ),
}
_RETIRED: Final = ("Classic", ("Classic seats", "ADVANCE", "360", 12))
_FROM_USD: Final = {
    "USD": Decimal(1),
    "EUR": Decimal("0.92"),
    "GBP": Decimal("0.79"),
    "CAD": Decimal("1.36"),
}
# Nobody has priced these there, so that lines without a pricebook entry occur.
_UNPRICED: Final = frozenset(
    {
        ("Prepaid service hours", "CAD"),
        ("Dedicated engineer", "CAD"),
        ("Data migration", "GBP"),
        ("Event stream", "EUR"),
    }
)
_PARTNERS_SELL: Final = frozenset({"Core Platform", "Support"})


@dataclass(frozen=True, slots=True)
class Catalog:
    products: tuple[Product, ...]
    pricebooks: tuple[Pricebook, ...]
    entries: tuple[PricebookEntry, ...]

    @property
    def standard_book(self) -> Pricebook:
        return self.pricebooks[0]

    @property
    def partner_book(self) -> Pricebook:
        return self.pricebooks[1]

    def of_type(self, *types: str) -> list[Product]:
        return [each for each in self.products if each.type in types and each.is_active]

    def named(self, name: str) -> Product:
        return next(each for each in self.products if each.name == name)

    def entry(self, product: Product, *, currency: str) -> PricebookEntry | None:
        """The price in the standard book, None where nobody has set one."""
        wanted = (product, self.standard_book, currency)
        return next(
            (
                each
                for each in self.entries
                if (each.product, each.pricebook, each.currency) == wanted
            ),
            None,
        )


def price_in(product: Product, *, currency: str) -> Decimal:
    """The list price of one unit and billing period, in cents."""
    return (product.list_price * _FROM_USD[currency]).quantize(Decimal("0.01"))


def build(ids: Ids) -> Catalog:
    products = [
        _product(ids, offering, offering_id, row, is_active=True)
        for offering, rows in _OFFERINGS.items()
        for offering_id in [ids.mn("offr")]
        for row in rows
    ]
    offering, row = _RETIRED
    products.append(_product(ids, offering, ids.mn("offr"), row, is_active=False))
    books = tuple(
        Pricebook(
            salesforce_id=ids.salesforce(salesforce_id.PRICEBOOK), name=name, is_standard=standard
        )
        for name, standard in (("Standard Price Book", True), ("Partner Price Book", False))
    )
    sold = [(book, product) for product in products for book in books if _sells(book, product)]
    entries = [
        _entry(ids, book, product, currency)
        for book, product in sold
        for currency in (_FROM_USD if book.is_standard else ("USD",))
        if (product.name, currency) not in _UNPRICED
    ]
    return Catalog(tuple(products), books, tuple(entries))


def _product(
    ids: Ids, offering: str, offering_id: str, row: tuple[str, str, str, int], *, is_active: bool
) -> Product:
    name, kind, price, months = row
    return Product(
        offering_id=offering_id,
        product_id=ids.mn("prod"),
        salesforce_id=ids.salesforce(salesforce_id.PRODUCT),
        offering=offering,
        name=name,
        type=kind,
        list_price=Decimal(price),
        billing_months=months,
        is_active=is_active,
    )


def _sells(book: Pricebook, product: Product) -> bool:
    return book.is_standard or product.offering in _PARTNERS_SELL


def _entry(ids: Ids, book: Pricebook, product: Product, currency: str) -> PricebookEntry:
    return PricebookEntry(
        mn_id=ids.mn("price"),
        salesforce_id=ids.salesforce(salesforce_id.PRICEBOOK_ENTRY),
        product=product,
        pricebook=book,
        currency=currency,
        unit_price=price_in(product, currency=currency),
    )
