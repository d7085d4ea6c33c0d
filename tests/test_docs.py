"""The documentation says what the code says: reasons, settings, and an example that runs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from console.api import api
from console.api.problems import Problem
from console.api.salesforce import EventOut, OpportunityIn
from console.api.signature import sign
from console.environment import BASE_DIR
from syncrules import (
    create_from_quote_initiation,
    link_by_hand,
    link_rungs,
    link_via_primary_quote,
    map_account,
    relink,
    update_primary_quote,
)
from syncrules.decisions import Check
from syncrules.reasons import Reason, describe
from tests.repository import committed

_DOCS: Final = BASE_DIR / "docs"


def _sections(name: str) -> dict[str, str]:
    """Heading in back-quotes -> what stands under it."""
    parts = re.split(r"^#{2,4} (.+)$", (_DOCS / name).read_text(), flags=re.MULTILINE)
    sections = {}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        for term in re.findall(r"`([^`]+)`", heading):
            sections[term] = body.strip()
    return sections


# --- Reasons -------------------------------------------------------------------------------------


def _as_documented(reason: Reason) -> str:
    """The section that the catalogue asks for."""
    text = describe(reason)
    outcome = text.outcome.value.replace("_", " ")
    return (
        f"**{text.title}.** Outcome: {outcome}. Who can help: {text.owner.value}.\n\n"
        f"{text.explanation}\n\n"
        f"- Shown: {text.evidence}\n"
        f"- Remedy: {text.remedy}"
    )


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_documented_as_the_catalogue_has_it(reason: Reason) -> None:
    assert _sections("reasons.md").get(reason.value) == _as_documented(reason)


def test_no_reason_is_documented_that_is_none() -> None:
    assert _sections("reasons.md").keys() == {reason.value for reason in Reason}


# --- Settings ------------------------------------------------------------------------------------

_LOOK_UPS: Final = {"text", "flag", "integer", "words", "secret", "get"}


def _settings_read() -> Iterator[str]:
    """Every name that the console looks up in the environment."""
    for path in committed("console/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            first = node.args[0] if node.args else None
            owner = ast.unparse(node.func.value)
            if (
                node.func.attr in _LOOK_UPS
                and owner in ("env", "environment.load()", "os.environ")
                and isinstance(first, ast.Constant)
            ):
                yield str(first.value)


def test_every_setting_has_its_paragraph_and_every_paragraph_its_setting() -> None:
    documented = {
        term for term in _sections("operations.md") if re.fullmatch(r"[A-Z][A-Z_]+", term)
    }

    assert documented == {*_settings_read()}


# --- The API -------------------------------------------------------------------------------------


def _blocks(language: str) -> list[str]:
    page = (_DOCS / "api.md").read_text()
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [text for name, text in fenced if name == language]


def test_the_example_signs_as_the_console_does() -> None:
    (example,) = _blocks("python")
    (result,) = _blocks("")
    names: dict[str, Any] = {}
    exec(example, names)
    call: dict[str, Any] = {
        "secret": "an example secret, not a real one",
        "webhook_id": "msg-1",
        "timestamp": 1772452800,
        "body": b'{"Id": "006D000000CwFy6IAF"}',
    }

    assert names["signature"](**call) == result.strip() == sign(**call)


def test_every_endpoint_is_documented() -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }

    page = (_DOCS / "api.md").read_text()
    assert {*re.findall(r"`((?:GET|POST|PUT|DELETE) /api/[^`]+)`", page)} == described


def test_the_fields_of_an_opportunity_are_listed() -> None:
    page = (_DOCS / "api.md").read_text()
    listed = re.search(r"Known fields: (.*?)\. Ids may", page, re.DOTALL)

    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == OpportunityIn.model_fields.keys()


def test_the_answer_has_the_fields_of_the_example() -> None:
    answer, error = (json.loads(block) for block in _blocks("json"))

    EventOut.model_validate(answer)
    assert answer.keys() == EventOut.model_fields.keys()
    assert error.keys() == Problem(400, "code", "message").as_json().keys()


# --- Links ---------------------------------------------------------------------------------------


def _links() -> Iterator[tuple[str, str]]:
    for path in committed("*.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
            if not re.match(r"https?:|mailto:|#", target):
                yield path.relative_to(BASE_DIR).as_posix(), target.partition("#")[0]


def test_links_lead_to_files_that_are_there() -> None:
    links = [*_links()]

    assert links
    assert [
        (page, to) for page, to in links if not (BASE_DIR / page).parent.joinpath(to).exists()
    ] == []


# --- Statement, rule, test -----------------------------------------------------------------------

_STATEMENTS: Final = {
    "The nine scenarios": 9,
    "Six things worth knowing": 6,
    "Before you begin": 5,
    "Edge cases": 6,
}
_PROOF: Final = r"`(tests/[\w/]+\.py)::(\w+)`(?: \[([^\]]+)\])?"
_RULES: Final[dict[str, tuple[Check[Any], ...]]] = {
    "A": link_via_primary_quote.CHECKS,
    "B": create_from_quote_initiation.CHECKS,
    "C": update_primary_quote.CHECKS,
    "D": (
        *link_rungs.CONNECTION,
        *link_rungs.RELEASE,
        *link_rungs.LOCATE,
        *link_rungs.READ_BACK,
        *link_rungs.QUOTE,
    ),
    "hand": link_by_hand.CHECKS,
    "relink": (*relink.ENDING, *relink.STARTING),
    "map": map_account.CHECKS,
}


def _rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table under a heading of docs/flows.md."""
    page = (_DOCS / "flows.md").read_text()
    section = page.partition(f"### {heading}\n")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("heading", _STATEMENTS)
def test_every_statement_has_a_row_with_its_proof(heading: str) -> None:
    rows = _rows(heading)

    assert {int(row[0]) for row in rows} == {*range(1, _STATEMENTS[heading] + 1)}
    assert [row for row in rows if not re.fullmatch(_PROOF, row[3])] == []


@pytest.mark.parametrize("heading", [*_STATEMENTS, "How it says it works"])
def test_every_rung_that_the_tables_name_is_one_of_its_rule(heading: str) -> None:
    named = [
        (flow, key)
        for row in _rows(heading)
        for flow, keys in re.findall(r"(\w+): ((?:`\w+`(?:, )?)+)", row[-2])
        for key in re.findall(r"`(\w+)`", keys)
    ]

    assert named
    assert [each for each in named if each[1] not in {c.key for c in _RULES[each[0]]}] == []


def test_the_ladders_are_documented_rung_by_rung() -> None:
    """Under the heading of each flow, every rung of its rule, in order."""
    pages = _sections("flows.md")
    for flow, checks in _LADDERS.items():
        documented = re.findall(r"^\| `(\w+)` \|", pages[flow], re.MULTILINE)
        assert [key for key in documented if key in {c.key for c in checks}] == [
            check.key for check in checks
        ], flow


_LADDERS: Final[dict[str, tuple[Check[Any], ...]]] = {
    link_via_primary_quote.FLOW: link_via_primary_quote.CHECKS,
    create_from_quote_initiation.FLOW: create_from_quote_initiation.CHECKS,
    update_primary_quote.FLOW: update_primary_quote.CHECKS,
    link_by_hand.FLOW: link_by_hand.CHECKS,
    relink.FLOW: (*relink.ENDING, *relink.STARTING),
    map_account.FLOW: map_account.CHECKS,
}


def test_the_proofs_that_the_tables_name_are_there() -> None:
    """`tests/rules/test_x.py::test_y` [row of its table], in docs/flows.md."""
    page = (_DOCS / "flows.md").read_text()
    named = re.findall(_PROOF, page)

    assert named
    missing = [
        (path, test, row)
        for path, test, row in named
        if f"def {test}(" not in (BASE_DIR / path).read_text()
        or (row and f'"{row}"' not in (BASE_DIR / path).read_text())
    ]
    assert missing == []
