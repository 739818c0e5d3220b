"""The tables of the state on PostgreSQL, as numbered migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.state.errors import DiskError
from crawler.state.schema import known_version

if TYPE_CHECKING:
    import psycopg

# One script per version of the schema, never edited once released; the table state_version has the last one applied.
MIGRATIONS = (
    """
    CREATE TABLE addresses (
        key bytea PRIMARY KEY, outcome bigint NOT NULL, reason bigint, status bigint, day bigint, article bytea,
        tries bigint NOT NULL, ended_at bigint NOT NULL, named_on bigint NOT NULL
    );
    CREATE TABLE articles (
        id bytea PRIMARY KEY, version bigint NOT NULL, content_hash bytea NOT NULL, title_hash bytea, text_hash bytea,
        address bytea NOT NULL, site bigint, first_seen bigint NOT NULL, born bigint, looked bigint,
        next_look bigint, url text, shape bytea
    );
    CREATE INDEX articles_by_title ON articles (title_hash, site);
    CREATE INDEX articles_to_look_at ON articles (next_look) WHERE next_look IS NOT NULL;
    CREATE INDEX articles_of_site_to_look_at ON articles (site, next_look) WHERE next_look IS NOT NULL;
    CREATE TABLE files (owner text NOT NULL, path text NOT NULL, committed bigint NOT NULL, PRIMARY KEY (owner, path));
    CREATE TABLE pending (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL, path text NOT NULL,
        line bytea NOT NULL
    );
    CREATE TABLE memories (site text PRIMARY KEY, memory bytea NOT NULL);
    CREATE TABLE waiting (key text PRIMARY KEY, owner text NOT NULL, site text NOT NULL, page bytea NOT NULL);
    CREATE INDEX waiting_of_site ON waiting (owner, site);
    CREATE TABLE documents (
        source text NOT NULL, url text NOT NULL, etag text, last_modified text, lastmod text, since text,
        digest bytea NOT NULL, asked_at text NOT NULL, full_at text NOT NULL, fruitless bigint NOT NULL,
        lies bigint NOT NULL, said text NOT NULL, PRIMARY KEY (source, url)
    );
    CREATE TABLE sources (
        url text PRIMARY KEY, asked_at text NOT NULL, moments text NOT NULL, failures bigint NOT NULL,
        failing_since text, why text
    );
    CREATE TABLE validators (key bytea PRIMARY KEY, etag text, last_modified text, kept_on text NOT NULL);
    CREATE TABLE site_files (
        url text PRIMARY KEY, status bigint NOT NULL, body bytea NOT NULL, etag text, last_modified text,
        read_at text NOT NULL, unreachable_since text
    );
    CREATE TABLE history (
        source text NOT NULL, day bigint NOT NULL, asked_at bigint NOT NULL, newest bigint, memory text,
        account text NOT NULL, alarms text, PRIMARY KEY (source, day)
    );
    CREATE TABLE archives (
        name text NOT NULL, wanted text NOT NULL, position bigint NOT NULL, beginning bytea NOT NULL,
        PRIMARY KEY (name, wanted)
    );
    CREATE TABLE leases (
        site text PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, until timestamptz NOT NULL
    );
    """,
)
TABLES = (
    "addresses",
    "articles",
    "files",
    "pending",
    "memories",
    "waiting",
    "documents",
    "sources",
    "validators",
    "site_files",
    "history",
    "archives",
    "leases",
)
_ONE_AT_A_TIME = 0x646174656C696E65  # of an advisory lock: several workers may be the first to open a state


def migrate(db: psycopg.Connection[Any], place: str) -> None:
    """Bring a database up to this program's version, whole or not at all; others that do so wait for one another."""
    if version_of(db, place) == len(MIGRATIONS):
        return
    if (encoding := db.info.parameter_status("server_encoding")) != "UTF8":
        raise DiskError(f"{place}: the database is in {encoding}; make one in UTF-8 (createdb -E UTF8 -T template0)")
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        db.execute("CREATE TABLE IF NOT EXISTS state_version (version bigint NOT NULL)")
        for script in MIGRATIONS[version_of(db, place) :]:
            db.execute(script.encode(), prepare=False)
        db.execute("DELETE FROM state_version")
        db.execute("INSERT INTO state_version VALUES (%s)", (len(MIGRATIONS),))


def version_of(db: psycopg.Connection[Any], place: str) -> int:
    """The version of a database, 0 for an empty one. DiskError where it is of a newer dateline."""
    found = db.execute("SELECT to_regclass('state_version') IS NOT NULL").fetchone()
    if not found or not found[0]:
        return 0
    row = db.execute("SELECT version FROM state_version").fetchone()
    return known_version(row[0] if row else 0, place, len(MIGRATIONS))
