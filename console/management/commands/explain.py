"""`manage.py explain ID`: what would happen now to the thing that the id names, and why."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console.actor import Actor
from console.explain import NothingFound, explain
from console.explain.text import render
from syncrules.json_form import to_json


class Command(BaseCommand):
    help = (
        "Explains any id: a Salesforce opportunity or account, its address, or the MN id of an "
        "opportunity, a quote or an account. Changes nothing. Exit code 1: nothing has that id."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="the id, or the address of a Salesforce record")
        parser.add_argument("--json", action="store_true", help="as the API answers it")

    def handle(self, *_args: Any, **options: Any) -> None:
        answer = explain(options["id"], actor=Actor.console("explain"))
        if options["json"]:
            text = json.dumps(to_json(answer), indent=2, ensure_ascii=False) + "\n"
        else:
            text = render(answer)
        self.stdout.write(text, ending="")
        if isinstance(answer, NothingFound):
            raise SystemExit(1)
