"""The folder, the disk and the clock."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crawler.doctor.findings import Finding, ok, problem

ENOUGH_BYTES = 200_000_000  # some 20,000 articles, and a state of a million addresses to write anew
CLOCKS_DIFFER = dt.timedelta(minutes=5)


def check_places(folder: Path, now: dt.datetime) -> Iterator[Finding]:
    """What a run needs of the machine."""
    yield _folder(folder)
    yield _disk(shutil.disk_usage(folder).free)
    yield _clock(folder, now)


def _folder(folder: Path) -> Finding:
    places = [folder, *(folder / name for name in ("articles", "reports"))]
    closed = [str(place) for place in places if place.exists() and not os.access(place, os.W_OK | os.X_OK)]
    if closed:
        return problem("folder", f"{', '.join(closed)}: cannot be written", "give the user of the crawl the right to")
    return ok("folder", f"{folder} can be written")


def _disk(free: int) -> Finding:
    said = f"{free / 1e9:,.1f} GB free"
    return ok("disk", said) if free >= ENOUGH_BYTES else problem("disk", said, "make room before the next run")


def _clock(folder: Path, now: dt.datetime) -> Finding:
    newest = max(_runs(folder), default=None)
    if newest is None:
        return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; no run to compare it with")
    if newest > now + CLOCKS_DIFFER:
        said = f"{now:%Y-%m-%d %H:%M} UTC, but the newest run began at {newest:%Y-%m-%d %H:%M}"
        return problem("clock", said, "set the machine's clock; dates of crawling may be wrong")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; the newest run began at {newest:%Y-%m-%d %H:%M}")


def _runs(folder: Path) -> Iterator[dt.datetime]:
    """When runs began, as the names of their reports say."""
    for report in (folder / "reports").glob("*.json"):
        with suppress(ValueError):
            yield dt.datetime.strptime(report.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
