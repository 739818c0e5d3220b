"""dateline add: what a look at a site finds, what it asks for, and how it is ended."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from spiders.probe import MOST_REQUESTS
from tests.conftest import command_of
from tests.looking import LOCAL, OFFSET, TITLES, Dateline, article, front, kinds, look, said, site_of
from tests.loopback import Reply, serving
from tests.paper import paper, stories
from tests.terminal import CTRL_C, HIDE_CURSOR, SHOW_CURSOR, terminal


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
