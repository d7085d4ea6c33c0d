"""`manage.py preview_products QUOTE_ID`: which lines go, with what amount, what differs."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.flows import sync_products
from console.models import Quote
from console.preview_text import render
from console.product_preview import as_json


class Command(BaseCommand):
    help = (
        "Prints the verdict on every line of a quote, the amounts, and how the opportunity's "
        "products in Salesforce would change. Of a quote that is not primary: what would happen "
        "if it were. Writes nothing to Salesforce."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("quote_id", help="the MN id of the quote")
        parser.add_argument("--json", action="store_true", help="as the API answers it")

    def handle(self, *_args: Any, **options: Any) -> None:
        mn_id = options["quote_id"].strip()
        quote = Quote.objects.filter(mn_id=mn_id).only("pk").first()
        if quote is None:
            raise CommandError(f"no quote has the MN id {mn_id!r}")
        preview = sync_products.preview_quote(quote.pk)
        if options["json"]:
            text = json.dumps(as_json(preview), indent=2, ensure_ascii=False) + "\n"
        else:
            text = render(preview)
        self.stdout.write(text, ending="")
