"""The tables of the state, as numbered migrations: an older state is brought up when it is opened."""

from __future__ import annotations

import sqlite3

from crawler.state.codes import add_functions
from crawler.state.errors import DiskError

# One script per version of the schema, never edited once released; PRAGMA user_version counts those applied. What SQL
# cannot say is a function of crawler.state.codes.
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
    """
    CREATE TABLE endings (
        key BLOB PRIMARY KEY, outcome INTEGER NOT NULL, reason INTEGER, status INTEGER, day INTEGER, article BLOB,
        tries INTEGER NOT NULL, ended_at INTEGER NOT NULL, named_on INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO endings
        SELECT digest(key), outcome_number(outcome), reason_number(reason), status, seconds(day) / 86400,
            packed_id(article), tries, seconds(ended_at), seconds(ended_at) / 86400
        FROM addresses ORDER BY 1;
    DROP TABLE addresses;
    ALTER TABLE endings RENAME TO addresses;
    """,
    """
    ALTER TABLE articles ADD COLUMN url TEXT;
    ALTER TABLE articles ADD COLUMN shape BLOB;
    ALTER TABLE articles ADD COLUMN born INTEGER;
    ALTER TABLE articles ADD COLUMN looked INTEGER;
    ALTER TABLE articles ADD COLUMN next_look INTEGER;
    CREATE INDEX articles_by_title ON articles (title_hash);
    CREATE INDEX articles_to_look_at ON articles (next_look) WHERE next_look IS NOT NULL;
    """,
    """
    CREATE TABLE documents (
        source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT, last_modified TEXT, lastmod TEXT, since TEXT,
        digest BLOB NOT NULL, asked_at TEXT NOT NULL, full_at TEXT NOT NULL, fruitless INTEGER NOT NULL,
        lies INTEGER NOT NULL, said TEXT NOT NULL, PRIMARY KEY (source, url)
    ) WITHOUT ROWID;
    CREATE TABLE sources (
        url TEXT PRIMARY KEY, asked_at TEXT NOT NULL, moments TEXT NOT NULL, failures INTEGER NOT NULL,
        failing_since TEXT, why TEXT
    ) WITHOUT ROWID;
    CREATE TABLE validators (
        key BLOB PRIMARY KEY, etag TEXT, last_modified TEXT, kept_on TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE versions (
        id BLOB PRIMARY KEY, version INTEGER NOT NULL, content_hash BLOB NOT NULL, title_hash BLOB, text_hash BLOB,
        address BLOB NOT NULL, site INTEGER, first_seen INTEGER NOT NULL, born INTEGER, looked INTEGER,
        next_look INTEGER, url TEXT, shape BLOB
    ) WITHOUT ROWID;
    INSERT INTO versions
        SELECT packed_id(id), version, packed_id(content_hash), substr(packed_id(title_hash), 1, 6),
            substr(packed_id(text_hash), 1, 6), substr(digest(address), 1, 8), site_number(url), seconds(first_seen),
            born, looked, next_look, CASE WHEN next_look IS NOT NULL THEN url END, packed_shape(shape)
        FROM articles ORDER BY 1;
    DROP TABLE articles;
    ALTER TABLE versions RENAME TO articles;
    CREATE INDEX articles_by_title ON articles (title_hash, site);
    CREATE INDEX articles_to_look_at ON articles (next_look) WHERE next_look IS NOT NULL;
    """,
    """
    CREATE TABLE site_files (
        url TEXT PRIMARY KEY, status INTEGER NOT NULL, body BLOB NOT NULL, etag TEXT, last_modified TEXT,
        read_at TEXT NOT NULL, unreachable_since TEXT
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE history (
        source TEXT NOT NULL, day INTEGER NOT NULL, asked_at INTEGER NOT NULL, newest INTEGER, memory TEXT,
        account TEXT NOT NULL, alarms TEXT, PRIMARY KEY (source, day)
    );
    """,
    """
    CREATE TABLE archives (
        name TEXT NOT NULL, wanted TEXT NOT NULL, position INTEGER NOT NULL, beginning BLOB NOT NULL,
        PRIMARY KEY (name, wanted)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE owned_files (
        owner TEXT NOT NULL, path TEXT NOT NULL, committed INTEGER NOT NULL, PRIMARY KEY (owner, path)
    ) WITHOUT ROWID;
    INSERT INTO owned_files SELECT '', path, committed FROM files;
    DROP TABLE files;
    ALTER TABLE owned_files RENAME TO files;
    ALTER TABLE pending ADD COLUMN owner TEXT NOT NULL DEFAULT '';
    ALTER TABLE waiting ADD COLUMN owner TEXT NOT NULL DEFAULT '';
    UPDATE articles SET id = id_bytes(id) WHERE typeof(id) = 'text';
    UPDATE addresses SET article = id_bytes(article) WHERE typeof(article) = 'text';
    """,
)

PACKED = 7  # the version from which articles and their addresses are held as bytes
OWNED = 11  # the version from which files and lines have an owner


def migrate(db: sqlite3.Connection, upto: int = len(MIGRATIONS)) -> None:
    """Bring a database up to a version, each step whole or not at all; one that is there already stays as it is."""
    add_functions(db)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(MIGRATIONS[version:upto], start=version + 1):
        db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def known_version(version: int, place: str, newest: int) -> int:
    """The version of a state. DiskError where this program does not know it."""
    if version > newest:
        raise DiskError(f"{place}: written by a newer version of dateline; update dateline")
    return version
