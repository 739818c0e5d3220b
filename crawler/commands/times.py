"""Lengths of time and moments as a person says them."""

from __future__ import annotations

import datetime as dt
import math


def rough(time: dt.timedelta) -> str:
    """A length of time as one number.

    >>> [rough(dt.timedelta(minutes=n)) for n in (-1, 40, 150, 3000)]
    ['1 min', '40 min', '2 h', '2 days']
    """
    minutes = max(math.ceil(time.total_seconds() / 60), 1)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"


def ago(moment: dt.datetime | None, now: dt.datetime) -> str:
    """How long ago a moment was; a dash for none.

    >>> now = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)
    >>> ago(now - dt.timedelta(hours=3), now), ago(None, now)
    ('3 h ago', '–')
    """
    return f"{rough(now - moment)} ago" if moment else "–"


def ahead(moment: dt.datetime | None, now: dt.datetime) -> str:
    """When a moment comes; a dash for none.

    >>> now = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)
    >>> ahead(now + dt.timedelta(minutes=20), now), ahead(now, now)
    ('in 20 min', 'now')
    """
    if moment is None:
        return "–"
    return f"in {rough(moment - now)}" if moment > now else "now"
