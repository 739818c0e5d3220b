"""What is asked of a site's wishes from run to run, and what a crawl makes of them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.polling import SiteFile, file_is_kept_for, has_been_unreachable
from crawler.robotstxt import ROBOTS_PATH
from crawler.state import State, Url
from crawler.tdmrep import TDMREP_PATH
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, assert_valid, records_in

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", 0, "--output", "out.jsonl")
NOW = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
WISHES = {ROBOTS_PATH, TDMREP_PATH}


def publish(site: SmallSite, *names: str, head: str = "", headers: dict[str, str] | None = None) -> None:
    """A feed that names an article for each name."""
    paths = [f"/news/the-bridge-at-{name}-is-closed.html" for name in names]
    items = "".join(f"<item><link>{site.url}{path}</link></item>" for path in paths)
    feed = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
    site.answers["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "application/xml"})
    for path, name in zip(paths, names, strict=True):
        body = article_html(f"Bridge at {name} closed", head=PUBLISHED + head).replace(b"river", name.encode())
        site.answers[path] = Answer(body, headers={"Content-Type": "text/html; charset=utf-8", **(headers or {})})


def text(body: str, **headers: str) -> Answer:
    return Answer(body.encode(), headers={"Content-Type": "text/plain", **headers})


def crawl(dateline: Dateline, site: SmallSite, *options: object) -> list[str]:
    """The files of wishes that a run asks for."""
    before = len(site.asked)
    dateline("crawl", f"{site.url}/feed.xml", *LOCAL, *options)
    return [path for path in site.asked[before:] if path in WISHES]


def hours_pass(folder: Path, hours: float, column: str = "read_at") -> None:
    """Set back all that the state has noted of such files, as if so much time had passed."""
    with closing(sqlite3.connect(folder / "data" / "state.sqlite")) as db, db:
        for url, moment in db.execute(f"SELECT url, {column} FROM site_files WHERE {column} IS NOT NULL").fetchall():  # noqa: S608
            earlier = dt.datetime.fromisoformat(moment) - dt.timedelta(hours=hours)
            db.execute(f"UPDATE site_files SET {column} = ? WHERE url = ?", (earlier.isoformat(), url))  # noqa: S608


def written(folder: Path) -> list[dict[str, Any]]:
    records = records_in(folder / "out.jsonl") if (folder / "out.jsonl").exists() else []
    for record in records:
        assert_valid(record)
    return records


def last_report(folder: Path) -> dict[str, Any]:
    newest = max(folder.glob("data/reports/*.json"), key=lambda path: path.stat().st_mtime_ns)
    told: dict[str, Any] = json.loads(newest.read_text())
    return told


# How long what was read counts


@pytest.mark.parametrize(
    ("read", "unreachable", "hours"),
    [(1, None, 23), (23.5, None, 0.5), (24, None, 0), (48, None, 0), (-1, None, 0), (1, 0.5, 0)],
)
def test_file_is_kept_for_a_day(read: float, unreachable: float | None, hours: float) -> None:
    file = SiteFile(
        url="",
        status=200,
        read_at=NOW - dt.timedelta(hours=read),
        unreachable_since=None if unreachable is None else NOW - dt.timedelta(hours=unreachable),
    )
    assert file_is_kept_for(file, NOW) == dt.timedelta(hours=hours)


@pytest.mark.parametrize(("days", "is_long"), [(None, False), (29, False), (30, True)])
def test_unreachable_is_for_long_after_thirty_days(days: int | None, *, is_long: bool) -> None:
    since = None if days is None else NOW - dt.timedelta(days=days)
    file = SiteFile(url="", status=200, read_at=NOW - dt.timedelta(days=90), unreachable_since=since)
    assert has_been_unreachable(file, NOW) is is_long


def test_state_keeps_a_file_as_it_was(tmp_path: Path, url: Url | None) -> None:
    file = SiteFile(
        url="https://e.org/robots.txt", status=200, body=b"\xff\x00", etag='"a"', read_at=NOW, unreachable_since=NOW
    )
    state = State(tmp_path, url=url)
    state.site_files.keep_file(file)
    state.close()
    state = State(tmp_path, url=url)
    assert state.site_files.file(file.url) == file
    assert state.site_files.drop(NOW.date() + dt.timedelta(days=1)) == 1
    assert state.site_files.file(file.url) is None
    state.close()


# From run to run


def test_files_are_asked_once_a_day_and_with_all(tmp_path: Path, dateline: Dateline, small_site: SmallSite) -> None:
    publish(small_site, "ashmere")
    assert crawl(dateline, small_site) == [ROBOTS_PATH, TDMREP_PATH]
    publish(small_site, "ashmere", "brockle")
    assert crawl(dateline, small_site) == []
    hours_pass(tmp_path, 25)
    publish(small_site, "ashmere", "brockle", "cawdon")
    assert crawl(dateline, small_site) == [ROBOTS_PATH, TDMREP_PATH]
    publish(small_site, "ashmere", "brockle", "cawdon", "dunsby")
    assert crawl(dateline, small_site, "--all") == [ROBOTS_PATH, TDMREP_PATH]
    assert len(written(tmp_path)) == 4


def test_reservations_are_asked_only_where_there_is_a_page_to_fetch(dateline: Dateline, small_site: SmallSite) -> None:
    publish(small_site)
    assert crawl(dateline, small_site) == [ROBOTS_PATH]


def test_expired_file_is_asked_for_by_its_validators(tmp_path: Path, dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers[ROBOTS_PATH] = text("User-agent: *\nDisallow: /news/the-bridge-at-brockle", ETag='"one"')
    publish(small_site, "ashmere", "brockle")
    crawl(dateline, small_site)
    hours_pass(tmp_path, 25)
    publish(small_site, "ashmere", "brockle", "cawdon")
    for _ in range(2):
        crawl(dateline, small_site)
    assert small_site.unchanged == [ROBOTS_PATH]
    assert small_site.asked.count(ROBOTS_PATH) == 2
    assert [record["title"] for record in written(tmp_path)] == ["Bridge at ashmere closed", "Bridge at cawdon closed"]


def test_rules_of_an_earlier_run_hold_in_the_next(tmp_path: Path, dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers[ROBOTS_PATH] = text("User-agent: *\nDisallow: /news/")
    publish(small_site, "ashmere")
    crawl(dateline, small_site)
    small_site.answers[ROBOTS_PATH] = text("")
    assert crawl(dateline, small_site) == []
    assert written(tmp_path) == []
    hours_pass(tmp_path, 25)
    crawl(dateline, small_site)
    assert len(written(tmp_path)) == 1


def test_unreachable_file_is_asked_again_by_each_run_and_forbids_all(
    tmp_path: Path, dateline: Dateline, small_site: SmallSite
) -> None:
    publish(small_site, "ashmere")
    small_site.answers[ROBOTS_PATH] = Answer(status=500)
    for _ in range(2):
        assert ROBOTS_PATH in crawl(dateline, small_site)
    assert "/feed.xml" not in small_site.asked
    small_site.answers[ROBOTS_PATH] = text("")
    crawl(dateline, small_site)
    assert len(written(tmp_path)) == 1


def test_copy_stands_in_for_a_file_that_is_unreachable_for_a_month(
    tmp_path: Path, dateline: Dateline, small_site: SmallSite
) -> None:
    small_site.answers[ROBOTS_PATH] = text("User-agent: *\nDisallow: /news/the-bridge-at-brockle")
    publish(small_site, "ashmere")
    crawl(dateline, small_site)
    publish(small_site, "ashmere", "brockle", "cawdon")
    small_site.answers[ROBOTS_PATH] = Answer(status=500)
    hours_pass(tmp_path, 25)
    crawl(dateline, small_site)
    assert len(written(tmp_path)) == 1  # nothing is asked for at first
    hours_pass(tmp_path, 31 * 24, "unreachable_since")
    assert ROBOTS_PATH in crawl(dateline, small_site)
    assert [record["title"] for record in written(tmp_path)] == ["Bridge at ashmere closed", "Bridge at cawdon closed"]
    assert last_report(tmp_path)["outcomes"] == {"robots": 1, "saved": 1}


# What a crawl makes of them


def test_record_tells_all_that_is_said_of_its_rights(tmp_path: Path, dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers[ROBOTS_PATH] = text("User-agent: *\nContent-Signal: search=yes, ai-train=no\n")
    entry = {"location": "/news/", "tdm-reservation": 1, "tdm-policy": "https://example.org/policy.json"}
    small_site.answers[TDMREP_PATH] = text(json.dumps([entry]))
    publish(small_site, "ashmere", head='<meta name="robots" content="noai">', headers={"X-Robots-Tag": "nosnippet"})
    crawl(dateline, small_site)
    (record,) = written(tmp_path)
    assert record["_dateline"]["rights"] == {
        "content_signal": "ai-train=no, search=yes",
        "robots": "noai, nosnippet",
        "tdm_policy": "https://example.org/policy.json",
        "tdm_reservation": "1",
    }


def test_start_address_that_is_an_article_has_its_rights_too(
    tmp_path: Path, dateline: Dateline, small_site: SmallSite
) -> None:
    small_site.answers[TDMREP_PATH] = text('[{"location": "/", "tdm-reservation": 1}]')
    publish(small_site, "ashmere")
    dateline("crawl", f"{small_site.url}/news/the-bridge-at-ashmere-is-closed.html", *LOCAL)
    assert [record["_dateline"]["rights"] for record in written(tmp_path)] == [{"tdm_reservation": "1"}]


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        ('<meta name="dateline" content="none">', {}),
        ("", {"X-Robots-Tag": "otherbot: index, *: noarchive"}),
    ],
)
def test_page_that_is_not_to_be_kept_is_not_unless_told_to(
    tmp_path: Path, dateline: Dateline, small_site: SmallSite, head: str, headers: dict[str, str]
) -> None:
    publish(small_site, "ashmere", head=head, headers=headers)
    crawl(dateline, small_site)
    report = last_report(tmp_path)
    assert (report["outcomes"], report["reasons"]) == ({"rights reserved": 1}, {"noindex": 1})
    assert [entry["outcome"] for entry in report["not_saved"]] == ["rights reserved"]
    crawl(dateline, small_site)
    assert written(tmp_path) == []
    asked = [path for path in small_site.asked if path.startswith("/news/")]
    assert len(asked) == 1  # it is its last word
    crawl(dateline, small_site, "--ignore-noindex")
    assert len(written(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TDMREP_PATH, '[{"location": "/news/", "tdm-reservation": 1}]'),
        (ROBOTS_PATH, "User-agent: *\nContent-Signal: ai-train=no"),
    ],
)
def test_reservation_is_obeyed_where_asked_for(
    tmp_path: Path, dateline: Dateline, small_site: SmallSite, path: str, body: str
) -> None:
    small_site.answers[path] = text(body)
    publish(small_site, "ashmere")
    crawl(dateline, small_site, "--respect-tdm")
    assert written(tmp_path) == []
    assert last_report(tmp_path)["reasons"] == {"reserved": 1}
    crawl(dateline, small_site)
    assert len(written(tmp_path)) == 1


def test_saved_page_is_read_whatever_it_asks_of_crawlers(tmp_path: Path, dateline: Dateline) -> None:
    head = f'{PUBLISHED}<meta name="robots" content="noindex, noarchive">'
    (tmp_path / "page.html").write_bytes(article_html(head=head))
    record = json.loads(dateline("extract", "page.html").out)
    assert record["_dateline"]["rights"] == {"robots": "noarchive, noindex"}
