"""Written articles looked at again: what is an edit, what is not, when a look is due, what a crawl writes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.edits import measure
from crawler.edits import Shape, edit_of, shape_of
from crawler.errors import ConfigError
from crawler.extraction.fingerprints import brief, exact
from crawler.extraction.text import text_key
from crawler.items import Author, Kind, Outcome, Removed
from crawler.policy import RECHECK, Policy, read_recheck
from crawler.site import UNKNOWN, Site
from crawler.verdict import Ended, look_again, next_look
from tests.conftest import Answer, Result, SmallSite, article_html, records_in
from tests.test_record import EXTRACT

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
NEWS = "/news/bridge-closed-after-the-storm.html"
OFTEN = ",".join(f"{3600 + seconds}s" for seconds in range(1, 300))  # a fresh page is due in each run
TEXT = (
    "The old bridge was closed on Saturday. Two of its pillars were damaged by the storm.",
    "Engineers expect the repair to take until autumn. A ferry runs until then.",
)
WRITTEN = replace(EXTRACT, paragraphs=TEXT, removed=())


@dataclass
class Around:
    """A site of which other pages show these texts, and which calls these its own."""

    shown: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    site: Site = UNKNOWN

    def shows(self, text: str) -> bool:
        return text in self.shown

    def is_own(self, sentence: int) -> bool:
        return sentence in {brief(exact(text)) for text in self.own}


def changed(around: Around | None = None, **changes: Any) -> tuple[str, ...]:
    return edit_of(shape_of(WRITTEN), replace(WRITTEN, **changes), around or Around()).changed


EDITED = TEXT[0].replace("Saturday", "Sunday")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": "Bridge closed until autumn"}, ("title",)),
        ({"paragraphs": (EDITED, TEXT[1])}, ("content_text",)),
        ({"paragraphs": (*TEXT, "The council will meet on Monday.")}, ("content_text",)),
        ({"paragraphs": TEXT[:1]}, ("content_text",)),
        ({"authors": (Author(name="Ada Stone"),)}, ("authors",)),
        ({"published": None}, ("date_published",)),
        ({"title": "Bridge shut", "authors": ()}, ("title", "authors")),
    ],
)
def test_what_a_reader_would_call_an_edit_is_one(changes: dict[str, Any], fields: tuple[str, ...]) -> None:
    assert changed(**changes) == fields


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "BRIDGE CLOSED"},
        {"paragraphs": tuple(text.replace(" ", "\u00a0") for text in TEXT)},
        {"paragraphs": (f"{TEXT[0]} {TEXT[1]}",)},
        {"paragraphs": (*TEXT, "1,204 readers")},
        {"authors": tuple(reversed(WRITTEN.authors))},
        {"summary": "Another description", "tags": ("storm",), "image": "https://example.co.uk/other.jpg"},
    ],
)
def test_white_space_counters_and_what_stands_beside_the_text_are_no_edit(changes: dict[str, Any]) -> None:
    assert changed(**changes) == ()


def test_a_notice_that_comes_or_goes_is_no_edit() -> None:
    notice = "Three of us make this page, and the kettle is ours as well."
    assert changed(Around(shown=(notice,)), paragraphs=(*TEXT, notice)) == ()
    with_notice = shape_of(replace(WRITTEN, paragraphs=(*TEXT, notice)))
    cut = (Removed(kind=Kind.FURNITURE, text=notice, reason="seen"),)
    assert edit_of(with_notice, replace(WRITTEN, removed=cut), Around()).changed == ()
    assert edit_of(with_notice, WRITTEN, Around(own=(notice,))).changed == ()
    assert edit_of(with_notice, WRITTEN, Around()).changed == ("content_text",)


def test_what_the_site_is_known_to_write_round_its_headlines_and_names_is_no_edit() -> None:
    site = Site(title_ends=frozenset((text_key("– Local news"),)), sections=frozenset((text_key("Politics"),)))
    written = replace(
        WRITTEN, title=f"{WRITTEN.title} – Local news", authors=(*WRITTEN.authors, Author(name="Politics"))
    )
    assert edit_of(shape_of(written), WRITTEN, Around(site=site)).changed == ()
    assert edit_of(shape_of(written), WRITTEN, Around()).changed == ("title", "authors")


def test_a_date_told_in_another_zone_or_more_finely_is_the_same() -> None:
    assert WRITTEN.published is not None
    written = replace(WRITTEN.published, value="2025-04-26T10:00:00+03:00")
    shape = shape_of(replace(WRITTEN, published=written))

    def is_edit(value: str) -> bool:
        return bool(edit_of(shape, replace(WRITTEN, published=replace(written, value=value)), Around()).changed)

    assert [is_edit(v) for v in ("2025-04-26T07:00:00Z", "2025-04-26", "2025-04-26T10:00:00")] == [False] * 3
    assert [is_edit(v) for v in ("2025-04-26T08:00:00Z", "2025-04-27", "2025-04-26T11:00:00")] == [True] * 3


def test_a_shape_survives_the_state_and_other_bytes_are_none() -> None:
    shape = shape_of(WRITTEN)
    assert Shape.from_bytes(shape.as_bytes()) == shape
    assert Shape.from_bytes(b"something else") is None
    assert len(shape.as_bytes()) < 200


def test_a_look_is_due_at_the_next_age_that_is_not_reached() -> None:
    policy = Policy(recheck=read_recheck("3h,1d,7d,30d"))
    assert policy.recheck == RECHECK
    hours = 3600
    asked_at = [0, 2 * hours, 3 * hours, 30 * hours, 8 * 24 * hours, 31 * 24 * hours]
    assert [next_look(0, now, policy) for now in asked_at] == [
        3 * hours,
        3 * hours,
        24 * hours,
        7 * 24 * hours,
        30 * 24 * hours,
        None,
    ]
    assert next_look(0, 5, Policy(recheck=read_recheck("never"))) is None


@pytest.mark.parametrize("text", ["soon", "3", "3x", "-1h", "1h,,2h", "99999w"])
def test_an_age_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="is no age"):
        read_recheck(text)


def test_in_many_looks_every_edit_is_told_and_no_other_version_written() -> None:
    found = measure(articles=80, rounds=2, edited=20)
    assert (found.looks, found.edits, found.told) == (160, 20, 20)
    assert (found.false, found.missed) == ([], [])


def fresh(title: str = "Bridge closed after the storm", more: str = "") -> bytes:
    """An article that was published an hour ago."""
    hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    published = f'<meta property="article:published_time" content="{hour_ago:%Y-%m-%dT%H:%M:%SZ}">'
    return article_html(title, head=published, more=more)


def crawl(dateline: Dateline, site: SmallSite, recheck: str) -> Result:
    start = f"{site.url}/feed.xml"
    return dateline("crawl", start, *LOCAL, "--output", "out.jsonl", "--recheck", recheck)


def feed_of(site: SmallSite, *paths: str) -> Answer:
    items = "".join(f"<item><title>a</title><link>{site.url}{path}</link></item>" for path in paths)
    feed = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
    return Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})


def test_an_edited_article_is_written_again_with_what_changed(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    page = fresh()
    small_site.answers |= {"/feed.xml": feed_of(small_site, NEWS), NEWS: Answer(page)}
    assert crawl(dateline, small_site, "1h,2h").code == 0
    assert crawl(dateline, small_site, "3601s,3602s,2h").code == 0  # not due yet by the first run's schedule
    assert small_site.asked.count(NEWS) == 1


def test_a_due_look_finds_the_edit_and_a_second_asks_by_its_etag_and_finds_nothing_new(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    page = fresh()

    def edition(body: bytes, etag: str) -> Answer:
        return Answer(body, headers={"Content-Type": "text/html", "ETag": etag})

    small_site.answers |= {"/feed.xml": feed_of(small_site, NEWS), NEWS: edition(page, '"one"')}
    assert crawl(dateline, small_site, OFTEN).code == 0
    small_site.answers[NEWS] = edition(page.replace(b"until the autumn", b"until the winter"), '"two"')
    assert crawl(dateline, small_site, OFTEN).code == 0
    assert crawl(dateline, small_site, OFTEN).code == 0
    first, second = records_in(tmp_path / "out.jsonl")
    assert small_site.asked.count(NEWS) == 3
    assert small_site.unchanged == [NEWS]
    assert first["id"] == second["id"]
    assert [record["_dateline"]["version"] for record in (first, second)] == [1, 2]
    assert second["_dateline"]["changed"] == ["content_text"]
    assert second["_dateline"]["previous_hash"] == first["_dateline"]["content_hash"]
    assert second["_dateline"]["first_seen"] == first["_dateline"]["first_seen"]
    assert second["_dateline"]["found_by"] == "recheck"
    assert "until the winter" in second["content_text"]


def test_an_article_that_its_site_takes_away_stays_known(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    page = fresh()
    small_site.answers |= {"/feed.xml": feed_of(small_site, NEWS), NEWS: Answer(page)}
    assert crawl(dateline, small_site, OFTEN).code == 0
    small_site.answers[NEWS] = Answer(b"gone", 410)
    assert crawl(dateline, small_site, OFTEN).code == 0
    small_site.answers[NEWS] = Answer(page)
    assert crawl(dateline, small_site, OFTEN).code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 1


def test_what_a_sitemap_calls_modified_is_looked_at_at_once(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    page = fresh()

    def sitemap(modified: str) -> Answer:
        entry = f"<url><loc>{small_site.url}{NEWS}</loc><lastmod>{modified}</lastmod></url>"
        text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entry}</urlset>'
        return Answer(text.encode(), headers={"Content-Type": "application/xml"})

    start = ("crawl", f"{small_site.url}/sitemap.xml", *LOCAL, "--output", "out.jsonl", "--recheck", "never")
    small_site.answers |= {"/sitemap.xml": sitemap("2025-04-26T10:00:00Z"), NEWS: Answer(page)}
    assert dateline(*start).code == 0
    assert dateline(*start).code == 0
    assert small_site.asked.count(NEWS) == 1
    small_site.answers[NEWS] = Answer(fresh("Bridge to stay closed for a year"))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    small_site.answers["/sitemap.xml"] = sitemap(f"{later:%Y-%m-%dT%H:%M:%SZ}")
    assert dateline(*start).code == 0
    assert [r["_dateline"]["version"] for r in records_in(tmp_path / "out.jsonl")] == [1, 2]


def test_what_is_called_modified_and_does_not_come_is_looked_at_by_the_next_run(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    def feed(updated: str) -> Answer:
        entry = f"<entry><link href='{small_site.url}{NEWS}'/><updated>{updated}</updated>"
        text = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Paper</title>{entry}<published>2025-04-26</published></entry></feed>"
        return Answer(text.encode(), headers={"Content-Type": "application/atom+xml"})

    start = ("crawl", f"{small_site.url}/feed.atom", *LOCAL, "--output", "out.jsonl", "--recheck", "never")
    small_site.answers |= {"/feed.atom": feed("2025-04-26T10:00:00Z"), NEWS: Answer(fresh())}
    assert dateline(*start).code == 0
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    small_site.answers |= {"/feed.atom": feed(f"{later:%Y-%m-%dT%H:%M:%SZ}"), NEWS: Answer(b"", 504)}
    assert dateline(*start).code == 0
    small_site.answers[NEWS] = Answer(fresh("Bridge to stay closed for a year"))
    assert dateline(*start).code == 0
    assert [r["_dateline"]["version"] for r in records_in(tmp_path / "out.jsonl")] == [1, 2]


@pytest.mark.parametrize(
    ("outcome", "status", "hours"),
    [
        (Outcome.TIMEOUT, None, 6),
        (Outcome.HTTP_STATUS, 503, 6),
        (Outcome.DEFERRED, None, 6),
        (Outcome.HTTP_STATUS, 410, 24),
        (Outcome.UNCHANGED, None, 24),
        (Outcome.ROBOTS, None, 24),
    ],
)
def test_a_look_at_a_host_that_does_not_answer_is_made_up_for_soon(
    outcome: Outcome, status: int | None, hours: int
) -> None:
    ended = Ended(url="https://example.org/a", outcome=outcome, at="1970-01-01T00:00:00Z", status=status)
    policy = Policy(recheck=(dt.timedelta(days=1),))
    assert look_again(0, ended, policy) == hours * 3600
    assert look_again(None, ended, policy) is None
    assert look_again(0, ended, Policy(recheck=())) is None


def test_a_host_that_stays_silent_is_asked_for_a_week_after_the_last_look() -> None:
    policy = Policy(recheck=(dt.timedelta(days=1),))
    looks = [
        look_again(0, Ended(url="", outcome=Outcome.TIMEOUT, at=f"1970-01-{day:02}T12:00:00Z"), policy)
        for day in (2, 8, 9)
    ]
    assert looks == [(24 + 18) * 3600, (7 * 24 + 18) * 3600, None]


def test_a_moved_article_keeps_its_id(dateline: Dateline, small_site: SmallSite, tmp_path: Path) -> None:
    page = fresh()
    new = "/archive/bridge-closed-after-the-storm.html"
    small_site.answers |= {"/feed.xml": feed_of(small_site, NEWS), NEWS: Answer(page)}
    assert crawl(dateline, small_site, OFTEN).code == 0
    small_site.answers[NEWS] = Answer(b"", 301, {"Location": new})
    small_site.answers[new] = Answer(page.replace(b"until the autumn", b"until the winter"))
    small_site.answers["/feed.xml"] = feed_of(small_site, NEWS, new)
    assert crawl(dateline, small_site, OFTEN).code == 0
    assert crawl(dateline, small_site, OFTEN).code == 0
    records = records_in(tmp_path / "out.jsonl")
    assert len({record["id"] for record in records}) == 1
    assert [record["_dateline"]["version"] for record in records] == [1, 2]
    assert records[-1]["url"] == f"{small_site.url}{new}"
    assert crawl(dateline, small_site, OFTEN).code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 2


def test_an_article_at_a_second_address_that_neither_declares_is_one(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    page = fresh()
    other = "/district/bridge-closed-after-the-storm.html"
    small_site.answers |= {"/feed.xml": feed_of(small_site, NEWS, other), NEWS: Answer(page), other: Answer(page)}
    assert crawl(dateline, small_site, "never").code == 0
    assert len(records_in(tmp_path / "out.jsonl")) == 1
