"""One file per model; the database holds every rule that it can hold."""

import console.models.lookups  # noqa: F401  registers itself
from console.models.account import Account
from console.models.amount_field import AmountField
from console.models.api_calls import ApiCalls
from console.models.api_client import ApiClient
from console.models.association import Association
from console.models.chore import Chore
from console.models.drift import Drift
from console.models.field_mapping import FieldMapping
from console.models.heartbeat import Heartbeat
from console.models.inbound_event import InboundEvent
from console.models.opportunity import Opportunity
from console.models.outbound_push import OutboundPush
from console.models.pinned_quote import PinnedQuote
from console.models.product import PricebookEntry, Product
from console.models.product_sync_setting import ProductSyncSetting
from console.models.quote import Quote, QuoteItem
from console.models.reconcile_run import ReconcileRun
from console.models.relink import Relink
from console.models.resync import Resync
from console.models.salesforce_connection import SalesforceConnection
from console.models.sync_log import SyncLog
from console.models.tally import Tally
from console.models.waiting import Waiting

__all__ = [
    "Account",
    "AmountField",
    "ApiCalls",
    "ApiClient",
    "Association",
    "Chore",
    "Drift",
    "FieldMapping",
    "Heartbeat",
    "InboundEvent",
    "Opportunity",
    "OutboundPush",
    "PinnedQuote",
    "PricebookEntry",
    "Product",
    "ProductSyncSetting",
    "Quote",
    "QuoteItem",
    "ReconcileRun",
    "Relink",
    "Resync",
    "SalesforceConnection",
    "SyncLog",
    "Tally",
    "Waiting",
]
