"""The command that looks closer at an alarm, as it can be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from crawler.drift.kinds import Drift
from crawler.identity import site_of

_ON_A_PAGE = frozenset({Drift.WALLS, Drift.EMPTY, Drift.UNDATED, Drift.DATES, Drift.REMOVED})


def closer_look(kind: Drift, source: str, page: str | None, place: Sequence[str], allow: Sequence[str] = ()) -> str:
    """For a source by its address, and for the last of its pages that was read; addresses are strangers' words.

    ``place`` are the options that name the state (crawler.state.url).

    >>> closer_look(Drift.UNDATED, "https://example.org/", "https://example.org/a;b", ("--data", "data"))
    "dateline why 'https://example.org/a;b' --data data"
    """
    options = [part for host in allow for part in ("--allow", host)]
    if kind in _ON_A_PAGE and page:
        words = ["dateline", "why", page, *place, *options]
    elif kind is Drift.MISMATCH:
        words = ["dateline", "memory", site_of(page or source), *place]
    else:
        words = ["dateline", "crawl", source, "--verbose", *place, *options]
    return shlex.join(words)
