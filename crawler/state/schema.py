"""The tables of the state, as numbered migrations: an older state is brought up when it is opened."""

from __future__ import annotations

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
)
