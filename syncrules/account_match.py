"""Which MN account is this Salesforce account likely to be? Ranked, each with its evidence.

A suggestion is never applied by itself: names alike are not yet one customer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from syncrules.account_facts import KnownAccount, RemoteAccount
from syncrules.facts import MN_ID_FIELD

LIKELY: Final = 60
MOST: Final = 5

_ALIKE: Final = 0.5
_NAMED, _FIRST_DEAL, _NEXT_DEAL, _DOMAIN, _NAME, _CURRENCY = 100, 60, 5, 40, 40, 3
_DEALS_THAT_COUNT: Final = 5

_LEGAL_FORM: Final = re.compile(
    "ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated|kg|limited|llc|llp|ltd|nv|oy|"
    "plc|pty|sa|sarl|sas|se|spa|srl|the"
)
_SHARED_HOSTS: Final = frozenset(
    {"facebook.com", "github.io", "instagram.com", "linkedin.com", "twitter.com", "x.com"}
)
"""Sites that say nothing of whose page it is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An MN account, and how many of its opportunities are paired with the record's."""

    account: KnownAccount
    shared_opportunities: int = 0


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for or against a candidate, in words."""

    words: str
    points: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate with what speaks for it, the weightiest clue first."""

    account: KnownAccount
    clues: tuple[Clue, ...]

    @property
    def points(self) -> int:
        return sum(clue.points for clue in self.clues)

    @property
    def is_likely(self) -> bool:
        return self.points >= LIKELY


def rank(remote: RemoteAccount, candidates: Iterable[Candidate]) -> list[Suggestion]:
    """The few candidates that something speaks for, the likeliest first."""
    suggestions = []
    for candidate in candidates:
        strong = sorted(_strong_clues(remote, candidate), key=lambda clue: -clue.points)
        if strong:
            clues = (*strong, *_currency(remote, candidate.account))
            suggestions.append(Suggestion(candidate.account, clues))
    suggestions.sort(key=lambda each: (-each.points, each.account.name, each.account.mn_id))
    return suggestions[:MOST]


def _strong_clues(remote: RemoteAccount, candidate: Candidate) -> Iterator[Clue]:
    account, shared = candidate.account, candidate.shared_opportunities
    if remote.mn_id == account.mn_id:
        yield Clue(f"The Salesforce account names it in {MN_ID_FIELD}", _NAMED)
    if shared:
        points = _FIRST_DEAL + _NEXT_DEAL * (min(shared, _DEALS_THAT_COUNT) - 1)
        verb = "is" if shared == 1 else "are"
        yield Clue(f"{shared} of its opportunities {verb} paired with the record's", points)
    host = same_host(remote.website or "", account.website)
    if host:
        yield Clue(f"Both have the website {host}", _DOMAIN)
    alike = similarity(remote.name, account.name)
    if alike == 1:
        yield Clue("The names are the same", _NAME)
    elif alike >= _ALIKE:
        yield Clue(f"The names are {alike:.0%} alike", round(_NAME * alike))


def _currency(remote: RemoteAccount, account: KnownAccount) -> Iterator[Clue]:
    if remote.currency and account.currency:
        if remote.currency == account.currency:
            yield Clue(f"Both are in {account.currency}", _CURRENCY)
        else:
            yield Clue(
                f"The currencies differ: {remote.currency} in Salesforce, {account.currency} here",
                -_CURRENCY,
            )


def similarity(one: str, other: str) -> float:
    """How alike two company names are, from 0 to 1, legal forms and accents aside."""
    ours, theirs = _plain(one), _plain(other)
    if not ours or not theirs:
        return 0
    if ours == theirs:
        return 1
    first, second = _trigrams(ours), _trigrams(theirs)
    return 2 * len(first & second) / (len(first) + len(second))


def same_host(one: str, other: str) -> str | None:
    """The host that two websites share, or the shorter one when the other is a part of it."""
    shorter, longer = sorted((host_of(one), host_of(other)), key=len)
    if not shorter or "." not in shorter or shorter in _SHARED_HOSTS:
        return None
    return shorter if longer == shorter or longer.endswith(f".{shorter}") else None


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    words = re.findall(r"\w+", bare.replace(".", ""))
    telling = [word for word in words if not _LEGAL_FORM.fullmatch(word)]
    return " ".join(telling or words)


def _trigrams(text: str) -> set[str]:
    return {
        padded[start : start + 3]
        for word in text.split()
        for padded in [f"  {word} "]
        for start in range(len(padded) - 2)
    }


def host_of(website: str) -> str:
    """The host of a website however it is written, without www; empty when there is none."""
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", website.strip().lower())
    host = re.split(r"[/?#]", bare, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    return host.strip(".").removeprefix("www.")
