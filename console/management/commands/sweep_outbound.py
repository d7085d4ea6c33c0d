"""`manage.py sweep_outbound`: what happens by itself, every few seconds, until told to stop."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from console import drain, sweep

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Polls Salesforce, acts upon what arrived, and sees to it that every push goes out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one turn, then stop")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            sweep.turn()
            return
        stop = threading.Event()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            stop.set()
            drain.stop()  # while Redis is away a turn may drain for a minute

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        while not stop.is_set():
            self._one_turn()
            stop.wait(settings.SWEEP_EVERY.total_seconds())

    def _one_turn(self) -> None:
        """A lost database is waited for, and a fault in one part does not end the others."""
        close_old_connections()
        try:
            sweep.turn()
        except (Error, ExceptionGroup):
            logger.exception("this turn is incomplete, the next one follows in a moment")
