"""dateline compact: what is dropped, what stays, what a kill or a full disk leaves; what an address costs."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.growth import MOST_MB_PER_MILLION, grow
from crawler.items import Outcome, Reason
from crawler.state import DiskError, State, Url
from crawler.state.compaction import compact
from crawler.verdict import Ended
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, records_in
from tests.test_state import save

Dateline = Callable[..., Result]
OLD, TODAY = "2025-01-01T00:00:00Z", dt.date(2026, 11, 26)
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
LISTS = 4000


def old_state(folder: Path, url: Url | None = None) -> None:
    """A state of long ago: two articles, one under a second address, and addresses that hold none."""
    state = State(folder, today=dt.date(2025, 1, 1), url=url)
    for number in (1, 2):
        save(state, number, folder / "articles" / "day.jsonl")
    state.end(Ended(url="https://example.org/twin", outcome=Outcome.DUPLICATE, at=OLD, article="1"))
    state.end(Ended(url="https://example.org/gone", outcome=Outcome.HTTP_STATUS, status=410, at=OLD))
    for number in range(LISTS):
        url = f"https://example.org/lists/{number}"
        state.end(Ended(url=url, outcome=Outcome.NOT_AN_ARTICLE, reason=Reason.INDEX, at=OLD))
    state.close()


def held(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        return int(db.execute("SELECT count(*) FROM addresses").fetchone()[0])


def test_what_holds_no_article_and_is_named_no_more_is_dropped(dateline: Dateline, tmp_path: Path) -> None:
    old_state(tmp_path / "data")
    before = (tmp_path / "data" / "state.sqlite").stat().st_size
    done = dateline("compact")
    after = (tmp_path / "data" / "state.sqlite").stat().st_size
    assert (done.code, done.err) == (0, "")
    assert f"dropped {LISTS + 1:,} addresses without an article" in done.out
    assert "; 3 are kept" in done.out
    assert f"the state was {before / 1e6:.1f} MB and is {after / 1e6:.1f} MB" in done.out
    assert after < before / 3
    state = State(tmp_path / "data")
    seen = [state.is_seen(f"https://example.org/{name}") for name in ("1", "2", "twin", "gone", "lists/7")]
    versions = [known.version for known in map(state.article, ("1", "2")) if known]
    state.close()
    assert (seen, versions) == ([True, True, True, False, False], [1, 1])


def test_an_address_that_is_still_named_is_kept(tmp_path: Path, url: Url | None) -> None:
    old_state(tmp_path, url)
    state = State(tmp_path, today=TODAY, url=url)
    assert state.is_seen("https://example.org/lists/7")
    state.close()
    done = compact(url or tmp_path, TODAY - dt.timedelta(days=400), TODAY)
    assert (done.dropped, done.kept) == (LISTS, 4)
    assert compact(url or tmp_path, TODAY - dt.timedelta(days=1), TODAY).dropped == 0


def test_a_state_that_is_asked_every_day_is_written_once_a_month(tmp_path: Path) -> None:
    old_state(tmp_path)
    written = []
    for day in range(95):
        state = State(tmp_path, today=dt.date(2025, 1, 1) + dt.timedelta(days=day))
        assert state.is_seen("https://example.org/gone")
        state.close()
        with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
            written += db.execute("SELECT named_on FROM addresses WHERE status = 410").fetchone()
    assert len(set(written)) == 4


def test_nothing_young_is_dropped(dateline: Dateline, tmp_path: Path) -> None:
    old_state(tmp_path / "data")
    assert "dropped 0 addresses" in dateline("compact", "--older-than", "2024-06-01").out
    assert held(tmp_path / "data") == LISTS + 4


def test_no_article_is_written_twice_after_a_compaction(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    small_site.answers["/a.html"] = Answer(article_html(head=PUBLISHED))
    links = "".join(f"<item><link>{small_site.url}/{name}.html</link></item>" for name in ("a", "b"))
    feed = f'<rss version="2.0"><channel><title>Paper</title>{links}</channel></rss>'.encode()
    small_site.answers["/feed.xml"] = Answer(feed, headers={"Content-Type": "application/rss+xml"})
    small_site.answers["/b.html"] = Answer(b"gone", 410)
    crawl = ("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl")
    assert dateline(*crawl).code == 0
    later = TODAY + dt.timedelta(days=4000)
    assert compact(tmp_path / "data", later, later).dropped == 1
    asked = len(small_site.asked)
    assert dateline(*crawl).code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 1
    assert "/b.html" in small_site.asked[asked:]
    assert "/a.html" not in small_site.asked[asked:]


@pytest.mark.parametrize("step", ["before the drop is committed", "before the shrinking", "within the shrinking"])
def test_a_kill_leaves_a_state_that_is_whole(tmp_path: Path, step: str) -> None:
    old_state(tmp_path)
    killed = (
        "import datetime as dt, os, signal, sys\nfrom pathlib import Path\n"
        "from crawler.state.compaction import compact\nfrom crawler.state.sqlite import SQLite\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if sys.argv[2] == 'before the drop is committed': SQLite.flush = die\n"
        "if sys.argv[2] == 'before the shrinking': SQLite.shrink = die\n"
        "def shrink(db):\n    db._db.set_progress_handler(die, 100)\n    db._db.execute('VACUUM')\n"
        "if sys.argv[2] == 'within the shrinking': SQLite.shrink = shrink\n"
        "compact(Path(sys.argv[1]), dt.date(2025, 6, 1), dt.date(2025, 6, 1))\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path), step], check=False)
    assert done.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert held(tmp_path) == (LISTS + 4 if step == "before the drop is committed" else 3)
    compact(tmp_path, dt.date(2025, 6, 1), dt.date(2025, 6, 1))
    assert held(tmp_path) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"articles", "lock", "state.sqlite"}


def test_without_room_on_the_disk_it_says_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    old_state(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(16_000_100))
    with pytest.raises(DiskError, match=r"4,001 addresses were dropped, but to shrink the state takes 16 MB"):
        compact(tmp_path, TODAY, TODAY)
    assert held(tmp_path) == 3


def test_a_folder_in_use_is_left_alone(dateline: Dateline, tmp_path: Path) -> None:
    old_state(tmp_path / "data")
    state = State(tmp_path / "data")
    done = dateline("compact")
    state.close()
    assert (done.code, len(done.errors)) == (75, 1)
    assert held(tmp_path / "data") == LISTS + 4


def test_where_no_state_is_none_is_made(dateline: Dateline, tmp_path: Path) -> None:
    done = dateline("compact", "--data", "nowhere")
    assert (done.code, len(done.errors)) == (74, 1)
    assert "there is no state here" in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_address_costs_few_bytes_however_long_it_is(tmp_path: Path) -> None:
    small, large = grow(tmp_path, [20_000, 60_000])
    assert large.mb_per_million < MOST_MB_PER_MILLION / 2
    assert large.mb_per_million < small.mb_per_million * 1.2
