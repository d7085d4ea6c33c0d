"""How many evaluations of Salesforce formulas a second, beside formulon (npm), in one run.

    python -m benchmarks.formula [--seconds 0.3] [--rounds 3]

Three ways of our own are timed:

compiled     one formula for many records, `evaluate_many`; how the console uses the engine
from text    `compile_formula` and `evaluate` for each record; the text is remembered
first time   the same, with a text never seen before

formulon has no compiled form: it reads the text for each evaluation. The rounds of both engines
alternate and the best one counts, so that neither profits from a quiet moment of the machine.
A formula on which the two disagree is named and left out of the ratios.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from syncrules.formula import Field, compile_formula

FORMULON = "formulon@6.25.6"
GOAL = 200_000  # simple evaluations per second
BATCH = 2_000
WAYS = ("compiled", "from text", "first time")

FIELDS = (
    Field("Amount__c", "Currency"),
    Field("Quantity__c", "Number"),
    Field("Name", "Text"),
    Field("Type__c", "Picklist", values=("ONETIME", "RECURRING")),
    Field("Start__c", "Date"),
)
RECORD = {
    "Amount__c": Decimal("1250.50"),
    "Quantity__c": Decimal(3),
    "Name": "Cloud Storage",
    "Type__c": "ONETIME",
    "Start__c": date(2026, 1, 31),
}
SUBSTITUTIONS = {
    "Amount__c": {"dataType": "number", "value": 1250.5, "options": {"length": 16, "scale": 2}},
    "Quantity__c": {"dataType": "number", "value": 3, "options": {"length": 16, "scale": 0}},
    "Name": {"dataType": "text", "value": "Cloud Storage", "options": {"length": 80}},
    "Type__c": {
        "dataType": "picklist",
        "value": "ONETIME",
        "options": {"values": ["ONETIME", "RECURRING"]},
    },
    "Start__c": {"dataType": "date", "value": "2026-01-31"},
}


@dataclass
class Case:
    """A formula with what was measured of it."""

    source: str
    returns: str
    simple: bool = False
    rates: dict[str, float] = field(default_factory=dict)
    formulon: float | None = None
    differs: object = None


CASES = (
    Case("Amount__c * Quantity__c", "Currency", simple=True),
    Case('IF(TEXT(Type__c) = "ONETIME", Amount__c, 0)', "Currency", simple=True),
    Case("Start__c + 30", "Date", simple=True),
    Case('AND(Amount__c > 0, Quantity__c < 5, Name <> "")', "Checkbox", simple=True),
    Case("ROUND(Amount__c / 3, 2)", "Currency", simple=True),
    Case('UPPER(LEFT(Name, 5)) & "-" & RIGHT(Name, 7)', "Text", simple=True),
    Case('CASE(Name, "a", 1, "b", 2, "Cloud Storage", 3, 4) + Quantity__c', "Number"),
    Case("(YEAR(Start__c) * 12 + MONTH(Start__c)) / Quantity__c", "Number"),
    Case('REGEX(Name, "[A-Z][a-z]+ [A-Z][a-z]+")', "Checkbox"),
    Case('IF(ISBLANK(Name), "none", SUBSTITUTE(Name, "Cloud", TEXT(Quantity__c)))', "Text"),
)

# Answers each line of standard input: how often a second, and with what value.
SCRIPT = """
const { parse } = require("formulon");
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { source, substitutions, seconds } = JSON.parse(line);
  for (const item of Object.values(substitutions)) {
    item.type = "literal";
    if (item.dataType === "date") item.value = new Date(item.value);
  }
  let result, count = 0, spent = 0;
  const began = process.hrtime.bigint();
  while (spent < seconds) {
    for (let i = 0; i < 100; i++) result = parse(source, substitutions);
    count += 100;
    spent = Number(process.hrtime.bigint() - began) / 1e9;
  }
  console.log(JSON.stringify({ rate: count / spent, value: result.value ?? result }));
});
"""


def main() -> None:
    """Measures, prints the table, and says whether the goals were met."""
    options = _options()
    with _formulon() as formulon:
        for _, case in itertools.product(range(options.rounds), CASES):
            for way, rate in _ours(case, options.seconds).items():
                case.rates[way] = max(rate, case.rates.get(way, 0))
            if formulon is not None:
                _measure_formulon(formulon, case, options.seconds)
    _print_table()
    _print_verdict()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="per measurement")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _ours(case: Case, seconds: float) -> dict[str, float]:
    formula = compile_formula(case.source, FIELDS, case.returns)
    records = [RECORD] * BATCH
    texts = (f"{case.source} /* {number} */" for number in itertools.count())

    def compiled() -> int:
        formula.evaluate_many(records)
        return BATCH

    def from_text() -> int:
        compile_formula(case.source, FIELDS, case.returns).evaluate(RECORD)
        return 1

    def first_time() -> int:
        compile_formula(next(texts), FIELDS, case.returns).evaluate(RECORD)
        return 1

    runs: tuple[Callable[[], int], ...] = (compiled, from_text, first_time)
    return {way: _rate(run, seconds) for way, run in zip(WAYS, runs, strict=True)}


def _rate(run: Callable[[], int], seconds: float) -> float:
    count = 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or not count:
        count += run()
    return count / spent


@contextmanager
def _formulon() -> Iterator[subprocess.Popen[str] | None]:
    """formulon waiting for lines in a process of its own; None, with the reason, where absent."""
    with tempfile.TemporaryDirectory() as folder:
        reason = _install(Path(folder))
        if reason is not None:
            print(f"formulon is absent: {reason}. Only this engine is measured.\n")
            yield None
            return
        command = ["node", "-e", SCRIPT]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, text=True) as process:
            yield process
            if process.stdin is not None:
                process.stdin.close()


def _install(folder: Path) -> str | None:
    """Puts formulon into the folder, or says why it could not."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not found"
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), FORMULON]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "npm took longer than two minutes"
    return f"npm: {done.stderr.strip()[-300:]}" if done.returncode else None


def _measure_formulon(process: subprocess.Popen[str], case: Case, seconds: float) -> None:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("formulon was started without pipes")
    request = {"source": case.source, "substitutions": SUBSTITUTIONS, "seconds": seconds}
    print(json.dumps(request), file=process.stdin, flush=True)
    answer = json.loads(process.stdout.readline())
    case.formulon = max(answer["rate"], case.formulon or 0)
    ours = compile_formula(case.source, FIELDS, case.returns).evaluate(RECORD)
    case.differs = None if _same(ours, answer["value"]) else answer["value"]


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, Decimal):
        return isinstance(theirs, int | float) and math.isclose(float(ours), theirs, rel_tol=1e-9)
    if isinstance(ours, date):
        return str(theirs)[:10] == ours.isoformat()
    return ours == theirs


def _print_table() -> None:
    print(f"{'per second':>12}{'':11}{'':11}{'':12}{'ours / formulon':>33}")
    print("".join(f"{way:>12}" for way in (*WAYS, "formulon", *WAYS)), " formula")
    for case in CASES:
        rates = "".join(f"{case.rates[way]:12,.0f}" for way in WAYS)
        theirs = "absent" if case.formulon is None else f"{case.formulon:,.0f}"
        ratios = "".join(f"{ratio:>12}" for ratio in _ratios(case))
        print(f"{rates}{theirs:>12}{ratios}  {case.source}")


def _ratios(case: Case) -> list[str]:
    if case.formulon is None:
        return ["-"] * len(WAYS)
    if case.differs is not None:
        return ["differs"] * len(WAYS)
    return [f"{case.rates[way] / case.formulon:.2f}" for way in WAYS]


def _print_verdict() -> None:
    slowest = min(case.rates["compiled"] for case in CASES if case.simple)
    print(f"\nSlowest simple formula: {slowest:,.0f}/s; goal {GOAL:,}: {_met(slowest >= GOAL)}.")
    compared = [case for case in CASES if case.formulon is not None and case.differs is None]
    for case in CASES:
        if case.differs is not None:
            print(f"formulon gives {case.differs!r} for {case.source}")
    for way in WAYS if compared else ():
        least = min(case.rates[way] / (case.formulon or 1) for case in compared)
        print(f"Never slower than formulon, {way}: {_met(least >= 1)} (least ratio {least:.2f}).")


def _met(is_met: bool) -> str:  # noqa: FBT001 - a word for a truth value
    return "met" if is_met else "not met"


if __name__ == "__main__":
    main()
