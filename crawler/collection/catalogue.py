"""The collection as one SQLite file for people who look and search: made from the lines, and made anew at any time.

A table of articles in their last versions with a full-text index, one of earlier versions, one of what was cut.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from crawler.collection.files import LineFile, read_ahead
from crawler.collection.records import Complain, Record, articles_in, author_names, date_confidence, day_of, value_of
from crawler.errors import ConfigError

OURS, FORMAT = 0x646C636F, 1  # as the file's head says; one of ours in another format is made anew
AT_ONCE = 500  # records in one transaction
_MARKED_BYTES = 4096  # before the place up to which a file was read: whether they are still what was read
_TABLES = """
    CREATE TABLE files (path TEXT PRIMARY KEY, read INTEGER NOT NULL, mark BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, title TEXT, date TEXT, date_confidence TEXT, site TEXT, language TEXT, section TEXT,
        authors TEXT, words INTEGER, summary TEXT, content_text TEXT, url TEXT, publisher TEXT, tags TEXT,
        date_published TEXT, date_modified TEXT, version INTEGER NOT NULL, changed TEXT, confidence REAL, warnings TEXT,
        first_seen TEXT, date_crawled TEXT
    );
    CREATE INDEX articles_by_date ON articles (date);
    CREATE INDEX articles_by_site ON articles (site, date);
    CREATE INDEX articles_by_language ON articles (language);  -- facets count in these, without the texts
    CREATE INDEX articles_by_section ON articles (section);
    CREATE INDEX articles_by_date_confidence ON articles (date_confidence);
    CREATE TABLE earlier_versions (
        article TEXT REFERENCES articles (id), version INTEGER, changed TEXT, date_crawled TEXT, date_published TEXT,
        title TEXT, authors TEXT, content_text TEXT, PRIMARY KEY (article, version)
    );
    CREATE TABLE removed (
        article TEXT REFERENCES articles (id), number INTEGER, site TEXT, kind TEXT, text TEXT, reason TEXT,
        PRIMARY KEY (article, number)
    );
    CREATE INDEX removed_by_kind ON removed (kind);
    CREATE INDEX removed_by_site ON removed (site);
    CREATE VIRTUAL TABLE articles_fts USING fts5 (
        title, authors, content_text, content="articles", tokenize="unicode61 remove_diacritics 2"
    );
    CREATE TRIGGER articles_come AFTER INSERT ON articles BEGIN
        INSERT INTO articles_fts (rowid, title, authors, content_text)
            VALUES (new.rowid, new.title, new.authors, new.content_text);
    END;
    CREATE TRIGGER articles_go AFTER DELETE ON articles BEGIN
        INSERT INTO articles_fts (articles_fts, rowid, title, authors, content_text)
            VALUES ('delete', old.rowid, old.title, old.authors, old.content_text);
    END;
    CREATE TRIGGER articles_change AFTER UPDATE ON articles BEGIN
        INSERT INTO articles_fts (articles_fts, rowid, title, authors, content_text)
            VALUES ('delete', old.rowid, old.title, old.authors, old.content_text);
        INSERT INTO articles_fts (rowid, title, authors, content_text)
            VALUES (new.rowid, new.title, new.authors, new.content_text);
    END;
"""
_EARLIER = ("article", "version", "changed", "date_crawled", "date_published", "title", "authors", "content_text")


def update(
    path: Path,
    files: Sequence[LineFile],
    complain: Complain,
    progress: Callable[[int], None] = lambda _: None,
    *,
    is_new: bool = False,
) -> int:
    """Bring a catalogue up to date with files of lines, each read from where it was left; how many lines were new.

    Each version of an article stands in it once, however often its line is met, and whatever was killed when: records
    are written together with the place up to which their file was read. Lines that are gone from files stay, unless
    it ``is_new``. ``progress`` is told of bytes as they are read. Raises sqlite3.Error, and ConfigError for a database
    that is another's.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as db:
        _prepare(db, path, is_new=is_new)
        unread = (file for file in files if not _is_read(db, file))
        return sum(_read(db, file, complain, progress) for file in read_ahead(unread))


def _prepare(db: sqlite3.Connection, path: Path, *, is_new: bool) -> None:
    """Make the tables where they are not there, or are to be made anew; ConfigError for a database that is not ours."""
    with _together(db):
        numbers = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if numbers == [OURS, FORMAT] and not is_new:
            return
        kinds = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'articles_fts%'")
        names = [row[0] for row in kinds.fetchall()]
        if names and numbers[0] != OURS:
            raise ConfigError(f"{path}: is another program's database")
        for name in ("articles_fts", *names):
            db.execute(f'DROP TABLE IF EXISTS "{name}"')
        for statement in _statements(_TABLES):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {OURS}")
        db.execute(f"PRAGMA user_version = {FORMAT}")


def _is_read(db: sqlite3.Connection, file: LineFile) -> bool:
    """Whether a part has not grown since it was read; it is never written anew."""
    kept = db.execute("SELECT read FROM files WHERE path = ?", (_name(file),)).fetchone()
    return kept is not None and kept[0] == file.size


def _name(file: LineFile) -> str:
    return str(file.path.resolve() if isinstance(file.path, Path) else file.path)


def _read(db: sqlite3.Connection, file: LineFile, complain: Complain, progress: Callable[[int], None]) -> int:
    """Take in what is new in one file."""
    name, start = _name(file), 0
    if kept := db.execute("SELECT read, mark FROM files WHERE path = ?", (name,)).fetchone():
        is_same = _mark(file, kept[0]) == kept[1]
        if is_same and file.is_packed:
            return 0
        start = kept[0] if is_same else 0
    new, end, lines = 0, start, articles_in(file, complain, start=start)
    is_over = False
    while not is_over:
        with _together(db):
            for _ in range(AT_ONCE):
                if (found := next(lines, None)) is None:
                    is_over = True
                    break
                begins, line, record = found
                new += _add(db, record)
                if line.endswith(b"\n"):
                    progress(begins + len(line) - end)
                    end = begins + len(line)
            db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (name, end, _mark(file, end)))
    return new


def _add(db: sqlite3.Connection, record: Record) -> bool:
    """Whether this version of the article was not there yet."""
    row = _row(record)
    known = db.execute("SELECT version FROM articles WHERE id = ?", (row["id"],)).fetchone()
    if known is None:
        _put(db, "INSERT INTO articles ({names}) VALUES ({values})", row)
    elif row["version"] > known[0]:
        columns, current = ", ".join(_EARLIER), ", ".join(("id", *_EARLIER[1:]))
        moved = f"INSERT INTO earlier_versions ({columns}) SELECT {current} FROM articles WHERE id = ?"  # noqa: S608  own names
        db.execute(moved, (row["id"],))
        _put(db, "UPDATE articles SET ({names}) = ({values}) WHERE id = :id", row)
        db.execute("DELETE FROM removed WHERE article = ?", (row["id"],))
    else:
        earlier = {"article": row["id"], **{name: row[name] for name in _EARLIER[1:]}}
        is_new = row["version"] < known[0]
        return is_new and _put(db, "INSERT OR IGNORE INTO earlier_versions ({names}) VALUES ({values})", earlier) > 0
    removed = value_of(record, "removed")
    for number, cut in enumerate(removed if isinstance(removed, list) else (), start=1):
        if isinstance(cut, dict):
            said = {key: _text(cut.get(key)) for key in ("kind", "text", "reason")}
            place = {"article": row["id"], "number": number, "site": row["site"]}
            _put(db, "INSERT INTO removed ({names}) VALUES ({values})", place | said)
    return True


def _row(record: Record) -> dict[str, Any]:
    same = ("id", "title", "site", "language", "section", "summary", "content_text", "url", "publisher")
    dates = ("date_published", "date_modified", "first_seen", "date_crawled")
    lists = ("tags", "changed", "warnings")  # as JSON, which the facets of lists read
    numbers = {"words": value_of(record, "word_count"), "confidence": value_of(record, "confidence")}
    return {
        **{name: _text(value_of(record, name)) for name in (*same, *dates)},
        **{name: _text(json.dumps(value_of(record, name) or [], ensure_ascii=False)) for name in lists},
        **{name: value if isinstance(value, int | float) else None for name, value in numbers.items()},
        "authors": _text(author_names(record)),
        "date": day_of(record),
        "date_confidence": date_confidence(record),
        "version": record["_dateline"]["version"],
    }


def _put(db: sqlite3.Connection, statement: str, row: dict[str, Any]) -> int:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    return db.execute(statement.format(names=names, values=values), row).rowcount


def _text(value: object) -> str | None:
    """A text that SQLite takes."""
    if value is None:
        return None
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace").decode("utf-8")


def _mark(file: LineFile, end: int) -> bytes:
    """What tells that a file is still the one that was read up to here."""
    if file.is_packed:
        modified = file.path.stat().st_mtime_ns if isinstance(file.path, Path) else 0
        seen = file.length().to_bytes(8) + modified.to_bytes(16)
        return blake2b(seen, digest_size=8).digest()
    with file.open() as stream:
        stream.seek(max(end - _MARKED_BYTES, 0))
        seen = stream.read(min(end, _MARKED_BYTES))
    return blake2b(seen, digest_size=8).digest()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, so that they are part of the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _together(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else between."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
