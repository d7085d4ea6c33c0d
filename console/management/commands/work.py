"""`manage.py work`: a worker that drains the outbox whenever the doorbell rings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console import doorbell, drain


class Command(BaseCommand):
    help = "Runs a worker of the outbound queue until it is told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *_args: Any, **options: Any) -> None:
        doorbell.work(on_stop=drain.stop, burst=options["burst"])
