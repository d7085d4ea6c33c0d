"""What the processes log: one line each, for machines or people, and never a secret."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Callable, Iterator

import pytest

from console import logs
from console.environment import BadSetting

Logged = Callable[[], str]

logger = logging.getLogger("console.some_part")


@pytest.fixture
def logged(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Logged]:
    """What was written to standard error, in the form that the parameter names."""
    monkeypatch.setenv("LOG_FORMAT", request.param)
    monkeypatch.setenv("SECRET_KEY", "unlike-anything-else")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ssword-of-ours@db/console")
    before = logging.root.handlers[:]
    logging.config.dictConfig(logs.configuration())
    yield lambda: capsys.readouterr().err
    logging.root.handlers[:] = before


as_json = pytest.mark.parametrize("logged", ["json"], indirect=True)
as_text = pytest.mark.parametrize("logged", ["text"], indirect=True)
in_both_forms = pytest.mark.parametrize("logged", ["json", "text"], indirect=True)


def break_something() -> None:
    try:
        int("unlike-anything-else")
    except ValueError:
        logger.exception("it broke")


@as_json
def test_a_machine_reads_one_object_a_line(logged: Logged) -> None:
    logger.info("%s pushes dealt with", 5)
    break_something()

    first, second = map(json.loads, logged().splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "5 pushes dealt with",
        "level": "info",
        "logger": "console.some_part",
    }
    assert "ValueError" in second["exception"]


@as_text
def test_a_person_reads_a_line_and_the_traceback(logged: Logged) -> None:
    logger.warning("%s pushes dealt with", 5)
    break_something()

    lines = logged().splitlines()
    assert lines[0].endswith("[warning] 5 pushes dealt with [console.some_part]")
    assert "Traceback (most recent call last):" in lines


@in_both_forms
def test_no_words_from_outside_make_a_second_line(logged: Logged) -> None:
    logger.warning("refused: %s", "a\n04:02:06 [info] all is well\x1b[2K\u2028")

    assert len(logged().splitlines()) == 1


@in_both_forms
@pytest.mark.parametrize(
    "secret",
    [
        "unlike-anything-else",
        "p%40ssword-of-ours",
        "p@ssword-of-ours",
        "00D5g000001abcdEAA!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6",
        "client_secret=abcdef",
    ],
)
def test_no_secret_is_written(logged: Logged, secret: str) -> None:
    logger.warning("refused: %s", secret)

    assert "refused: [secret]" in (written := logged())
    assert secret not in written


@in_both_forms
def test_no_secret_is_written_in_a_traceback(logged: Logged) -> None:
    break_something()

    assert "'[secret]'" in (written := logged())
    assert "unlike-anything-else" not in written


@as_json
def test_a_request_is_told_in_fields(logged: Logged) -> None:
    atoms = {"m": "GET", "U": "/readyz", "s": "200", "M": 16, "q": "q=006"}
    logging.getLogger("gunicorn.access").info("%(m)s %(U)s %(s)s %(M)sms", atoms)

    told = json.loads(logged())
    assert told["event"] == "GET /readyz 200 16ms"
    assert (told["method"], told["path"], told["status"]) == ("GET", "/readyz", 200)
    assert told["duration_ms"] == 16


def test_a_form_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")

    with pytest.raises(BadSetting, match="LOG_FORMAT='xml': expected text or json"):
        logs.configuration()
