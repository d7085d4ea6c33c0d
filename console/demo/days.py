"""The sample's dates, all counted from one anchor day so that they look current."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


def add_months(first: date, months: int) -> date:
    """The first of a month, so many months after another first."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def whole_months(start: date, end: date) -> int:
    """Months from the first of one month to the last day of another."""
    after = end + timedelta(days=1)
    return (after.year - start.year) * 12 + after.month - start.month


def last_day(start: date, months: int) -> date:
    """The last day of a span of whole months."""
    return add_months(start, months) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    anchor: date

    def moment(self, *, days_ago: int) -> datetime:
        return datetime.combine(self.anchor, time(9, 30), tzinfo=UTC) - timedelta(days=days_ago)

    def day(self, *, ahead: int) -> date:
        return self.anchor + timedelta(days=ahead)

    def first_of_month(self, *, months_ahead: int) -> date:
        return add_months(self.anchor.replace(day=1), months_ahead)

    @property
    def next_new_year(self) -> date:
        return date(self.anchor.year + 1, 1, 1)
