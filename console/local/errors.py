"""What can go wrong while starting the local services, in words for the person at the terminal."""

from __future__ import annotations


class LocalError(Exception):
    """Something cannot be started; the message says what, and what would help."""


class Stopped(Exception):
    """The user asked to stop while something was being started."""
