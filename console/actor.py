"""On whose behalf something happens: a person, an API client, or the console itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from console.models import ApiClient


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for the log, and what may be read. `group_ids` open quotes restricted to groups."""

    name: str
    user_id: int | None = None
    group_ids: frozenset[int] = frozenset()
    reads_everything: bool = False

    @classmethod
    def of_user(cls, user: AbstractBaseUser | AnonymousUser) -> Actor:
        groups = frozenset(user.groups.values_list("id", flat=True))  # type: ignore[union-attr]
        return cls(
            name=user.get_username(),
            user_id=user.pk,
            group_ids=groups,
            reads_everything=bool(getattr(user, "is_superuser", False)),
        )

    @classmethod
    def of_client(cls, client: ApiClient) -> Actor:
        groups = frozenset(client.groups.values_list("id", flat=True))
        return cls(name=f"API client {client.key}", group_ids=groups)

    @classmethod
    def console(cls, part: str) -> Actor:
        """The console acting by itself; it may read every quote."""
        return cls(name=f"console ({part})", reads_everything=True)
