"""``dateline why`` as a person calls it: of a file, of an address that was crawled, of one that is fetched."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.cli import main
from crawler.commands import reasons
from crawler.items import Page
from crawler.memories import Memories
from crawler.site import Trace
from crawler.state import State
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, records_in
from tests.test_memory_crawl import PAPER, publish
from tests.test_workers import work

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8")
APPEAL = "<p>If you value our work, support us on Patreon: every donation keeps our newsroom independent.</p>"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table folds its cells."""
    monkeypatch.setenv("COLUMNS", "500")


def test_a_file_becomes_a_page_whose_path_is_printed(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html(head=PUBLISHED, more=APPEAL))
    result = dateline("why", "a.html")
    assert (result.code, result.out, result.err) == (0, "why.html\n", "")
    page = (tmp_path / "why.html").read_text("utf-8")
    assert "The old bridge over the river" in page
    assert dateline("why", "a.html", "--output", "b.html").out == "b.html\n"
    assert (tmp_path / "b.html").read_text("utf-8") == page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html", "why.html"]


def test_text_shows_what_is_kept_and_what_is_cut_and_why(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(article_html(head=PUBLISHED, more=APPEAL))
    result = dateline("why", "--text", "a.html")
    lines = [line.strip() for line in result.out.splitlines()]
    assert (result.code, result.err) == (0, "")
    assert any(line.startswith("date_published") and "2025-04-26T10:00:00+03:00" in line for line in lines)
    cut = next(number for number, line in enumerate(lines) if line.startswith("− donation appeal: "))
    assert lines[cut + 1].startswith("If you value our work")
    assert any(line.startswith("The old bridge over the river") for line in lines[:cut])
    assert any(line.startswith("· Home (block model: ") for line in lines[:cut])
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert dateline("why", "--text", "a.html", "--output", "a.txt").out == ""
    assert "− donation appeal: " in (tmp_path / "a.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "code", "said"), [(b" ", 1, "refused: empty page"), (None, 1, "refused: unreadable: No such file")]
)
def test_what_cannot_be_read_says_why(
    dateline: Dateline, tmp_path: Path, content: bytes | None, code: int, said: str
) -> None:
    if content is not None:
        (tmp_path / "a.html").write_bytes(content)
    result = dateline("why", "--text", "a.html")
    assert (result.code, result.err) == (code, "")
    assert said in result.out


def test_a_page_that_kills_its_worker_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reasons, "explain", work)
    (tmp_path / "a.html").write_bytes(b"die")
    assert main(["why", "--text", "--no-memory", str(tmp_path / "a.html")]) == 1
    assert "the extraction process ended twice on this page" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("display", "options", "opened"),
    [(":0", [], 1), (":0", ["--no-open"], 0), ("", [], 0)],
    ids=["display", "told", "none"],
)
def test_the_page_is_opened_where_somebody_sits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: str, options: list[str], opened: int
) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    shown: list[str] = []
    monkeypatch.setattr(reasons.webbrowser, "open", shown.append)
    monkeypatch.setattr(reasons, "is_terminal", lambda: True)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    if display:
        monkeypatch.setenv("DISPLAY", display)
    output = tmp_path / "out.html"
    assert main(["why", str(tmp_path / "a.html"), "--output", str(output), *options]) == 0
    assert shown == [output.as_uri()] * opened


def test_an_address_without_a_state_is_fetched_by_the_crawls_manners(dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /closed", headers={"Content-Type": "text/plain"}
    )
    small_site.answers["/a"] = Answer(article_html(head=PUBLISHED))
    result = dateline("why", "--text", f"{small_site.url}/a", *LOCAL)
    assert (result.code, result.err) == (0, "")
    assert "fetched just now" in result.out
    assert "there is none in data" in result.out
    assert small_site.asked == ["/robots.txt", "/a"]
    closed = dateline("why", "--text", f"{small_site.url}/closed", *LOCAL)
    assert (closed.code, "robots" in closed.out) == (1, True)
    assert "/closed" not in small_site.asked


def test_a_private_address_is_not_fetched_unless_allowed(dateline: Dateline, small_site: SmallSite) -> None:
    result = dateline("why", "--text", f"{small_site.url}/a")
    assert (result.code, small_site.asked) == (1, [])
    assert "is not a public address" in " ".join(result.out.split())


def test_an_address_that_was_crawled_tells_all_that_is_known(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    small_site.answers["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /closed", headers={"Content-Type": "text/plain"}
    )
    small_site.answers["/a"] = Answer(article_html(head=PUBLISHED))
    small_site.answers["/twin"] = Answer(
        article_html(head=f'{PUBLISHED}<link rel="canonical" href="{small_site.url}/a">')
    )
    noindex = '<meta name="robots" content="noindex">'
    small_site.answers["/kept-out"] = Answer(article_html("Ferry stays in port", head=f"{PUBLISHED}{noindex}"))
    paths = ("a", "twin", "kept-out", "gone", "closed")
    for named in (paths[:1], paths):  # the twin after the article, which is written from the address that is read first
        small_site.answers["/feed.xml"] = _feed(f"{small_site.url}/{path}" for path in named)
        assert dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--delay", "0").code == 0

    asked = len(small_site.asked)
    (line,) = records_in(next((tmp_path / "data" / "articles").glob("*.jsonl")))
    known = {path: _said(dateline("why", "--text", "--no-fetch", f"{small_site.url}/{path}")) for path in paths}
    assert len(small_site.asked) == asked
    assert f"{line['id']}, version 1" in known["a"]
    assert "outcome saved" in known["a"]
    assert ".jsonl line 1" in known["a"]
    assert "found by feed" in known["a"]
    assert "outcome duplicate (the same article as at another address)" in known["twin"]
    assert f"written from another address: {small_site.url}/a" in known["twin"]
    assert line["id"] in known["twin"]
    assert "outcome rights reserved: noindex" in known["kept-out"]
    assert "outcome HTTP status 404" in known["gone"]
    assert "asked for again by the next run" in known["gone"]
    assert "outcome robots (robots.txt forbids it)" in known["closed"]

    fetched = _said(dateline("why", "--text", f"{small_site.url}/a", *LOCAL))
    assert "the record says the same: title, text, date and authors" in fetched
    small_site.answers["/a"] = Answer(article_html("Bridge open again", head=PUBLISHED))
    assert "the record has another title" in _said(dateline("why", "--text", f"{small_site.url}/a", *LOCAL))
    assert "a crawl would not write it: noindex" in _said(
        dateline("why", "--text", f"{small_site.url}/kept-out", *LOCAL)
    )


def test_an_address_that_nothing_knows_ends_with_code_1(dateline: Dateline, tmp_path: Path) -> None:
    with closing(State(tmp_path / "data")):
        pass
    result = dateline("why", "--text", "--no-fetch", "https://harbour.example/a")
    assert result.code == 1
    assert "no run has ended this address" in result.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--no-fetch", "https://harbour.example/a"), 74, "there is no state here"),
        (("--no-fetch", "a.html"), 2, "--no-fetch: is for addresses"),
        (("a.html", "--output", "none/why.html"), 74, "none/why.html: No such file or directory"),
        (("ftp://harbour.example/a",), 2, "only http and https"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    dateline: Dateline, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "a.html").write_bytes(article_html())
    result = dateline("why", *arguments)
    assert (result.code, result.out, len(result.errors)) == (code, "", 1)
    assert said in result.err


def test_the_state_is_only_read_also_beside_a_running_crawl(dateline: Dateline, tmp_path: Path) -> None:
    with closing(State(tmp_path / "data")) as running:
        running.flush()
        before = _digest(tmp_path / "data" / "state.sqlite")
        assert dateline("why", "--text", "--no-fetch", "https://harbour.example/a").code == 1
        assert _digest(tmp_path / "data" / "state.sqlite") == before


def test_a_state_of_an_earlier_version_is_named_as_that(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as db:
        db.execute("PRAGMA user_version = 3")
    result = dateline("why", "--text", "--no-fetch", "https://harbour.example/a")
    assert "written by an earlier version of dateline" in _said(result)


def test_what_the_site_has_taught_is_used(dateline: Dateline, small_site: SmallSite) -> None:
    path = publish(small_site)[0]
    assert dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--delay", "0").code == 0
    told = _said(dateline("why", "--text", f"{small_site.url}{path}", *LOCAL))
    assert f"what {len(PAPER.articles)} pages of" in told
    assert "− site furniture: seen on" in told
    alone = _said(dateline("why", "--text", "--no-memory", f"{small_site.url}{path}", *LOCAL))
    assert "− site furniture" not in alone


def test_a_page_that_waits_in_the_state_is_not_fetched(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    url = f"{small_site.url}/a"
    page = Page(url=url, body=article_html(head=PUBLISHED), fetched_at=dt.datetime(2025, 5, 1, 9, 0, tzinfo=dt.UTC))
    with closing(State(tmp_path / "data")) as state:
        trace = Trace(page="", day="2025-05-01", title=(), author=0, section=0, sightings=(), places=(), is_sure=False)
        Memories(state).wait(page, "https://harbour.example/feed.xml", trace)
    result = dateline("why", "--text", url)
    assert (result.code, small_site.asked) == (0, [])
    said = _said(result)
    assert "kept in the state since 2025-05-01 09:00:00+00:00, named by https://harbour.example/feed.xml" in said
    assert "The old bridge over the river" in said


def test_what_the_sources_file_says_of_the_site_counts(dateline: Dateline, tmp_path: Path) -> None:
    head = '<link rel="canonical" href="https://harbour.example/a">'
    date = '<p class="date">Published 03/04/2025</p>'
    (tmp_path / "a.html").write_bytes(article_html(head=head).replace(b"</h1>", f"</h1>{date}".encode()))
    for country, day in (("gb", "2025-04-03"), ("us", "2025-03-04")):
        (tmp_path / "sites.toml").write_text(f'[harbour]\nurl = "https://harbour.example/"\ncountry = "{country}"\n')
        assert f"date_published {day}" in _said(dateline("why", "--text", "a.html", "--sources", "sites.toml"))


def _feed(urls: Iterable[str]) -> Answer:
    items = "".join(f"<item><title>a</title><link>{url}</link></item>" for url in urls)
    feed = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'.encode()
    return Answer(feed, headers={"Content-Type": "application/rss+xml"})


def _said(result: Result) -> str:
    """What was printed, on one line."""
    assert result.err == ""
    return " ".join(result.out.split())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
