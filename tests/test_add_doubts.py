"""dateline add: what it warns of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.extraction.language import written_language
from tests.looking import GERMAN, LOCAL, TITLES, Dateline, article, kinds, look, said, site_of
from tests.loopback import Reply, serving
from tests.paper import paper, stories
from tests.small_sites import small_sites


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
    with serving(site_of(*[(title, article(title, lang="is")) for title in TITLES[:3]], lang="is")) as site:
        card = look(dateline, site)
    assert "no rules for notices in is" in said(card, "no rules")


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
