"""Sites that become known while they are crawled: pages that wait, what a kill leaves, what the command shows."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.extraction.text import text_key
from tests.conftest import Answer, Result, SmallSite, command_of, records_in
from tests.small_sites import small_sites

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
PAPER = next(site for site in small_sites() if site.host.startswith("cedar-fork"))
NOTICES = {text_key(notice) for page in PAPER.pages() for notice in page.notices}


def publish(site: SmallSite, count: int | None = None) -> list[str]:
    """The paper's newest articles on a loopback site, named by its feed; their paths."""
    pages = PAPER.pages()[:count]
    paths = [f"/{number}/{page.article.slug}.html" for number, page in enumerate(pages)]
    for path, page in zip(paths, pages, strict=True):
        site.answers[path] = Answer(page.html)
    items = "".join(f"<item><title>a</title><link>{site.url}{path}</link></item>" for path in paths)
    feed = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'.encode()
    site.answers["/feed.xml"] = Answer(feed, headers={"Content-Type": "application/rss+xml"})
    return paths


def notices_in(records: list[dict[str, object]]) -> set[str]:
    text = text_key("\n".join(str(record["content_text"]) for record in records))
    return {notice for notice in NOTICES if notice in text}


def test_the_first_pages_of_a_first_run_are_clean(dateline: Dateline, small_site: SmallSite, tmp_path: Path) -> None:
    paths = publish(small_site)
    result = dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl")
    records = records_in(tmp_path / "out.jsonl")
    assert (result.code, len(records)) == (0, len(paths))
    assert notices_in(records) == set()
    cut = {r["reason"] for record in records for r in record["_dateline"]["removed"] if r["kind"] == "site furniture"}
    assert cut
    assert all(reason.startswith("seen on ") and reason.endswith(" pages of the site") for reason in cut)


def test_few_pages_wait_for_the_end_of_the_run_and_are_all_written(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    publish(small_site, 4)
    assert dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl").code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 4
    assert waiting(tmp_path) == []


def test_in_a_second_run_nothing_waits_and_what_is_known_is_used(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    publish(small_site)
    crawl = ("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl")
    newest = PAPER.pages()[0]
    held_back = {path: small_site.answers.pop(path) for path in [f"/0/{newest.article.slug}.html"]}
    assert dateline(*crawl).code == 0
    before = len(records_in(tmp_path / "out.jsonl"))
    small_site.answers |= held_back
    assert dateline(*crawl).code == 0
    records = records_in(tmp_path / "out.jsonl")
    assert (before, len(records)) == (len(PAPER.articles) - 1, len(PAPER.articles))
    assert notices_in(records[-1:]) == set()


def test_a_kill_while_pages_wait_loses_nothing(dateline: Dateline, small_site: SmallSite, tmp_path: Path) -> None:
    paths = publish(small_site, 6)
    crawl = ("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl")
    slow = ("crawl", f"{small_site.url}/feed.xml", "--allow", "127.0.0.0/8", "--delay", "0.7", "--output", "out.jsonl")
    run = subprocess.Popen(command_of(*slow), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while len(waiting(tmp_path)) < 3 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    kept = waiting(tmp_path)
    assert len(kept) >= 3
    assert records_in(tmp_path / "out.jsonl") == []
    asked = list(small_site.asked)
    assert dateline(*crawl).code == 0
    records = records_in(tmp_path / "out.jsonl")
    assert sorted(record["url"] for record in records) == sorted(f"{small_site.url}{path}" for path in paths)
    again = small_site.asked[len(asked) :]
    assert [path for path in paths if f"{small_site.url}{path}" in kept and path in again] == []
    assert waiting(tmp_path) == []
    report = json.loads(sorted((tmp_path / "data" / "reports").glob("*.json"))[-1].read_text("utf-8"))
    assert report["outcomes"] == {"saved": 6}


def test_what_is_known_is_shown_and_forgotten(dateline: Dateline, small_site: SmallSite, tmp_path: Path) -> None:
    publish(small_site)
    assert dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL).code == 0
    name = small_site.url.removeprefix("http://")
    assert name in dateline("memory").out
    shown = dateline("memory", name)
    assert shown.code == 0
    assert f"learned from {len(PAPER.articles)} pages" in shown.out
    assert "While you are here" in shown.out
    assert dateline("memory", f"{small_site.url}/feed.xml").out == shown.out
    assert "forgotten" in dateline("memory", name, "--forget").err
    gone = dateline("memory", name)
    assert (gone.code, gone.out) == (2, "")
    assert "nothing is known of this site" in gone.err
    assert (tmp_path / "data" / "articles").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["memory"], 74, "there is no state here"),
        (["memory", "--forget"], 2, "name the SITE to forget"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(
    dateline: Dateline, arguments: list[str], code: int, said: str
) -> None:
    result = dateline(*arguments)
    assert (result.code, len(result.errors)) == (code, 1)
    assert said in result.err


def test_a_manifests_pages_teach_one_another(dateline: Dateline, tmp_path: Path) -> None:
    lines = []
    for number, page in enumerate(PAPER.pages()):
        (tmp_path / f"{number}.html").write_bytes(page.html)
        line = {"id": str(number), "url": page.url, "path": f"{number}.html"}
        lines.append(json.dumps(line | {"fetched_at": f"{page.fetched_at:%Y-%m-%dT%H:%M:%SZ}"}))
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    (tmp_path / "back.jsonl").write_text("\n".join(reversed(lines)))
    assert dateline("extract", "--manifest", "m.jsonl", "--output", "a.jsonl").code == 0
    assert dateline("extract", "--manifest", "back.jsonl", "--output", "b.jsonl").code == 0
    assert dateline("extract", "--manifest", "m.jsonl", "--no-memory", "--output", "c.jsonl").code == 0
    known, backwards, single = (records_in(tmp_path / f"{name}.jsonl") for name in "abc")
    assert notices_in(known) == set()
    assert list(reversed(backwards)) == known
    assert len(notices_in(single)) > 5


def waiting(folder: Path) -> list[str]:
    """The addresses that wait in the state."""
    file = folder / "data" / "state.sqlite"
    if not file.exists():
        return []
    try:
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as db:
            return [json.loads(page.split(b"\n")[0])["url"] for (page,) in db.execute("SELECT page FROM waiting")]
    except sqlite3.OperationalError:  # the run is still making its tables
        return []
