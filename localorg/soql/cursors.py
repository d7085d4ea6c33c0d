"""Queries that are read page by page: what is still to come, by locator."""

from collections import OrderedDict
from dataclasses import dataclass, field

from localorg import ids
from localorg.errors import ApiError
from localorg.soql.tree import Query

MOST_OPEN = 50
ID_LENGTH = 18


@dataclass(frozen=True)
class Cursor:
    """The ids that the query found, in its order, and the query itself for reading their fields.

    The ids stand in one text without separators: a hundred thousand of them are 2 MB, not 7.
    """

    query: Query
    record_ids: str
    page_size: int

    @property
    def total(self) -> int:
        return len(self.record_ids) // ID_LENGTH

    def page(self, start: int) -> list[str]:
        end = min(start + self.page_size, self.total)
        return [
            self.record_ids[number * ID_LENGTH : (number + 1) * ID_LENGTH]
            for number in range(start, end)
        ]


@dataclass
class Cursors:
    """The most recently opened cursors; an older one is gone, as in Salesforce."""

    opened: OrderedDict[str, Cursor] = field(default_factory=OrderedDict)
    count: int = 0

    def open(self, cursor: Cursor) -> str:
        self.count += 1
        locator = ids.numbered("01g", self.count)
        self.opened[locator] = cursor
        if len(self.opened) > MOST_OPEN:
            self.opened.popitem(last=False)
        return locator

    def find(self, locator: str) -> Cursor:
        try:
            self.opened.move_to_end(locator)
        except KeyError:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator") from None
        return self.opened[locator]
