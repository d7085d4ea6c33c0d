"""The words of the sample company: its customers, its sellers, the names of its deals."""

from __future__ import annotations

from typing import Final, NamedTuple


class Company(NamedTuple):
    name: str
    industry: str
    country: str


SELLERS: Final = (
    "Maren Holloway",
    "Tobias Achterberg",
    "Priya Raghunathan",
    "Callum Fairweather",
    "Inès Delacroix",
    "Jordan Whitlock",
)

CURRENCY_OF: Final = {
    "United States": "USD",
    "Canada": "CAD",
    "United Kingdom": "GBP",
    "Germany": "EUR",
    "France": "EUR",
    "Netherlands": "EUR",
    "Ireland": "EUR",
}

# One line per industry, so that the list stays readable; every company is invented.
_AMERICAN: Final = {
    "Transportation": "Alderbrook Logistics|Copperline Freight|Northmere Shipping|Quillback",
    "Technology": "Bellmoor Analytics|Fernhollow Software|Lumenquay Systems|Parallax Orchard",
    "Energy": "Cinderpeak Energy|Tallowind Power|Ridgefall Solar",
    "Food & Beverage": "Dunmarrow Foods|Saltmarsh Provisions|Honeycroft Bakeries",
    "Manufacturing": "Eastvane Robotics|Ironfield Castings|Kestrelworks Tooling|Moorgate Polymers",
    "Healthcare": "Glasswater Health|Willowbend Clinics|Vireo Diagnostics|Stillbrook Hospice Group",
    "Retail": "Harrowfold Outfitters|Pennyroyal Markets|Junewick Home|Thistle & Tarn",
    "Finance": "Larkspire Capital|Oakhaven Mutual|Trestle Bay Insurance|Umberfield Credit Union",
    "Media": "Inkmere Publishing|Redlantern Studios",
    "Education": "Brightfold Academies|Sedgewick Hall Learning",
    "Construction": "Stonereach Builders|Yarrowgate Homes",
    "Hospitality": "Foxglove Resorts|Amberquay Hotels",
}
_ELSEWHERE: Final = (
    Company("Maplethorn Outdoors", "Retail", "Canada"),
    Company("Lac Verdier Minerals", "Manufacturing", "Canada"),
    Company("Prairie Lantern Credit", "Finance", "Canada"),
    Company("Aurora Skein Telecom", "Communications", "Canada"),
    Company("Wrenbury Rail", "Transportation", "United Kingdom"),
    Company("Castlemoor Assurance", "Insurance", "United Kingdom"),
    Company("Hollin & Pryce", "Consulting", "United Kingdom"),
    Company("Tidewell Biologics", "Biotechnology", "United Kingdom"),
    Company("Ashcombe Dairy", "Food & Beverage", "United Kingdom"),
    Company("Falkenried Maschinenbau", "Manufacturing", "Germany"),
    Company("Norderlicht Versand", "Retail", "Germany"),
    Company("Steinquell Pharma", "Biotechnology", "Germany"),
    Company("Maison Aubrelle", "Apparel", "France"),
    Company("Rivecourt Assurances", "Insurance", "France"),
    Company("Zeewaard Logistiek", "Transportation", "Netherlands"),
    Company("Kade Negen Media", "Media", "Netherlands"),
    Company("Ballyfinane Software", "Technology", "Ireland"),
)

MATCHED_COMPANIES: Final = (
    *(
        Company(name, industry, "United States")
        for industry, names in _AMERICAN.items()
        for name in names.split("|")
    ),
    *_ELSEWHERE,
)

UNMATCHED_COMPANIES: Final = (
    Company("Gorsewick Utilities", "Energy", "United States"),
    Company("Pellworth Dental Supply", "Healthcare", "United States"),
)
"""On both sides, but nobody has told MonetizeNow which Salesforce account they are."""

UNKNOWN_COMPANIES: Final = (
    Company("Cobaltine Aerospace", "Manufacturing", "United States"),
    Company("Driftmoor Seafood", "Food & Beverage", "Canada"),
    Company("Elmhallow Charities", "Not For Profit", "United Kingdom"),
)
"""In Salesforce only."""

NEW_BUSINESS: Final = (
    "Platform rollout",
    "Analytics pilot",
    "Company-wide licence",
    "Connector bundle",
    "Field teams",
    "Data retention programme",
    "First-year package",
    "Compliance suite",
)
EXPANSION: Final = ("Seat expansion", "Mid-term upgrade", "Add-on order", "Right-sizing")
RENEWAL: Final = ("Annual renewal", "Renewal with uplift", "Early renewal")
OFFER: Final = (
    "Standard offer",
    "Multi-year offer",
    "Reduced scope",
    "Revised offer",
    "Best price",
)
