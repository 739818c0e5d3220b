"""Texts by strangers, as they stand on the page."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from crawler.terminal import one_line

MAX_CHARACTERS = 300


def text(raw: str) -> str:
    """Cleaned and escaped."""
    return escape(clean(raw))


def clean(raw: str) -> str:
    """Without what cannot be seen, and cut where it is long."""
    seen = one_line(raw)
    return seen if len(seen) <= MAX_CHARACTERS else seen[: MAX_CHARACTERS - 1] + "…"


def typed(command: str) -> str:
    """A command that can be pasted: nothing is in it that a terminal would obey or not show.

    >>> typed("dateline why 'https://example.org/\\x1b]0;x\\u202egnp'")
    "dateline why 'https://example.org/%1B]0;x%E2%80%AEgnp'"
    """
    return "".join(c if c == one_line(c) or c == " " else quote(c, errors="replace") for c in command)
