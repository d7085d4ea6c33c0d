"""Who may sign in."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

LOCAL_DOMAIN: Final = "local.invalid"
LOCAL_API_SECRET: Final = "demo-secret-for-local-use-only"  # noqa: S105  known, thus local only


class ConsoleBackend(ModelBackend):
    """Turns the ready-made sign-ins away, new and old sessions alike, once anything is real.

    Their passwords are printed in the README; they stay in the database when somebody who tried
    the console locally connects it to a real org.
    """

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        is_local = str(getattr(user, "email", "")).endswith(f"@{LOCAL_DOMAIN}")
        return super().user_can_authenticate(user) and (settings.LOCAL or not is_local)


def may_sign(secret: str) -> bool:
    """Whether a call signed with the secret proves anything: the sample's is known to everybody,
    and stays in the database like the sign-ins."""
    return bool(secret) and (settings.LOCAL or secret != LOCAL_API_SECRET)
