"""How the processes log: a JSON object a line for machines, or a readable line; never a secret.

Used by the settings, and by gunicorn's own configuration, which is read before them.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from console import environment
from console.salesforce.redaction import without_secrets

_TEXT: Final = "text"
_JSON: Final = "json"
_TOO_SHORT: Final = 8
"""What is shorter is no secret, and stands in many an innocent word."""

# Line ends, escape sequences of terminals, and what some programs take for a line end.
_CONTROL: Final = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
_ESCAPED: Final = {code: repr(chr(code)).strip("'") for code in _CONTROL}


class StandardError(logging.Handler):
    """Writes to standard error as it is at that moment: who captures it puts another in its
    place, and closes that."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  as every handler of the library
            self.handleError(record)


def configuration() -> dict[str, Any]:
    """For `logging.config.dictConfig`. Errors: BadSetting for a LOG_FORMAT that is none."""
    form = _form()
    is_text = form == _TEXT
    renderer = _readable() if is_text else structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            form: {
                "()": ProcessorFormatter,
                "foreign_pre_chain": _prepared(is_text=is_text),
                "processors": [ProcessorFormatter.remove_processors_meta, renderer],
                "pass_foreign_args": not is_text,
            }
        },
        "handlers": {"stderr": {"()": StandardError, "formatter": form}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "console": {"level": "INFO"},
            # Their own handlers, which gunicorn has made by then, go.
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": True},
        },
    }


def _form() -> str:
    env = environment.load()
    form = env.text("LOG_FORMAT", _TEXT if sys.stderr.isatty() else _JSON)
    if form not in (_TEXT, _JSON):
        raise environment.BadSetting(f"LOG_FORMAT={form!r}: expected {_TEXT} or {_JSON}")
    return form


def _readable() -> Processor:
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(
        colors=False, pad_event_to=0, pad_level=False, exception_formatter=plain
    )


def _prepared(*, is_text: bool) -> list[Processor]:
    """What becomes of a record before it is rendered."""
    clock = structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_text else "iso", utc=True)
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        clock,
        *([] if is_text else [_request_in_fields]),
        structlog.processors.format_exc_info,
        _Redaction(environment.load()),
        *([_on_one_line] if is_text else []),
    ]


def _request_in_fields(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """gunicorn's line for a request, taken apart."""
    atoms = event.pop("positional_args", None)
    if event["logger"] == "gunicorn.access" and isinstance(atoms, dict):
        event.update(
            method=atoms["m"], path=atoms["U"], status=int(atoms["s"]), duration_ms=atoms["M"]
        )
    return event


class _Redaction:
    """Takes out what looks like a credential, and the secrets that are configured, whatever
    they look like."""

    def __init__(self, env: environment.Environment) -> None:
        kept = sorted(filter(_is_telling, _secrets(env)), key=len, reverse=True)
        self._configured = re.compile("|".join(map(re.escape, kept)) or r"(?!)")

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return without_secrets(self._configured.sub("[secret]", value))


def _secrets(env: environment.Environment) -> list[str]:
    urls = (urlsplit(env.secret("DATABASE_URL")), urlsplit(env.secret("REDIS_URL")))
    in_urls = [url.password or "" for url in urls]
    return [
        env.secret("SECRET_KEY"),
        *env.secret("FIELD_KEYS").split(","),
        *in_urls,
        *map(unquote, in_urls),
        env.secret("SALESFORCE_CLIENT_SECRET"),
        env.secret("LOCALORG_CLIENT_SECRET"),
    ]


def _is_telling(secret: str) -> bool:
    return len(secret) >= _TOO_SHORT


def _on_one_line(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Nobody who has a word in a message can make it look like two."""
    event["event"] = str(event["event"]).translate(_ESCAPED)
    return event
