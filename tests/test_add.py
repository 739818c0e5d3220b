"""dateline add: what a look at a site finds and warns of, what it asks for, and what becomes of the file of sources."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.doubts import written_language
from crawler.sources import Source, read_sources
from crawler.sources_file import add_source, name_for, same_site
from spiders.probe import MOST_REQUESTS
from tests.conftest import Result, command_of
from tests.loopback import Reply, Served, serving
from tests.paper import paper, stories
from tests.small_sites import small_sites
from tests.terminal import CTRL_C, HIDE_CURSOR, SHOW_CURSOR, terminal

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
OFFSET = '<meta property="article:published_time" content="2025-07-0{}T10:00:00+03:00">'
ENGLISH = (
    "{0}, the council told the town on Monday, after {1} weeks in which nobody but the keepers had asked for it.",
    "Of the {1} people who came to the meeting on it most had known that {0}, and {1} of them had asked for a vote.",
    "The keeper hopes for {1} more hands before the winter, and said of the news that {0} only that it was time.",
)
GERMAN = (
    "{0}: Der Rat der Stadt hat das am Montag gesagt, und das ist nicht die erste Meldung mit Folgen für den Ort.",
    "Von den {1} Menschen, die auf der Sitzung waren, haben die meisten von der Sache ({0}) schon länger gewusst.",
    "Die Stadt hofft auf {1} Helfer, und das ist auf der Liste von den Wünschen nicht der letzte, sagt man zu {0}.",
)


def look(dateline: Dateline, site: Served, *arguments: object, path: str = "/") -> dict[str, Any]:
    """The card of a site, as JSON."""
    result = dateline("add", f"{site.base}{path}", *LOCAL, "--json", *arguments)
    assert result.out, result.err
    card: dict[str, Any] = json.loads(result.out)
    return card


def kinds(card: dict[str, Any]) -> set[str]:
    return {warned["kind"] for warned in card["warnings"]}


def said(card: dict[str, Any], kind: str) -> str:
    return next(warned["said"] for warned in card["warnings"] if warned["kind"] == kind)


def front(*titles: str, lang: str = "en") -> Reply:
    links = "".join(f'<h2><a href="{path_of(title)}">{title} and what the council says</a></h2>' for title in titles)
    return Reply(body=f'<!doctype html><html lang="{lang}"><title>Paper</title><body>{links}</body></html>')


def path_of(title: str) -> str:
    return f"/2025/07/{title.lower().replace(' ', '-')}-and-what-the-council-says"


def article(title: str, *, head: str = "", more: str = "", lang: str = "en", text: Sequence[str] = ENGLISH) -> Reply:
    """An article that is no other's twin."""
    paragraphs = "".join(f"<p>{sentence.format(title, sum(map(ord, title)))}</p>" for sentence in text)
    return Reply(
        body=f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article">{head}</head><body><main><article><h1>{title}</h1>'
        f"{paragraphs}{more}</article></main></body></html>"
    )


def site_of(*articles: tuple[str, Reply], lang: str = "en") -> dict[str, Reply | list[Reply]]:
    """A site of a front page and articles."""
    return {"/": front(*(title for title, _ in articles), lang=lang), **{path_of(t): reply for t, reply in articles}}


TITLES = ("The bridge is shut", "The ferry starts", "The market moves", "The choir sings", "The weir leaks", "A sixth")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A file of sources that a person has written."""
    path = tmp_path / "sites.toml"
    path.write_text('# our sources\n\n[first]   # the oldest\nurl = "https://example.org/"\n\n# to be looked at:\n')
    return path


# what is found


def test_a_card_tells_what_leads_to_the_articles_and_what_they_say(dateline: Dateline, tmp_path: Path) -> None:
    with serving(paper(stories(60))) as site:
        card = look(dateline, site)
        assert len(site.asked) == card["requests"]
    (feed,) = card["feeds"]
    assert (feed["named_by"], feed["articles"], feed["newest"]) == ("the page", 50, "2025-03-03T19:00:00Z")
    assert [s["named_by"] for s in card["sitemaps"]] == ["robots.txt", "robots.txt", "an index"]
    assert [(s["articles"], s["sitemaps"], s["is_news"]) for s in card["sitemaps"]] == [
        (60, 0, True),
        (0, 1, False),
        (60, 0, False),
    ]
    assert [s["title"] for s in card["samples"]] == [f"The {t} enters its year number {n}" for n, t in NEWEST]
    assert all(s["date_confidence"] == "high" and s["words"] > 50 for s in card["samples"])
    assert (card["kind"], card["language"]["value"], card["articles_named"]) == ("front page", "en", 60)
    assert list(tmp_path.iterdir()) == []  # no state, no file of sources


NEWEST = ((59, "ferry"), (58, "school"), (57, "market"), (56, "theatre"), (55, "quarry"))


def test_what_was_cut_is_told_by_kind_with_its_first_words(dateline: Dateline) -> None:
    appeal = "<p>This newsroom has no owner. Please donate today and support our journalism: give 5 euros a month.</p>"
    articles = [(title, article(title, head=OFFSET.format(n + 1), more=appeal)) for n, title in enumerate(TITLES[:5])]
    with serving(site_of(*articles)) as site:
        card = look(dateline, site)
        shown = dateline("add", f"{site.base}/", *LOCAL, "--dry-run").out
    removed = {cut["kind"]: cut for sample in card["samples"] for cut in sample["removed"]}
    assert removed["donation appeal"]["first_words"].startswith("This newsroom has no owner. Please donate today")
    assert "1 × donation appeal (“This newsroom has no owner." in " ".join(shown.split())


def test_a_zone_is_told_where_one_clock_alone_fits_the_offsets_of_the_country(dateline: Dateline) -> None:
    articles = [(title, article(title, head=OFFSET.format(n + 1))) for n, title in enumerate(TITLES[:5])]
    with serving(site_of(*articles, lang="uk-UA")) as site:
        card = look(dateline, site)
    assert card["country"] == {"value": "ua", "by": "the page's language, uk-UA"}
    assert card["zone"] == {"value": "Europe/Kyiv", "by": "offsets stated by 5 articles"}
    assert card["table"] == {"url": f"{site.base}/", "language": "en", "country": "ua", "zone": "Europe/Kyiv"}
    assert said(card, "wrong language") == "the front page says that it is in uk, and its articles are in en"


def test_a_feed_that_no_page_names_is_found_at_its_usual_place(dateline: Dateline) -> None:
    replies = paper(stories(6))
    replies["/"] = front()
    replies["/rss.xml"] = replies.pop("/feed")
    with serving(replies) as site:
        card = look(dateline, site)
    assert [(feed["url"], feed["named_by"]) for feed in card["feeds"]] == [(f"{site.base}/rss.xml", "a usual place")]
    assert card["table"]["feeds"] == [f"{site.base}/rss.xml"]


@pytest.mark.parametrize(("path", "kind"), [("/feed", "feed"), ("/news.xml", "sitemap"), ("/harbour", "section page")])
def test_a_feed_a_sitemap_and_a_section_may_be_sources(dateline: Dateline, path: str, kind: str) -> None:
    with serving(paper(stories(30))) as site:
        card = look(dateline, site, path=path)
    assert (card["kind"], card["url"], card["is_source"]) == (kind, f"{site.base}{path}", True)
    assert "feeds" not in card["table"]


def test_the_site_of_an_article_is_taken_in_its_place(dateline: Dateline) -> None:
    replies = paper(stories(20))
    with serving(replies) as site:
        card = look(dateline, site, path=stories(1)[0].path)
    assert (card["url"], card["kind"], len(card["samples"])) == (f"{site.base}/", "front page", 5)
    assert "article" in kinds(card)


# what is doubtful


def test_what_a_site_reserves_is_told_in_words(dateline: Dateline) -> None:
    replies: dict[str, Reply | list[Reply]] = {
        **site_of(*[(title, article(title)) for title in TITLES[:3]]),
        "/robots.txt": Reply(
            kind="text/plain", body="User-agent: *\nCrawl-delay: 0.1\nContent-Signal: search=yes, ai-train=no\n"
        ),
        "/.well-known/tdmrep.json": Reply(kind="application/json", body='[{"location": "/", "tdm-reservation": 1}]'),
    }
    with serving(replies) as site:
        card = look(dateline, site)
        shown = " ".join(dateline("add", f"{site.base}/", *LOCAL, "--dry-run").out.split())
    assert card["rights"] == {"content_signal": "ai-train=no, search=yes", "tdm_reservation": "1"}
    assert {"undated", "reserved", "no feed"} <= kinds(card)
    assert "Content-Signal: ai-train=no, search=yes; tdmrep.json: text and data mining reserved" in shown
    assert "3 of 3 articles have no date" in shown
    assert "may be read, 0.1 s between requests" in shown


def test_a_site_that_robots_txt_closes_is_not_asked_for_pages(dateline: Dateline, tmp_path: Path) -> None:
    robots = Reply(kind="text/plain", body="User-agent: *\nDisallow: /\n")
    with serving({**paper(stories(5)), "/robots.txt": robots}) as site:
        card = look(dateline, site, "--yes")
        assert site.asked == ["/robots.txt"]
    assert (card["robots"]["allowed"], card["is_source"], card["written_to"]) == (False, False, None)
    assert "does not allow" in said(card, "robots")
    assert not (tmp_path / "sites.toml").exists()


CONSENT = (
    '<!doctype html><html lang="en"><title>Before you continue</title><body><h1>We value your privacy</h1><p>We and our'
    " 812 partners store and access information on a device, such as cookies. Please accept or manage your consent to"
    " continue to the site.</p><button>Accept all</button><button>Manage options</button></body></html>"
)
BLOCK = (
    "<!doctype html><html><title>Just a moment...</title><body><h1>Checking your browser</h1><p>Please verify you are a"
    " human. Enable JavaScript and cookies to continue.</p></body></html>"
)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(body=CONSENT), "consent wall", "asks for consent before it shows anything"),
        (Reply(body=BLOCK), "blocked", "takes us for a robot"),
        (Reply(status=403), "blocked", "HTTP status 403 (it shuts us out)"),
        (Reply(status=404), "unreachable", "HTTP status 404"),
    ],
)
def test_articles_that_cannot_be_had_are_told_by_why(
    dateline: Dateline, tmp_path: Path, reply: Reply, kind: str, words: str
) -> None:
    with serving(site_of(*[(title, reply) for title in TITLES])) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--json", "--yes")
    card = json.loads(result.out)
    assert result.code == 1
    assert words in said(card, kind)
    assert result.errors == [
        f"dateline: {site.base}/: no article could be read, so that nothing was written",
    ]
    assert not (tmp_path / "sites.toml").exists()


@pytest.mark.parametrize(("body", "kind"), [(CONSENT, "consent wall"), (BLOCK, "blocked")])
def test_a_wall_in_place_of_the_front_page_is_told(dateline: Dateline, body: str, kind: str) -> None:
    with serving({"/": Reply(body=body)}) as site:
        card = look(dateline, site)
    assert said(card, kind).startswith("the page itself is a ")
    assert not card["is_source"]


def test_a_paywall_is_told(dateline: Dateline) -> None:
    paid = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    with serving(site_of(*[(title, article(title, head=paid)) for title in TITLES[:4]])) as site:
        card = look(dateline, site)
    assert said(card, "paywall") == "4 of 4 articles are not free to read, by what they declare"


def test_articles_in_another_language_than_they_say_are_told(dateline: Dateline) -> None:
    with serving(site_of(*[(title, article(title, text=GERMAN)) for title in TITLES[:3]])) as site:
        card = look(dateline, site)
    assert said(card, "wrong language") == "3 of 3 articles read as de, and say that they are in en"
    assert card["table"]["language"] == "de"


def test_a_language_without_rules_is_told(dateline: Dateline) -> None:
    with serving(site_of(*[(title, article(title, lang="sv")) for title in TITLES[:3]], lang="sv")) as site:
        card = look(dateline, site)
    assert "no rules for notices in sv" in said(card, "no rules")


def test_the_texts_of_the_small_sites_read_as_no_other_language() -> None:
    for site in small_sites():
        told = {written_language(" ".join(article.paragraphs)) for article in site.articles}
        assert told <= {None, site.language.partition("-")[0]}


def test_texts_that_read_as_no_one_language_are_left_open() -> None:
    assert written_language("Kaksi siltaa suljettiin eilen illalla") is None
    assert written_language("The council and the mayor of the town are to meet in that hall for the first time") == "en"


def test_articles_that_a_crawl_would_leave_out_are_told(dateline: Dateline) -> None:
    asks = '<meta name="robots" content="noarchive, noai">'
    with serving(site_of(*[(title, article(title, head=asks)) for title in TITLES[:3]])) as site:
        card = look(dateline, site)
    assert said(card, "noindex").startswith("3 of 3 articles ask not to be kept")
    assert said(card, "reserved").startswith("3 of 3 articles are reserved from mining")


def test_nothing_in_a_page_can_speak_to_the_terminal(dateline: Dateline) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mThe bridge is shut\u202e[bold]"
    author = f'<meta name="author" content="Ann\x9b31m {evil}">'
    feed = '<link rel=alternate type="application/rss+xml" href="/feed?\x1b[2J">'
    replies = site_of(*[(title, article(evil, head=author, more="<p>Share\x1b[5m this</p>")) for title in TITLES[:3]])
    front_page = replies["/"]
    assert isinstance(front_page, Reply)
    replies["/"] = replace(front_page, body=f"{feed}{front_page.body!s}")
    replies["/robots.txt"] = Reply(kind="text/plain", body="Sitemap: /a\x1b[31m.xml\nContent-Signal: a=no\n")
    with serving(replies) as site:
        shown = dateline("add", f"{site.base}/", *LOCAL)
        card = dateline("add", f"{site.base}/", *LOCAL, "--json")
    for text in (shown.out, shown.err, card.out, card.err):
        assert all(char.isprintable() or char == "\n" for char in text)
    assert "[bold]" in shown.out  # no mark-up of ours either


# the manner of asking


def test_a_private_address_is_refused_and_not_asked(dateline: Dateline) -> None:
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", "--json")
        assert site.asked == []
    assert result.code == 1
    assert "is not a public address (use --allow to permit it)" in json.loads(result.out)["warnings"][0]["said"]


def test_a_site_without_end_costs_a_bounded_number_of_requests(dateline: Dateline) -> None:
    hops = {f"/r{n}": Reply(status=302, headers={"Location": f"/r{n + 1}"}) for n in range(200)}
    links = "".join(f'<link rel=alternate type="application/rss+xml" href="/r{n * 7}">' for n in range(20))
    stories_ = "".join(f'<h2><a href="/r{n}?id=12345{n}">A long headline about a thing {n}</a></h2>' for n in range(30))
    robots = Reply(kind="text/plain", body="".join(f"Sitemap: {{base}}/r{n * 3}\n" for n in range(100)))
    replies = {"/robots.txt": robots, "/": Reply(body=f"<html>{links}{stories_}"), **hops}
    with serving(replies) as site:
        card = look(dateline, site)
        assert len(site.asked) == card["requests"] == MOST_REQUESTS
    assert any("40 requests were made, and a look takes no more" in w["said"] for w in card["warnings"])
    assert "16 more feeds were not looked at" in card["not_looked_at"]


def test_an_address_that_does_not_answer_is_told_with_what_where_and_why(dateline: Dateline, tmp_path: Path) -> None:
    result = dateline("add", "http://127.0.0.1:4/", *LOCAL, "--yes")
    assert result.code == 1
    assert (
        "http://127.0.0.1:4/ cannot be read now: robots.txt cannot be read now: unreachable (connection refused)"
        in " ".join(result.out.split())
    )
    assert result.errors[-1] == "dateline: http://127.0.0.1:4/: no article could be read, so that nothing was written"
    assert list(tmp_path.iterdir()) == []


# the file of sources


def test_a_source_is_written_behind_what_the_file_has(dateline: Dateline, sources: Path) -> None:
    before = sources.read_bytes()
    with serving(paper(stories(8))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        after = sources.read_text()
        assert after == before.decode() + (
            f'\n[127-0-0-1]\nurl = "{site.base}/"\nfeeds = ["{site.base}/feed"]\nlanguage = "en"\n'
        )
        assert result.code == 0
        assert result.out.splitlines()[-1] == (
            "sites.toml: [127-0-0-1] is written; dateline crawl --sources sites.toml crawls it"
        )
        crawled = dateline("crawl", "--sources", "sites.toml", *LOCAL, "--max-pages", "3")
    assert "3 saved" in crawled.out


def test_a_site_that_is_there_is_told_and_not_written_twice(dateline: Dateline, tmp_path: Path) -> None:
    with serving(paper(stories(8))) as site:
        for _ in range(2):
            result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        asked = len(site.asked)
        other = dateline("add", f"{site.base}/harbour", *LOCAL, "--yes")
        assert len(site.asked) == asked  # it need not be looked at
        looked = dateline("add", f"{site.base}/", *LOCAL, "--dry-run")
    assert (result.code, other.code, looked.code) == (0, 0, 0)
    assert all("sites.toml: has this site already, as [127-0-0-1]" in r.err for r in (result, other, looked))
    assert "front page" in looked.out
    assert (tmp_path / "sites.toml").read_text().count("[127-0-0-1]") == 1


def test_outside_a_terminal_nothing_is_written_unless_it_is_asked_for(dateline: Dateline, tmp_path: Path) -> None:
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL)
        assert (result.code, result.errors) == (0, ["dateline: nothing was written: add it with --yes"])
        assert f'[127-0-0-1]\nurl = "{site.base}/"' in result.out
        assert list(tmp_path.iterdir()) == []
        written = look(dateline, site, "--yes")
    assert written["written_to"] == "sites.toml"
    assert [source.urls for source in read_sources(tmp_path / "sites.toml")] == [(f"{site.base}/",)]


@pytest.mark.parametrize(("keys", "is_written"), [("y\r", True), ("\r", True), ("n\r", False), ("\x04", False)])
def test_a_person_is_asked_first(tmp_path: Path, keys: str, *, is_written: bool) -> None:
    with serving(paper(stories(5))) as site, terminal(command_of("add", f"{site.base}/", *LOCAL), tmp_path) as screen:
        screen.wait_for("Add it to sites.toml? [Y/n] ")
        screen.type(keys)
        assert screen.end() == 0
    assert (tmp_path / "sites.toml").exists() is is_written
    assert ("nothing was written" in screen.text) is not is_written
    assert all(len(line.rstrip()) <= 80 for line in screen.text.splitlines() if "dateline crawl" not in line)


def test_ctrl_c_while_a_site_is_looked_at_writes_nothing(tmp_path: Path) -> None:
    slow = {"/": replace(front(*TITLES), wait_s=5)}
    with serving(slow) as site, terminal(command_of("add", f"{site.base}/", *LOCAL, "--yes"), tmp_path) as screen:
        screen.wait_until(lambda: "/" in site.asked)
        screen.type(CTRL_C)
        assert screen.end() == 130
    assert "dateline: stopped; nothing was written" in screen.text
    assert screen.shown.rfind(HIDE_CURSOR) < screen.shown.rfind(SHOW_CURSOR)
    assert "Traceback" not in screen.text
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_a_look_at_once(tmp_path: Path) -> None:
    with serving({"/": replace(front(*TITLES), wait_s=5)}) as site:
        command = command_of("add", f"{site.base}/", *LOCAL, "--yes")
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while "/" not in site.asked:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [("[first\n", "sites.toml: not TOML"), ('[first]\nurl = "x"\n', "sites.toml: [first] url: expected an address")],
)
def test_a_file_that_cannot_be_crawled_is_told_before_anything_is_asked(
    dateline: Dateline, tmp_path: Path, content: str, said_of_it: str
) -> None:
    (tmp_path / "sites.toml").write_text(content)
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        assert site.asked == []
    assert (result.code, len(result.errors)) == (2, 1)
    assert said_of_it in result.err
    assert (tmp_path / "sites.toml").read_text() == content


def test_a_file_that_cannot_be_written_ends_with_code_74(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes", "--sources", "file/sites.toml")
    assert result.code == 74
    assert "file: Not a directory" in result.err


@pytest.mark.parametrize(
    "before",
    [
        "",
        'on_alarm = "mail me"\n',
        "# nothing yet",
        "\ufeff[a]\nurl = 'https://e.org'",
        "[a]\r\nurl = 'https://e.org'\r\n",
    ],
)
def test_every_file_of_sources_takes_a_table(tmp_path: Path, before: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(before.encode())
    add_source(path, "b", {"url": "https://example.com/«ü»", "feeds": ["https://example.com/a?b=%22\\"]})
    assert path.read_bytes().startswith(before.encode())
    (*_, added) = read_sources(path)
    assert (added.name, added.urls, added.feeds) == (
        "b",
        ("https://example.com/«ü»",),
        ("https://example.com/a?b=%22\\",),
    )


def test_names_are_made_of_hosts_and_no_two_are_the_same() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(name_for("https://www.example.co.uk/a", taken))
    assert taken == ["example", "example-2", "example-3"]
    assert name_for("https://пример.рф/", ()).isascii()


def test_a_source_is_found_by_its_address_before_its_site() -> None:
    one = Source(name="one", urls=("https://example.org/world",))
    two = Source(name="two", urls=("https://example.org/sport",), feeds=("https://example.org/feed",))
    assert same_site((one, two), "https://example.org/feed") is two
    assert same_site((one, two), "http://www.example.org/") is one
    assert same_site((one, two), "https://example.net/") is None
