"""What a page answers when the flow decided against it, with the way to the steps."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.admin.base import page_of
from console.models import SyncLog


def refused(entry: SyncLog) -> SafeString:
    """Nothing was changed, why, and where the attempt is explained."""
    return format_html(
        'Nothing was changed. {}. <a class="c-link" href="{}">Sync log entry {}</a> has the steps.',
        entry.title,
        page_of(entry),
        entry.pk,
    )
