"""A state made small again: what no run needs is dropped, and the file gives its empty room back."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.history import KEPT_DAYS
from crawler.policy import Policy
from crawler.state.addresses import Addresses
from crawler.state.articles import Articles
from crawler.state.database import Database
from crawler.state.errors import DiskError
from crawler.state.history import History
from crawler.state.reading import is_there
from crawler.state.site_files import SiteFiles
from crawler.state.sqlite import FILE_NAME, SQLite
from crawler.state.url import Place, Url

SETTLED_AFTER = dt.timedelta(days=30)  # since the last look at an article, which is at its 30th day where not set
SPARE_BYTES = 16_000_000  # left free beside what is needed: the disk is not ours alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What was dropped and kept, and the sizes of the state in bytes."""

    dropped: int
    kept: int
    settled: int  # articles that were written long ago, which take less room now
    before: int = 0
    after: int = 0


def compact(place: Place, before: dt.date, today: dt.date) -> Compacted:
    """Drop the addresses that no source has named since a day and that hold no article, and shrink the state.

    Of articles whose last look is more than SETTLED_AFTER ago, what tells an edit is dropped. A database on a server is
    compacted while others write to it; the room that is empty then is used again.

    A kill at any moment leaves the state as it was before one of the steps or after it. Raises LockedError while a run
    is using the folder; DiskError where there is no state, and where the disk has no room to shrink it: what was
    dropped then stays dropped, and its room is used again.
    """
    return _compact_folder(place, before, today) if isinstance(place, Path) else _compact_server(place, before, today)


def size_of(folder: Path) -> int:
    """The bytes of a folder's state on the disk, its journal among them; DiskError where there is none."""
    file = folder.resolve() / FILE_NAME
    if not file.exists():
        raise DiskError(f"{file}: there is no state here; name the crawl's folder with --data DIR")
    return sum(part.stat().st_size for part in file.parent.glob(f"{FILE_NAME}*"))


def _compact_folder(folder: Path, before: dt.date, today: dt.date) -> Compacted:
    size = size_of(folder)
    with closing(SQLite(folder)) as db:
        done = _drop(db, before, today)
        _check_room(db, done.dropped)
        db.shrink()
    return replace(done, before=size, after=size_of(folder))


def _compact_server(url: Url, before: dt.date, today: dt.date) -> Compacted:
    if not is_there(url):
        raise DiskError(f"{url}: there is no state here yet; a crawl with --state makes it")
    from crawler.state.postgres import Postgres

    with closing(Postgres(url)) as db:
        size = db.size_bytes()
        done = _drop(db, before, today)
        db.shrink()
        return replace(done, before=size, after=db.size_bytes())


def _drop(db: Database, before: dt.date, today: dt.date) -> Compacted:
    addresses = Addresses(db, Policy(), today)
    dropped, kept = addresses.drop(before), addresses.count()
    settled = Articles(db).drop_shapes(today - SETTLED_AFTER)
    SiteFiles(db).drop(before)
    History(db).drop(today - dt.timedelta(days=KEPT_DAYS))
    return Compacted(dropped=dropped, kept=kept, settled=settled)


def _check_room(db: SQLite, dropped: int) -> None:
    """Raise DiskError unless the new copy has room beside the state twice: as it is made, and as it is taken over."""
    needed = 2 * db.used_bytes() + SPARE_BYTES
    free = shutil.disk_usage(db.folder).free
    if free < needed:
        raise DiskError(
            f"{db.folder}: {dropped:,} addresses were dropped, but to shrink the state takes {needed / 1e6:,.0f} MB of"
            f" free disk, and there are {free / 1e6:,.0f} MB; free some and run dateline compact again"
        )
