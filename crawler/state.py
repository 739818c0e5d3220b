"""What is known between runs: how addresses ended, the versions of articles, lines on their way to a file."""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crawler.delivery import append_lines, make_folder, repair
from crawler.identity import canonical_key
from crawler.items import Outcome, Reason
from crawler.policy import Policy

logger = logging.getLogger(__name__)

FILE_NAME = "state.sqlite"
LOCK_NAME = "lock"
UNCOMMITTED_OUTCOMES = 100  # so many refused addresses may have to be asked for again after a kill

# One script per version of the schema, never edited once released; PRAGMA user_version counts those applied.
MIGRATIONS = (
    """
    CREATE TABLE addresses (
        key TEXT PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT, detail TEXT NOT NULL, day TEXT,
        article TEXT, tries INTEGER NOT NULL, ended_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, content_hash TEXT NOT NULL, address TEXT NOT NULL,
        first_seen TEXT NOT NULL, updated_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE files (path TEXT PRIMARY KEY, committed INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE pending (number INTEGER PRIMARY KEY, path TEXT NOT NULL, line BLOB NOT NULL);
    """,
)

# After how many tries an outcome that may be passing counts as the address's last word; the others do at once.
_TRIES = {Outcome.EXTRACTION_FAILED: 2, Outcome.BLOCKED: 3}
_NEVER_FINAL = frozenset(
    {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.DEFERRED, Outcome.ROBOTS, Outcome.REFUSED_ADDRESS}
)
_PASSING_STATUS = frozenset({408, 425, 429})
_REFUSING_STATUS = frozenset({401, 403})


class LockedError(Exception):
    """Another run is using this data folder."""


class DiskError(Exception):
    """The disk, or the state on it, cannot be read or written: the message names the place and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one address ended, at a moment (RFC 3339)."""

    url: str
    outcome: Outcome
    at: str
    reason: Reason | None = None
    detail: str = ""
    day: dt.date | None = None  # of publication, for a page that was too old
    article: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest written version of an article."""

    id: str
    version: int
    content_hash: str
    address: str  # canonical key of the address that it was read at
    first_seen: str


def judge(known: Known | None, content_hash: str, address: str) -> Outcome:
    """How a page with an article ends, by what is known of the article.

    The same article at another address (an AMP twin, a second page) is a duplicate, whatever its text: only the
    address that the article was written from may bring a new version of it.

    >>> judge(None, "h1", "example.org/a")
    <Outcome.SAVED: 'saved'>
    >>> old = Known(id="1", version=1, content_hash="h1", address="example.org/a", first_seen="2025-01-01T00:00:00Z")
    >>> judge(old, "h2", "example.org/a"), judge(old, "h2", "example.org/amp/a")
    (<Outcome.UPDATED: 'updated'>, <Outcome.DUPLICATE: 'duplicate'>)
    """
    if known is None:
        return Outcome.SAVED
    if known.address != address:
        return Outcome.DUPLICATE
    return Outcome.UNCHANGED if known.content_hash == content_hash else Outcome.UPDATED


def is_final(ended: Ended, tries: int, policy: Policy) -> bool:
    """Whether an address that ended so need not be fetched again by a later run.

    >>> missing = Ended(url="", outcome=Outcome.HTTP_STATUS, at="", detail="404")
    >>> down = Ended(url="", outcome=Outcome.HTTP_STATUS, at="", detail="503")
    >>> is_final(missing, 1, Policy()), is_final(down, 9, Policy())
    (True, False)
    """
    if ended.outcome in _NEVER_FINAL:
        return False
    if ended.outcome is Outcome.UNDATED:
        return policy.undated == "refuse"
    if ended.reason is Reason.TOO_OLD:
        return policy.since is not None and ended.day is not None and ended.day < policy.since
    if ended.outcome is Outcome.HTTP_STATUS:
        return _is_final_status(ended.detail, tries)
    return tries >= _TRIES.get(ended.outcome, 1)


def _is_final_status(detail: str, tries: int) -> bool:
    status = int(detail[:3]) if detail[:3].isdigit() else 0
    if status >= 500 or status in _PASSING_STATUS or not status:
        return False
    return tries >= (3 if status in _REFUSING_STATUS else 1)


class State:
    """The state of one data folder, locked for this process until closed.

    What is written survives a kill at any moment: a line is committed here first, then appended to its file, then
    struck off; opening repairs what a killed run left between these steps.

    Raises LockedError when another process holds the folder, DiskError when the folder cannot be used.
    """

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self.folder = folder.resolve()
        self.policy = policy or Policy()
        self._uncommitted = 0
        self._is_broken = False
        with self._disk_errors():
            make_folder(self.folder)
            self._lock = _lock(self.folder / LOCK_NAME)
            self._db = sqlite3.connect(self.folder / FILE_NAME, isolation_level=None, timeout=5)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    @property
    def is_broken(self) -> bool:
        """Whether the disk has refused something: nothing more is written then, the next run repairs and goes on."""
        return self._is_broken

    def is_seen(self, url: str) -> bool:
        """Whether an earlier look at this address, in this run or before it, was its last word."""
        row = self._db.execute(
            "SELECT outcome, reason, detail, day, tries FROM addresses WHERE key = ?", (_key(url),)
        ).fetchone()
        if row is None:
            return False
        outcome, reason, detail, day, tries = row
        ended = Ended(
            url=url,
            outcome=Outcome(outcome),
            at="",
            reason=Reason(reason) if reason else None,
            detail=detail,
            day=dt.date.fromisoformat(day) if day else None,
        )
        return is_final(ended, tries, self.policy)

    def article(self, article_id: str) -> Known | None:
        """The newest written version of this article."""
        row = self._db.execute(
            "SELECT version, content_hash, address, first_seen FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        if row is None:
            return None
        return Known(id=article_id, version=row[0], content_hash=row[1], address=row[2], first_seen=row[3])

    def end(self, ended: Ended) -> None:
        """Note how an address ended; on disk with the next article, or at the latest with ``flush``."""
        with self._disk_errors():
            self._begin()
            self._note(ended)
            self._uncommitted += 1
            if self._uncommitted >= UNCOMMITTED_OUTCOMES:
                self.flush()

    def save(self, article: Known, ended: Ended, line: bytes, path: Path) -> None:
        """Write one version of an article: state first, line second; both are on the disk when this returns."""
        name = self._name(path)
        with self._disk_errors():
            self._begin()
            self._note(ended)
            self._db.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " version = excluded.version, content_hash = excluded.content_hash, updated_at = excluded.updated_at",
                (article.id, article.version, article.content_hash, article.address, article.first_seen, ended.at),
            )
            self._db.execute("INSERT INTO pending (path, line) VALUES (?, ?)", (name, line))
            self.flush()
            self._warn_if_cut(path, name)
            self._settle(name, append_lines(path, [line]))

    def flush(self) -> None:
        """Put every outcome noted so far on the disk."""
        with self._disk_errors():
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._uncommitted = 0

    def close(self) -> None:
        """Put everything on the disk and let the folder go; what the disk refuses stays for the next run's repair."""
        try:
            if not self._is_broken:
                self.flush()
        finally:
            with suppress(sqlite3.Error):
                self._db.close()
            self._lock.close()

    def _open(self) -> None:
        with self._disk_errors():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._migrate()
            self._repair()

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def _note(self, ended: Ended) -> None:
        day = ended.day.isoformat() if ended.day else None
        self._db.execute(
            "INSERT INTO addresses VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET"
            " outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail, day = excluded.day,"
            " article = coalesce(excluded.article, article), tries = tries + 1, ended_at = excluded.ended_at",
            (
                _key(ended.url),
                ended.outcome,
                ended.reason,
                ended.detail,
                day,
                ended.article,
                ended.at,
            ),
        )

    def _settle(self, name: str, size: int) -> None:
        """Strike off the lines that are in their file.

        A power cut may take this commit back without harm (the repair then finds the lines in place), so it need not
        wait for the disk.
        """
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM pending WHERE path = ?", (name,))
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, size))
            self._db.execute("COMMIT")
        finally:
            self._db.execute("PRAGMA synchronous = FULL")

    def _committed(self, name: str) -> int:
        row = self._db.execute("SELECT committed FROM files WHERE path = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _warn_if_cut(self, path: Path, name: str) -> None:
        committed = self._committed(name)
        size = path.stat().st_size if path.exists() else 0
        if size < committed:
            logger.warning("%s is shorter than what was written to it: going on after what is there", path)
            self._db.execute("DELETE FROM files WHERE path = ?", (name,))

    def _repair(self) -> None:
        for (name,) in self._db.execute("SELECT DISTINCT path FROM pending").fetchall():
            rows = self._db.execute("SELECT line FROM pending WHERE path = ? ORDER BY number", (name,))
            path = self.folder / name  # an absolute name stays itself
            self._warn_if_cut(path, name)
            self._settle(name, repair(path, self._committed(name), [line for (line,) in rows]))

    def _name(self, path: Path) -> str:
        """How a file is called in the state: relative inside the folder, so that the folder may be moved."""
        path = path.resolve()
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)

    def _migrate(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise DiskError(f"{self.folder / FILE_NAME}: written by a newer version of dateline; update dateline")
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            self._db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        if self._is_broken:
            raise DiskError(f"{self.folder}: the disk refused an earlier write")
        try:
            yield
        except OSError as error:
            self._is_broken = True
            raise DiskError(f"{error.filename or self.folder}: {error.strerror or error}") from error
        except sqlite3.DatabaseError as error:
            self._is_broken = True
            raise DiskError(f"{self.folder / FILE_NAME}: {error}") from error


def _key(url: str) -> str:
    """The canonical key as SQLite can hold it: lone surrogates, which only broken addresses have, are spelled out."""
    return canonical_key(url).encode("utf-8", "backslashreplace").decode()


def _lock(path: Path) -> IO[bytes]:
    """The lock of a data folder, held while the returned file is open; the kernel frees it when the process ends."""
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read(20).decode("ascii", "replace").strip()
        file.close()
        raise LockedError(f"{path.parent}: another run (process {owner or 'unknown'}) is using this folder") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file
