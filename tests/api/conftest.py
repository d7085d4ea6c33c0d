"""What the tests of MonetizeNow's own records share: who sends them, and a deal."""

from __future__ import annotations

import pytest

from console.models import ApiClient, Opportunity, Quote
from tests.builders import (
    make_account,
    make_client,
    make_item,
    make_opportunity,
    make_pairing,
    make_pricebook_entry,
    make_product,
    make_quote,
)


@pytest.fixture
def sender(db: None) -> ApiClient:
    return make_client(key="monetizenow")


@pytest.fixture
def deal(sender: ApiClient) -> Opportunity:
    """A linked opportunity without quotes."""
    row = make_opportunity(mn_id="opp_1", account=make_account(mn_id="acct_1"))
    make_pairing(opportunity=row)
    product = make_product(mn_id="prod_1")
    make_pricebook_entry(mn_id="pbe_1", product=product)
    return row


@pytest.fixture
def primary(deal: Opportunity) -> Quote:
    """The primary quote of the deal, with one line."""
    row = make_quote(mn_id="quote_1", opportunity=deal, is_primary=True)
    make_item(row, mn_id="item_1")
    return row
