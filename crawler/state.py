"""What is known between runs: how addresses ended, the versions of articles, lines on their way to a file."""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from crawler.delivery import append_lines, make_folder, repair
from crawler.identity import canonical_key
from crawler.items import Outcome, Reason
from crawler.policy import Policy
from crawler.verdict import Ended, Known, is_final, is_passing

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
    """
    ALTER TABLE addresses ADD COLUMN status INTEGER;
    UPDATE addresses SET status = CAST(detail AS INTEGER)
        WHERE outcome = 'HTTP status' AND detail GLOB '[1-5][0-9][0-9]';
    ALTER TABLE articles ADD COLUMN title_hash TEXT;
    ALTER TABLE articles ADD COLUMN text_hash TEXT;
    """,
    """
    CREATE TABLE memories (site TEXT PRIMARY KEY, memory BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE waiting (key TEXT PRIMARY KEY, site TEXT NOT NULL, page BLOB NOT NULL);
    CREATE INDEX waiting_of_site ON waiting (site);
    """,
)


class LockedError(Exception):
    """Another run is using this data folder."""


class DiskError(Exception):
    """The disk, or the state on it, cannot be read or written: the message names the place and what to do."""


class State:
    """The state of one data folder, locked for this process until closed.

    ``recovered`` counts the lines, by file, that an earlier run had committed and that opening has written.

    What is written survives a kill at any moment: a line is committed here first, then appended to its file, then
    struck off; opening repairs what a killed run left between these steps.

    Raises LockedError when another process holds the folder, DiskError when the folder cannot be used.
    """

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self.folder = folder.resolve()
        self.policy = policy or Policy()
        self.recovered: dict[Path, int] = {}
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

    def is_seen(self, url: str) -> bool:
        """Whether an earlier look at this address, in this run or before it, was its last word."""
        with self._disk_errors():
            row = self._db.execute(
                "SELECT outcome, reason, status, day, tries FROM addresses WHERE key = ?", (key_of(url),)
            ).fetchone()
            if row is None:
                waits = self._db.execute("SELECT 1 FROM waiting WHERE key = ?", (key_of(url),)).fetchone()
                return waits is not None
        outcome, reason, status, day, tries = row
        ended = Ended(
            url=url,
            outcome=Outcome(outcome),
            at="",
            reason=Reason(reason) if reason else None,
            status=status,
            day=dt.date.fromisoformat(day) if day else None,
        )
        return is_final(ended, tries, self.policy)

    def article(self, article_id: str) -> Known | None:
        """The newest written version of this article."""
        with self._disk_errors():
            row = self._db.execute(
                "SELECT version, content_hash, address, first_seen, title_hash, text_hash FROM articles WHERE id = ?",
                (article_id,),
            ).fetchone()
        if row is None:
            return None
        names = ("version", "content_hash", "address", "first_seen", "title_hash", "text_hash")
        return Known(id=article_id, **dict(zip(names, row, strict=True)))

    def end(self, ended: Ended) -> None:
        """Note how an address ended; on disk with the next article, or at the latest with ``flush``."""
        with self._writing():
            with self._together():
                self._note(ended)
            self._uncommitted += 1
            if self._uncommitted >= UNCOMMITTED_OUTCOMES:
                self.flush()

    def save(self, article: Known, ended: Ended, line: bytes, path: Path) -> None:
        """Write one version of an article: state first, line second; both are on the disk when this returns.

        ``article.address`` is a key (see ``key_of``). Any error but DiskError leaves no trace of the article.
        """
        name = self._name(path)
        with self._writing():
            with self._together():
                self._note(ended)
                self._note_article(article, ended.at)
                self._db.execute("INSERT INTO pending (path, line) VALUES (?, ?)", (name, line))
            self.flush()
            self._warn_if_cut(path, name)
            self._settle(name, append_lines(path, [line]))

    def memory(self, site: str) -> bytes | None:
        """What was kept of a site."""
        with self._disk_errors():
            row = self._db.execute("SELECT memory FROM memories WHERE site = ?", (site,)).fetchone()
        return bytes(row[0]) if row else None

    def remember(self, site: str, memory: bytes) -> None:
        """Keep what is known of a site, in place of what was kept; on the disk with the next ``flush``."""
        with self._writing(), self._together():
            self._db.execute("INSERT OR REPLACE INTO memories VALUES (?, ?)", (site, memory))

    def forget(self, site: str) -> bool:
        """Drop what is known of a site; whether anything was."""
        with self._writing():
            with self._together():
                dropped = self._db.execute("DELETE FROM memories WHERE site = ?", (site,)).rowcount
            self.flush()
        return dropped > 0

    def keep_waiting(self, url: str, site: str, page: bytes) -> None:
        """Keep a page until its address has ended: it is on the disk when this returns."""
        with self._writing():
            with self._together():
                self._db.execute("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?)", (key_of(url), site, page))
            self.flush()

    def waiting(self, site: str | None = None) -> Iterator[bytes]:
        """The pages that wait, those of a site or all, in the order of their addresses, one at a time."""
        with self._disk_errors():
            rows = self._db.execute("SELECT key FROM waiting WHERE ? IN (site, '') ORDER BY key", (site or "",))
            keys = [key for (key,) in rows]
        for key in keys:
            with self._disk_errors():
                row = self._db.execute("SELECT page FROM waiting WHERE key = ?", (key,)).fetchone()
            if row:
                yield bytes(row[0])

    def flush(self) -> None:
        """Put every outcome noted so far on the disk."""
        with self._writing():
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

    @contextmanager
    def _together(self) -> Iterator[None]:
        """What is noted inside is noted whole or not at all; what was noted before it stays."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("SAVEPOINT together")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite may have taken back the whole transaction by itself
                self._db.execute("ROLLBACK TO together")
                self._db.execute("RELEASE together")
            raise
        self._db.execute("RELEASE together")

    def _note(self, ended: Ended) -> None:
        self._db.execute(
            "INSERT INTO addresses (key, outcome, reason, detail, status, day, article, tries, ended_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome,"
            " reason = excluded.reason, detail = excluded.detail, status = excluded.status, day = excluded.day,"
            " article = coalesce(excluded.article, article), tries = tries + excluded.tries,"
            " ended_at = excluded.ended_at",
            (
                key_of(ended.url),
                ended.outcome,
                ended.reason,
                _storable(ended.detail),
                ended.status,
                ended.day.isoformat() if ended.day else None,
                ended.article,
                0 if is_passing(ended) else 1,
                ended.at,
            ),
        )
        self._db.execute("DELETE FROM waiting WHERE key = ?", (key_of(ended.url),))

    def _note_article(self, article: Known, at: str) -> None:
        self._db.execute(
            "INSERT INTO articles (id, version, content_hash, title_hash, text_hash, address, first_seen, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
            " content_hash = excluded.content_hash, title_hash = excluded.title_hash, text_hash = excluded.text_hash,"
            " address = excluded.address, updated_at = excluded.updated_at",
            (
                article.id,
                article.version,
                article.content_hash,
                article.title_hash,
                article.text_hash,
                article.address,
                article.first_seen,
                at,
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
            size, written = repair(path, self._committed(name), [line for (line,) in rows])
            self._settle(name, size)
            if written:
                self.recovered[path] = written

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
    def _writing(self) -> Iterator[None]:
        """After one refused write nothing more is written: the next run repairs and goes on."""
        if self._is_broken:
            raise DiskError(f"{self.folder}: the disk refused an earlier write")
        with self._disk_errors():
            yield

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._is_broken = True
            raise DiskError(f"{error.filename or self.folder}: {error.strerror or error}") from error
        except sqlite3.DatabaseError as error:
            self._is_broken = True
            raise DiskError(f"{self.folder / FILE_NAME}: {error}") from error


def kept_memories(folder: Path) -> dict[str, bytes]:
    """What the state of a data folder keeps of each site; only read, also while a run is using the folder.

    Raises DiskError where there is no state, or it cannot be read.
    """
    file = folder.resolve() / FILE_NAME
    if not file.exists():
        raise DiskError(f"{file}: there is no state here; name the crawl's folder with --data DIR")
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'memories'").fetchone() is None:
                return {}  # a state of an earlier version that no run has opened since
            return {site: bytes(memory) for site, memory in db.execute("SELECT * FROM memories ORDER BY site")}
    except sqlite3.DatabaseError as error:
        raise DiskError(f"{file}: {error}") from error


def key_of(url: str) -> str:
    """The canonical key of an address as the state holds it.

    >>> key_of("no address \\ud800")
    'no address \\\\ud800'
    """
    return _storable(canonical_key(url))


def _storable(text: str) -> str:
    """A text as SQLite can hold it: lone surrogates, which only broken pages and addresses have, are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


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
