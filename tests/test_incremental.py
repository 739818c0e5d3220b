"""What a later run asks for: only what may have changed, and never less than what is still owed."""

from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.items import Outcome
from crawler.robotstxt import ROBOTS_PATH
from crawler.state import State
from crawler.tdmrep import TDMREP_PATH
from crawler.verdict import Ended
from tests.conftest import Result, command_of, records_in
from tests.loopback import Reply, Served, serving, tagged
from tests.paper import Story, paper, stories

Command = Callable[..., Result]
FINDING = {"/", "/feed", "/index.xml", "/news.xml"}
SECTIONS = {"/harbour", "/theatre"}
LOOPBACK = ("--allow", "127.0.0.0/8", "--delay", 0)


@pytest.fixture
def site() -> Iterator[Served]:
    with serving(paper(stories(30))) as served:
        yield served


def asked_in_run(site: Served, run: Callable[[], Result], code: int = 0) -> list[str]:
    """The paths that a run of the command asked for, but for the files of a site's wishes (tests/test_manners.py)."""
    site.asked.clear()
    site.statuses.clear()
    result = run()
    assert result.code == code, result.err
    return [path for path in site.asked if path not in {ROBOTS_PATH, TDMREP_PATH}]


def unchanged(site: Served) -> set[str]:
    """The paths that were answered with "not modified"."""
    return {path for path, status in zip(site.asked, site.statuses, strict=True) if status == 304}


def written(folder: Path) -> list[str]:
    """The paths of all articles written in a data folder."""
    files = sorted((folder / "data" / "articles").glob("*.jsonl"))
    return sorted(record["url"].partition("/news/")[2] for path in files for record in records_in(path))


def names_of(published: list[Story]) -> list[str]:
    return sorted(story.path.removeprefix("/news/") for story in published)


def hours_pass(folder: Path, hours: int) -> None:
    """Set back all that the state has noted of sources and documents, as if so much time had passed."""
    with closing(sqlite3.connect(folder / "data" / "state.sqlite")) as db, db:
        for table, column in (("sources", "asked_at"), ("documents", "asked_at"), ("documents", "full_at")):
            for (moment,) in db.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall():  # noqa: S608  own names
                earlier = dt.datetime.fromisoformat(moment) - dt.timedelta(hours=hours)
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (earlier.isoformat(), moment))  # noqa: S608


def know(folder: Path, site: Served, published: list[Story]) -> None:
    """A state that knows these articles, as if they had been written."""
    state = State(folder / "data")
    for story in published:
        state.end(Ended(url=site.base + story.path, outcome=Outcome.SAVED, at="2025-04-26T07:00:00Z"))
    state.close()


def test_run_over_a_thousand_unchanged_articles_asks_for_feeds_and_sitemaps_alone(
    tmp_path: Path, dateline: Command
) -> None:
    published = stories(990)
    with serving(paper(published)) as site:
        know(tmp_path, site, published)
        runs = [asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK)) for _ in range(3)]
        archive = {f"/map-{n + 1}.xml" for n in range(10)}
        assert set(runs[0]) == FINDING | SECTIONS | archive
        assert set(runs[1]) == FINDING | SECTIONS  # no sitemap of the archive: its lastmod is as it was
        assert sorted(runs[2]) == sorted(FINDING)  # no section: it had nothing new when there was nothing new
        assert site.statuses.count(304) == len(FINDING)
        site.replies.update(paper(stories(991)))
        fourth = asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK))
    assert sorted(fourth) == sorted(
        {*FINDING, *SECTIONS, "/map-10.xml", stories(991)[-1].path}
    )  # its lastmod is another


def test_archive_without_lastmod_is_asked_while_it_gives_something_new(tmp_path: Path, dateline: Command) -> None:
    published = stories(1000)
    with serving(paper(published, has_lastmod=False)) as site:
        know(tmp_path, site, published)
        runs = [asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK)) for _ in range(3)]
        assert sorted(runs[2]) == sorted({*FINDING, "/map-10.xml"})
        site.replies.update(paper(stories(1001), has_lastmod=False))
        fourth = asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK))
    archive = {"/map-11.xml", "/map-10.xml", "/map-9.xml"}  # and no more after two that had nothing new
    assert sorted(fourth) == sorted({*FINDING, *SECTIONS, *archive, stories(1001)[-1].path})


def test_new_article_is_found_behind_validators(tmp_path: Path, dateline: Command, site: Served) -> None:
    runs, same = [], []
    for count in (30, 30, 31):
        site.replies.update(paper(stories(count)))
        runs.append(asked_in_run(site, lambda: dateline("crawl", f"{site.base}/feed", *LOOPBACK)))
        same.append(unchanged(site))
    assert sorted(runs[0]) == sorted(["/feed", *(story.path for story in stories(30))])
    assert runs[1:] == [["/feed"], ["/feed", stories(31)[-1].path]]
    assert same == [set(), {"/feed"}, set()]
    assert written(tmp_path) == names_of(stories(31))


def test_articles_that_a_limit_left_are_named_again(tmp_path: Path, dateline: Command, site: Served) -> None:
    for _ in range(3):
        assert dateline("crawl", site.base, *LOOPBACK, "--max-pages", 10).code == 0
    assert written(tmp_path) == names_of(stories(30))


def test_article_that_is_owed_is_asked_again_though_nothing_that_names_it_has_changed(
    tmp_path: Path, dateline: Command, site: Served
) -> None:
    last = stories(30)[-1]
    crawl = ("crawl", site.base, *LOOPBACK)
    for reply in (Reply(status=500), Reply(status=503, headers={"Retry-After": "86400"}), last.reply):
        site.replies[last.path] = reply
        result = dateline(*crawl)
        assert result.code == 0
        assert ("asks to come back in 86400 s" in result.err) == (reply.status == 503)
        assert unchanged(site).isdisjoint({"/", "/feed", "/news.xml", "/map-1.xml"})  # what names it comes whole
    assert written(tmp_path) == names_of(stories(30))
    assert asked_in_run(site, lambda: dateline(*crawl))
    assert unchanged(site) >= FINDING


def test_old_sitemap_that_owes_an_article_is_asked_though_all_newer_ones_are_known(
    tmp_path: Path, dateline: Command
) -> None:
    late = Story(number=9_000)
    with serving(paper(stories(250), has_lastmod=False)) as site:
        know(tmp_path, site, stories(250))
        runs = [asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK)) for _ in range(3)]
        assert "/map-1.xml" not in runs[2]
        site.replies.update(paper(stories(251), has_lastmod=False))
        entry = f"<url><loc>{{base}}{late.path}</loc></url></urlset>"
        archive = str(paper(stories(251))["/map-1.xml"].body).replace("</urlset>", entry)
        site.replies["/map-1.xml"] = tagged(Reply(kind="application/xml", body=archive))
        site.replies[late.path] = Reply(status=500)
        asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK))
        site.replies[late.path] = late.reply
        assert late.path in asked_in_run(site, lambda: dateline("crawl", site.base, *LOOPBACK))
    assert written(tmp_path) == names_of([stories(251)[-1], late])


def kill_in_the_middle(folder: Path, site: Served, number: signal.Signals, pages: int) -> None:
    """Start a crawl and kill it once it has asked for so many articles."""
    site.asked.clear()
    command = command_of("crawl", site.base, *LOOPBACK)
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while sum(path.startswith("/news/") for path in site.asked) < pages:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)


# a killed run has committed little; one that is stopped finishes what is under way
@pytest.mark.parametrize(("number", "pages"), [(signal.SIGKILL, 20), (signal.SIGTERM, 8)])
def test_killed_run_loses_nothing_that_a_validator_would_hide(
    tmp_path: Path, dateline: Command, site: Served, number: signal.Signals, pages: int
) -> None:
    kill_in_the_middle(tmp_path, site, number, pages)
    assert dateline("crawl", site.base, *LOOPBACK).code == 0
    assert dateline("crawl", site.base, *LOOPBACK).code == 0  # all is settled now
    site.replies.update(paper(stories(60)))
    kill_in_the_middle(tmp_path, site, number, pages)
    assert dateline("crawl", site.base, *LOOPBACK).code == 0
    assert written(tmp_path) == names_of(stories(60))


def test_since_of_a_run_does_not_hide_what_is_older_from_the_next(
    tmp_path: Path, dateline: Command, site: Served
) -> None:
    day = stories(30)[-1].published.date().isoformat()
    for _ in range(2):
        assert dateline("crawl", site.base, *LOOPBACK, "--since", day).code == 0
    assert written(tmp_path) == names_of([story for story in stories(30) if story.published.date().isoformat() >= day])
    assert site.statuses.count(304) > 0
    assert dateline("crawl", site.base, *LOOPBACK).code == 0
    assert written(tmp_path) == names_of(stories(30))


def test_server_that_keeps_one_etag_is_found_out_within_a_day(tmp_path: Path, dateline: Command) -> None:
    def feed(count: int) -> Reply:
        return tagged(paper(stories(count))["/feed"], 'W/"always"')

    replies = paper(stories(12))
    with serving({**replies, "/feed": feed(10)}) as site:
        address = f"{site.base}/feed"
        for count, hours in ((10, 0), (11, 25), (12, 0)):
            site.replies["/feed"] = feed(count)
            if hours:
                asked = asked_in_run(site, lambda: dateline("crawl", address, *LOOPBACK))
                assert not [path for path in asked if path.startswith("/news/")]  # its word is taken
                hours_pass(tmp_path, hours)
            assert dateline("crawl", address, *LOOPBACK).code == 0
    assert written(tmp_path) == names_of(stories(12))  # the last one at once: it is not believed any more


def sources_file(folder: Path, **tables: str) -> Path:
    file = folder / "sites.toml"
    file.write_text("".join(f"[{name}]\n{table}\n" for name, table in tables.items()))
    return file


def test_source_of_a_file_is_asked_by_its_rhythm(tmp_path: Path, dateline: Command, site: Served) -> None:
    file = sources_file(tmp_path, one=f'url = "{site.base}/feed"\nevery = "6h"')

    def run(*more: str) -> Result:
        return dateline("crawl", "--sources", file, *LOOPBACK, *more)

    assert asked_in_run(site, run)
    assert asked_in_run(site, run) == []
    assert "1 source was not due; the next is in 5 h" in run().out
    assert asked_in_run(site, lambda: run("--all")) == ["/feed"]
    assert site.statuses == [200, 200]  # in full
    hours_pass(tmp_path, 6)
    assert asked_in_run(site, run) == ["/feed"]
    assert asked_in_run(site, lambda: dateline("crawl", f"{site.base}/feed", *LOOPBACK))  # a person named it


def test_feed_of_two_sources_is_read_for_each(tmp_path: Path, dateline: Command) -> None:
    first, second = stories(2)
    with serving({second.path: second.reply}, host="127.0.0.2") as two:
        feed = f"<rss version='2.0'><channel><item><link>{{base}}{first.path}</link></item>"
        feed += f"<item><link>{two.base}{second.path}</link></item></channel></rss>"
        replies = {"/feed": tagged(Reply(kind="application/xml", body=feed)), first.path: first.reply}
        with serving(replies) as one:
            tables = {
                name: f'url = "{site.base}/"\nfeeds = ["{one.base}/feed"]\nevery = "1m"'
                for name, site in (("one", one), ("two", two))
            }
            for names in (["one"], ["one"], ["one", "two"]):
                file = sources_file(tmp_path, **{name: tables[name] for name in names})
                assert dateline("crawl", "--sources", file, *LOOPBACK).code == 0
                hours_pass(tmp_path, 1)
            assert one.statuses.count(304) == 2
    assert written(tmp_path) == names_of([first, second])


def test_dead_source_is_asked_more_and_more_rarely_and_named_each_time(
    tmp_path: Path, dateline: Command, site: Served
) -> None:
    with serving({}) as dead:
        file = sources_file(tmp_path, dead=f'url = "{dead.base}/feed"', alive=f'url = "{site.base}/feed"\nevery = "1m"')

        def run() -> Result:
            return dateline("crawl", "--sources", file, *LOOPBACK)

        assert run().code == 1
        hours_pass(tmp_path, 1)
        assert run().code == 1
        hours_pass(tmp_path, 1)
        result = run()
        assert dead.asked.count("/feed") == 2
        assert result.code == 0  # nothing that was asked failed
        assert f"failing: {dead.base}/feed: HTTP status 404; 2 in a row since" in result.out
        dead.replies.update(paper(stories(3)))
        hours_pass(tmp_path, 1)
        assert run().code == 0
        assert "failing" not in run().out
    assert len(written(tmp_path)) == 33


def test_failures_of_all_sources_at_once_do_not_add_up(tmp_path: Path, dateline: Command) -> None:
    with serving({}) as one, serving({}) as two:
        file = sources_file(tmp_path, one=f'url = "{one.base}/"', two=f'url = "{two.base}/"')
        for _ in range(3):
            assert dateline("crawl", "--sources", file, *LOOPBACK).code == 1
            hours_pass(tmp_path, 1)
    assert one.asked.count("/") == two.asked.count("/") == 3
