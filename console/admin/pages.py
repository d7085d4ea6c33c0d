"""Every page of the console: which model is shown by which class, and what the palette searches."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import Group, User
from django.db.models import Model

from console import models
from console.admin import (
    account,
    amount_field,
    api_client,
    association,
    drift,
    field_mapping,
    inbound_event,
    opportunity,
    outbound_push,
    people,
    product,
    quote,
    salesforce_connection,
    sync_log,
)

PAGES: Final[dict[type[Model], type]] = {
    models.Account: account.AccountAdmin,
    models.AmountField: amount_field.AmountFieldAdmin,
    models.ApiClient: api_client.ApiClientAdmin,
    models.Association: association.AssociationAdmin,
    models.Drift: drift.DriftAdmin,
    models.FieldMapping: field_mapping.FieldMappingAdmin,
    models.InboundEvent: inbound_event.InboundEventAdmin,
    models.Opportunity: opportunity.OpportunityAdmin,
    models.OutboundPush: outbound_push.OutboundPushAdmin,
    models.PricebookEntry: product.PricebookEntryAdmin,
    models.Product: product.ProductAdmin,
    models.Quote: quote.QuoteAdmin,
    models.SalesforceConnection: salesforce_connection.SalesforceConnectionAdmin,
    models.SyncLog: sync_log.SyncLogAdmin,
    User: people.UserAdmin,
    Group: people.GroupAdmin,
}

SEARCHED: Final = (
    models.Opportunity,
    models.Account,
    models.Quote,
    models.Association,
    models.SyncLog,
)
