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


def test_the_proofs_that_the_tables_name_are_there() -> None:
    """`tests/rules/test_x.py::test_y` [row of its table], in docs/flows.md."""
    page = (_DOCS / "flows.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`(?: \[([^\]]+)\])?", page)

    assert named
    missing = [
        (path, test, row)
        for path, test, row in named
        if f"def {test}(" not in (BASE_DIR / path).read_text()
        or (row and f'"{row}"' not in (BASE_DIR / path).read_text())
    ]
    assert missing == []
