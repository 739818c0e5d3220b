"""A state made small again: what no run needs is dropped, and the file gives its empty room back."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from crawler.history import KEPT_DAYS
from crawler.policy import Policy
from crawler.state.addresses import Addresses
from crawler.state.articles import Articles
from crawler.state.database import FILE_NAME, Database
from crawler.state.errors import DiskError
from crawler.state.history import History
from crawler.state.site_files import SiteFiles

SETTLED_AFTER = dt.timedelta(days=30)  # since the last look at an article, which is at its 30th day where not set
SPARE_BYTES = 16_000_000  # left free beside what is needed: the disk is not ours alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What was dropped and kept, and the sizes of the state in bytes."""

    dropped: int
    kept: int
    settled: int  # articles that were written long ago, which take less room now
    before: int
    after: int


def compact(folder: Path, before: dt.date, today: dt.date) -> Compacted:
    """Drop the addresses that no source has named since a day and that hold no article, and shrink the file.

    Of articles whose last look is more than SETTLED_AFTER ago, what tells an edit is dropped.

    A kill at any moment leaves the state as it was before one of the two steps or after it. Raises LockedError while
    a run is using the folder; DiskError where there is no state, and where the disk has no room to shrink it: what
    was dropped then stays dropped, and its room is used again.
    """
    size = size_of(folder)
    db = Database(folder)
    try:
        addresses = Addresses(db, Policy(), today)
        dropped, kept = addresses.drop(before), addresses.count()
        settled = Articles(db).drop_shapes(today - SETTLED_AFTER)
        SiteFiles(db).drop(before)
        History(db).drop(today - dt.timedelta(days=KEPT_DAYS))
        _check_room(db, dropped)
        db.shrink()
    finally:
        db.close()
    return Compacted(dropped=dropped, kept=kept, settled=settled, before=size, after=size_of(folder))


def size_of(folder: Path) -> int:
    """The bytes of a folder's state on the disk, its journal among them; DiskError where there is none."""
    file = folder.resolve() / FILE_NAME
    if not file.exists():
        raise DiskError(f"{file}: there is no state here; name the crawl's folder with --data DIR")
    return sum(part.stat().st_size for part in file.parent.glob(f"{FILE_NAME}*"))


def _check_room(db: Database, dropped: int) -> None:
    """Raise DiskError unless the new copy has room beside the state twice: as it is made, and as it is taken over."""
    needed = 2 * db.used_bytes() + SPARE_BYTES
    free = shutil.disk_usage(db.folder).free
    if free < needed:
        raise DiskError(
            f"{db.folder}: {dropped:,} addresses were dropped, but to shrink the state takes {needed / 1e6:,.0f} MB of"
            f" free disk, and there are {free / 1e6:,.0f} MB; free some and run dateline compact again"
        )
