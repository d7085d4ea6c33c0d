"""`manage.py reconcile`: compares both sides, soon or now, everything or some opportunities."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console import drift_runs
from console.actor import Actor
from console.flows import reconcile
from console.models import Opportunity, ReconcileRun

State = ReconcileRun.State


class Command(BaseCommand):
    help = "Compares links, primary quotes, products and totals with Salesforce; writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", action="store_true", help="here and now, instead of in the sweeper"
        )
        parser.add_argument(
            "--opportunity", nargs="+", metavar="MN_ID", help="these opportunities only"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        only = _ids(options["opportunity"]) if options["opportunity"] else None
        run = drift_runs.request(trigger="command", actor=Actor.console("command"), only=only)
        if options["now"]:
            self._tell(reconcile.run(run.pk))
        else:
            self.stdout.write(f"Comparison {run.pk} is asked for. The sweeper does it.")

    def _tell(self, run: ReconcileRun) -> None:
        if run.state != State.DONE:
            words = run.detail or "another process has it in hand"
            raise CommandError(f"Comparison {run.pk} cannot go on: {words}")
        self.stdout.write(
            f"{run.compared} pairs compared, {run.equal} equal. Open: {run.ours_newer} ours newer, "
            f"{run.theirs_changed} theirs changed, {run.missing} missing, {run.foreign} foreign. "
            f"New: {run.opened}, closed: {run.closed}. API calls: {run.calls}."
        )


def _ids(mn_ids: list[str]) -> list[int]:
    found = dict(Opportunity.objects.filter(mn_id__in=mn_ids).values_list("mn_id", "pk"))
    if unknown := sorted(set(mn_ids) - found.keys()):
        raise CommandError(f"No MN opportunity has the id {', '.join(unknown)}.")
    return sorted(found.values())
