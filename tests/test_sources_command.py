"""dateline sources: what is told of each source after real crawls, and of sources that go wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crawler.health import Health, State, health_of_all
from crawler.history import Account, Alarm, Day
from crawler.items import Outcome
from crawler.polling import Polled
from crawler.sources import Source
from crawler.state import State as Kept
from tests.conftest import Result
from tests.loopback import serving
from tests.paper import paper, stories

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
NOW = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)
URL = "https://example.org/"


def day(ago: int, saved: int, *, memory: str | None = None, alarms: tuple[Alarm, ...] = ()) -> Day:
    account = Account(outcomes=Counter({Outcome.SAVED: saved}))
    at = NOW - dt.timedelta(days=ago)
    return Day(source="one", day=at.date(), asked_at=at, account=account, memory=memory, alarms=alarms)  # type: ignore[arg-type]


def health(polled: Polled | None, *days: Day, sites: tuple[str, ...] = ()) -> Health:
    polls = {URL: polled} if polled else {}
    (found,) = health_of_all([Source(name="one", urls=(URL,))], polls, {"one": days}, sites, NOW)
    return found


def test_sources_are_listed_as_crawls_have_left_them(dateline: Dateline, tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    with serving(paper(stories(12))) as site:
        file.write_text(f'[paper]\nurl = "{site.base}/"\n\n[gone]\nurl = "{site.base}/gone"\n')
        assert dateline("crawl", "--sources", "sites.toml", f"{site.base}/harbour", *LOCAL).code == 1
        with file.open("a") as more:
            more.write('\n[later]\nurl = "https://example.org/"\nevery = "6h"\n')
        told = json.loads(dateline("sources", "--json").out)
        shown = dateline("sources", "--sources", "sites.toml", "--data", "data")
    assert [(s["name"], s["health"], s["is_listed"]) for s in told] == [
        ("gone", "failing", True),
        ("later", "not asked yet", True),
        ("paper", "fine", True),
        (f"{site.base}/harbour", "fine", False),
    ]
    gone, later, fine, other = told
    assert (gone["failures"], gone["why"], gone["articles_7d"]) == (1, "HTTP status 404", 0)
    assert gone["failing_since"] == gone["asked_at"]
    assert later["asked_at"] is None
    assert fine["articles_7d"] + other["articles_7d"] == 12
    assert (fine["memory"], fine["newest_article"]) == ("known", "2025-03-01T19:00:00Z")
    assert fine["asked_at"] < fine["due_at"]
    assert other["due_at"] is None
    words = " ".join(shown.out.split())
    assert (shown.code, shown.err) == (0, "")
    assert "4 sources: 1 failing, 1 not asked yet, 2 fine" in words
    assert all(len(line) <= 80 for line in shown.out.splitlines())


def test_the_list_is_read_while_a_run_is_using_the_state(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text(f'[one]\nurl = "{URL}"\n')
    state = Kept(tmp_path / "data")
    try:
        result = dateline("sources")
    finally:
        state.close()
    assert (result.code, result.err) == (0, "")
    assert "1 source: 1 not asked yet" in result.out


def test_a_file_of_sources_can_be_listed_before_any_crawl(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text(f'[one]\nurl = "{URL}"\n')
    assert "1 source: 1 not asked yet" in dateline("sources").out
    assert not (tmp_path / "data").exists()


def test_what_cannot_be_listed_is_told_with_what_to_do(dateline: Dateline, tmp_path: Path) -> None:
    nothing = dateline("sources")
    missing = dateline("sources", "--sources", "none.toml")
    assert (nothing.code, missing.code) == (2, 2)
    assert "name them with --sources FILE and --data DIR" in nothing.err
    assert "none.toml: cannot be read" in missing.err
    (tmp_path / "data").mkdir()
    assert "no source is known yet; dateline add URL adds one" in dateline("sources").err


def test_a_source_that_gave_nothing_new_for_a_month_is_silent() -> None:
    polled = Polled(url=URL, asked_at=NOW)
    assert health(polled, day(40, 9), day(2, 0)).state is State.SILENT
    assert health(polled, day(29, 1), day(2, 0)).state is State.FINE
    assert health(polled).state is State.SILENT
    assert health(None).state is State.UNASKED


def test_a_failing_source_is_failing_whatever_else_it_is() -> None:
    alarm = Alarm(
        source="one", kind="undated", usual="0 of 9", now="9 of 9", since=NOW, severity="high", command="dateline"
    )
    failing = Polled(url=URL, asked_at=NOW, failures=2, failing_since=NOW - dt.timedelta(days=3), why="gone")
    assert health(failing, day(1, 3, alarms=(alarm,))).state is State.FAILING
    found = health(Polled(url=URL, asked_at=NOW), day(1, 3, alarms=(alarm,)))
    assert (found.state, found.alarms) == (State.ALARM, ("undated",))


def test_articles_are_counted_by_day_of_crawling() -> None:
    found = health(Polled(url=URL, asked_at=NOW), day(30, 100), day(29, 10), day(7, 5), day(6, 2), day(0, 1))
    assert (found.week, found.month) == (3, 18)


def test_what_was_crawled_by_address_counts_for_the_source_of_that_address() -> None:
    polls, history = {URL: Polled(url=URL, asked_at=NOW)}, {"one": [day(0, 2)], URL: [day(3, 5), day(0, 1)]}
    (found,) = health_of_all([Source(name="one", urls=(URL,))], polls, history, (), NOW)
    assert found.week == 8


def test_the_memory_is_that_of_the_last_day_or_of_the_site() -> None:
    polled = Polled(url=URL, asked_at=NOW)
    assert health(polled, day(1, 1, memory="mismatch"), sites=("example.org",)).memory == "mismatch"
    assert health(polled, day(1, 1), sites=("example.org",)).memory == "known"
    assert health(polled, day(1, 1)).memory is None
