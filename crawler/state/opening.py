"""The database of a state, opened as its place says."""

from __future__ import annotations

from pathlib import Path

from crawler.state.database import Database
from crawler.state.errors import DiskError
from crawler.state.folder import FolderLock, named_folder
from crawler.state.lease import Lease, owner_of
from crawler.state.sqlite import ReadSQLite, SQLite
from crawler.state.url import Place, Url


def opened(folder: Path, url: Url | None = None, lease: Lease | None = None) -> Database:
    """The database of a data folder: the SQLite file in it, or the one of a URL.

    The folder is held until the database is closed, but not under a lease: that keeps those apart who share it.
    Raises LockedError when another process holds the folder, DiskError when the state cannot be used.
    """
    if url is None:
        return SQLite(folder)
    from crawler.state.postgres import Postgres  # here, as psycopg is an extra

    if lease is not None:
        return Postgres(url, owner_of(lease.site), lease=lease)
    lock = _locked(folder)
    return Postgres(url, named_folder(folder.resolve()), lock=lock)


def opened_alone(place: Place) -> Database:
    """The database of a place, without a data folder where that is a server; errors as above."""
    if isinstance(place, Path):
        return SQLite(place)
    from crawler.state.postgres import Postgres

    return Postgres(place)


def opened_as_it_is(folder: Path, url: Url | None = None) -> Database:
    """The same, of which nothing is changed, nor brought up to date; DiskError where there is no state."""
    if url is None:
        return ReadSQLite(folder)
    from crawler.state.postgres import ReadPostgres

    lock = _locked(folder)
    return ReadPostgres(url, named_folder(folder.resolve()), lock=lock)


def _locked(folder: Path) -> FolderLock:
    try:
        return FolderLock(folder.resolve())
    except OSError as error:
        raise DiskError.of(error, folder) from error
