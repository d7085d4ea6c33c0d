"""Dates and times in the one spelling that is stored, compared and sent."""

from datetime import UTC, date, datetime, timedelta


def spelled(moment: datetime) -> str:
    """The spelling of the REST API; text order is time order, since all are UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def now() -> str:
    """The present second: Salesforce stamps records with whole seconds."""
    return spelled(datetime.now(UTC).replace(microsecond=0))


def now_exact() -> str:
    return spelled(datetime.now(UTC))


def hours_since_epoch() -> int:
    return int(datetime.now(UTC).timestamp() // 3600)


def later(*, seconds: float) -> str:
    return spelled(datetime.now(UTC) + timedelta(seconds=seconds))


def parsed_date(text: str) -> str:
    """The date itself; ValueError when the text is none."""
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text).isoformat()


def parsed_datetime(text: str) -> str:
    """The moment in our spelling; ValueError when there is no zone or no date in it."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError(text)
    return spelled(moment)
