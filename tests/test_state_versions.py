"""An older state opens with the present program, from each version on; a newer one is refused with a clear word."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from crawler.edits import Shape
from crawler.identity import address_digest
from crawler.items import OUTCOME_NUMBERS, REASON_NUMBERS, Outcome, Reason
from crawler.policy import Policy
from crawler.state import MIGRATIONS, DiskError, State, key_of
from crawler.state.codes import id_bytes
from crawler.state.schema import OWNED, migrate
from crawler.verdict import Ended, Known, unix_time

SINCE = dt.date(2025, 4, 1)
FIRST, LATER = "2025-04-26T07:00:00Z", "2025-04-27T08:30:00Z"
# How addresses ended, as words: an address, outcome, reason, HTTP status, day, article, tries
ENDINGS = (
    ("https://example.org/saved", "saved", None, None, None, "016edad17379a7313d64", 1),
    ("https://example.org/odd-id", "saved", None, None, None, "7", 1),
    ("https://example.org/list", "not an article", "index page", None, None, None, 1),
    ("https://example.org/old", "too old", "older than asked for", None, "2025-03-01", None, 1),
    ("https://example.org/gone", "HTTP status", None, 404, None, None, 3),
    ("https://example.org/down", "HTTP status", None, 503, None, None, 0),
    ("https://example.org/slow", "timeout", None, None, None, None, 0),
    ("no address \\ud800", "not an article", None, None, None, None, 1),
)
SEEN = [True, True, True, True, True, False, False, True]


def older_state(folder: Path, version: int) -> None:
    """The state that a program of this version of the schema left."""
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "state.sqlite")) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        migrate(db, version)
        for ending in ENDINGS:
            note(db, version, *ending)
        hashes = {} if version < 2 else {"title_hash": "t", "text_hash": "x"}
        article = {"id": "7" if version < OWNED else id_bytes("7"), "version": 2, "content_hash": "h"}
        owner = {} if version < OWNED else {"owner": ""}
        if version < 7:
            times = {"address": "https://example.org/odd-id", "first_seen": FIRST, "updated_at": LATER}
        else:
            times = {"address": address_digest("https://example.org/odd-id"), "first_seen": unix_time(FIRST)}
        insert(db, "articles", **article, **hashes, **times)
        insert(db, "files", path="articles/2025-04-26.jsonl", committed=9, **owner)
        insert(db, "pending", path="articles/2025-04-26.jsonl", line=b"its line\n")
        if version >= 3:
            insert(db, "memories", site="example.org", memory=b"m")
            insert(db, "waiting", key="https://example.org/waits", site="example.org", page=b"p")
    (folder / "articles").mkdir()
    (folder / "articles" / "2025-04-26.jsonl").write_bytes(b"one line\n")


def note(
    db: sqlite3.Connection,
    version: int,
    url: str,
    outcome: str,
    reason: str | None,
    status: int | None,
    day: str | None,
    article: str | None,
    tries: int,
) -> None:
    """An address as a program of this version wrote it."""
    if version >= 4:
        words = (url, outcome, reason, status, day, article, tries, LATER, LATER)
        packed = "packed_id" if version < OWNED else "id_bytes"
        db.execute(
            "INSERT INTO addresses VALUES (digest(?), outcome_number(?), reason_number(?), ?, seconds(?) / 86400,"  # noqa: S608
            f" {packed}(?), ?, seconds(?), seconds(?) / 86400)",
            words,
        )
        return
    more = {} if version < 2 else {"status": status}
    detail = str(status or "")
    texts = {"key": url, "outcome": outcome, "reason": reason, "detail": detail, "day": day, "article": article}
    insert(db, "addresses", **texts, tries=tries, ended_at=LATER, **more)


def insert(db: sqlite3.Connection, table: str, **row: object) -> None:
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_state_of_each_version_is_read_on(tmp_path: Path, version: int) -> None:
    older_state(tmp_path, version)
    state = State(tmp_path, Policy(since=SINCE), dt.date(2025, 4, 28))
    seen = [state.is_seen(url) for url, *_ in ENDINGS]
    known = state.article("7")
    memory, waits = state.sites.memory("example.org"), state.is_seen("https://example.org/waits")
    state.close()
    hashes = {} if version < 2 else {"title_hash": "t", "text_hash": "x"}
    assert seen == SEEN
    address = address_digest("https://example.org/odd-id")
    assert known == Known(id="7", version=2, content_hash="h", address=address, first_seen=FIRST, **hashes)
    assert (memory, waits) == ((b"m", True) if version >= 3 else (None, False))
    assert (tmp_path / "articles" / "2025-04-26.jsonl").read_bytes() == b"one line\nits line\n"


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_each_version_becomes_the_same_state_as_a_new_one(tmp_path: Path, version: int) -> None:
    older_state(tmp_path / "old", version)
    State(tmp_path / "old").close()
    State(tmp_path / "new").close()
    assert tables(tmp_path / "old") == tables(tmp_path / "new")


@pytest.mark.parametrize("next_look", [1_750_000_000, None])
def test_an_article_of_version_6_keeps_all_that_is_known_of_it(tmp_path: Path, next_look: int | None) -> None:
    url, title, text = "https://news.example.org/2025/bridge", "ab" * 10, "cd" * 10
    sentences = [0x12345678, 0x9ABCDEF0]
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db, db:
        migrate(db, 6)
        insert(
            db,
            "articles",
            id="0a" * 10,
            version=3,
            content_hash="0f" * 16,
            title_hash=title,
            text_hash=text,
            address=key_of(url),
            first_seen=FIRST,
            updated_at=LATER,
            url=url,
            next_look=next_look,
            born=unix_time(FIRST),
            looked=unix_time(LATER),
            shape=zlib.compress(json.dumps([7, [8, 9], "2025-04-26", sentences]).encode("ascii")),
        )
    state = State(tmp_path)
    known, titled = state.article("0a" * 10), state.titled(title[:12], "https://www.example.org/other")
    elsewhere = state.titled(title[:12], "https://example.net/2025/bridge")
    state.close()
    assert known == Known(
        id="0a" * 10,
        version=3,
        content_hash="0f" * 16,
        title_hash=title[:12],
        text_hash=text[:12],
        address=address_digest(url),
        first_seen=FIRST,
        born=unix_time(FIRST),
        looked=unix_time(LATER),
        next_look=next_look,
        url=url if next_look else None,
        shape=Shape(title=7, authors=(8, 9), published="2025-04-26", sentences=(0x345678, 0xBCDEF0)).as_bytes(),
    )
    assert (titled, elsewhere) == ([known], [])


def test_the_numbers_of_the_state_are_those_of_the_words(tmp_path: Path) -> None:
    older_state(tmp_path, 3)
    State(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        rows = set(db.execute("SELECT outcome, reason, status, day, article, tries, ended_at, named_on FROM addresses"))
    at = (1745742600, 20205)
    assert rows == {
        (1, None, None, None, bytes.fromhex("016edad17379a7313d64"), 1, *at),
        (1, None, None, None, id_bytes("7"), 1, *at),
        (5, 4, None, None, None, 1, *at),
        (7, 15, None, 20148, None, 1, *at),
        (14, None, 404, None, None, 3, *at),
        (14, None, 503, None, None, 0, *at),
        (13, None, None, None, None, 0, *at),
        (5, None, None, None, None, 1, *at),
    }


def test_a_migration_that_is_cut_leaves_the_older_state(tmp_path: Path) -> None:
    older_state(tmp_path, 3)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db, db:
        insert(db, "addresses", key="k", outcome="no such word", detail="", tries=1, ended_at=LATER)
    with pytest.raises(DiskError, match=r"state\.sqlite: user-defined function raised exception"):
        State(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db, db:
        assert db.execute("PRAGMA user_version").fetchone() == (3,)
        assert db.execute("DELETE FROM addresses WHERE key = 'k'").rowcount == 1
    state = State(tmp_path)
    assert state.is_seen("https://example.org/saved")
    state.close()


def test_a_newer_state_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    State(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = (tmp_path / "state.sqlite").read_bytes()
    with pytest.raises(DiskError, match="written by a newer version of dateline; update dateline"):
        State(tmp_path)
    assert (tmp_path / "state.sqlite").read_bytes() == before


def test_every_outcome_and_reason_has_a_number_of_its_own() -> None:
    assert set(OUTCOME_NUMBERS) == set(Outcome)
    assert set(REASON_NUMBERS) == set(Reason)
    for numbers in (OUTCOME_NUMBERS, REASON_NUMBERS):
        assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize("url", ["https://example.org/a", "no address \ud800", "https://example.org/ž?q=%ff"])
def test_an_address_is_found_by_its_digest_whatever_it_is_made_of(tmp_path: Path, url: str) -> None:
    state = State(tmp_path)
    state.end(Ended(url=url, outcome=Outcome.NOT_AN_ARTICLE, at=FIRST))
    assert state.is_seen(url)
    assert not state.is_seen(f"{key_of(url)}x")
    state.close()


def tables(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        return dict(db.execute("SELECT name, sql FROM sqlite_master ORDER BY name"))
