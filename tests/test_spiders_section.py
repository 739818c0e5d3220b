"""Links, the shape of addresses, and what an answer is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from spiders.section import article_links, feeds_of, links_of, section_links
from spiders.shape import Shape, shape_of
from spiders.urls import Answer, kind_of
from spiders.when import latest_of

HERE = "https://www.example.org/"
PAGE = """<base href="/en/"><link rel="alternate" type="application/rss+xml" href="feed">
<link rel="alternate" type="application/rss+xml" href="comments/feed"><link rel="alternate" hreflang="de" href="/de/">
<a href="/world">World</a> <a href="politics">Politics</a>
<a href="/2025/04/26/council-votes"></a>
<h2><a href="/2025/04/26/council-votes#top">Council votes</a></h2>
<a href="/feather-bed">How to choose a good bed</a>
<a href="https://news.example.org/vote-12345">Sub</a>
<a href="https://example.com/b-12345">Away</a> <a href="//[">Bad</a>
<a href="mailto:a@example.org">Mail</a> <a href="/tag/vote">Vote</a> <a href="/login">Log in</a> <a href="#x">Up</a>
<a rel="nofollow" href="/sponsored-text-of-the-day">Ad</a> <a href="/a/b/a/b/a/b/a/b/story-12345">Trap</a>"""


def test_links_are_split_into_articles_and_sections() -> None:
    links = links_of(html.document_fromstring(PAGE), HERE, {"example.org"})
    assert [(link.url, link.text) for link in article_links(links)] == [
        ("https://www.example.org/2025/04/26/council-votes", "Council votes"),
        ("https://news.example.org/vote-12345", "Sub"),
        ("https://www.example.org/a/b/a/b/a/b/a/b/story-12345", "Trap"),
        ("https://www.example.org/feather-bed", "How to choose a good bed"),
    ]
    assert [link.url for link in section_links(links)] == [
        "https://www.example.org/world",
        "https://www.example.org/en/politics",
    ]


def test_feeds_of_a_page_are_those_of_articles() -> None:
    assert feeds_of(html.document_fromstring(PAGE), HERE) == ["https://www.example.org/en/feed"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", Shape.LISTING),
        ("/pt-br/", Shape.LISTING),
        ("/science-and-technology", Shape.LISTING),
        ("/politics/europe", Shape.LISTING),
        ("/category/politics-and-the-economy/", Shape.LISTING),
        ("/section/people", Shape.LISTING),
        ("/2025/04/26/council", Shape.ARTICLE),
        ("/world/council-votes-to-repair-bridge", Shape.ARTICLE),
        ("/noticias/el-concejo", Shape.ARTICLE),
        ("/новини/рада-проголосувала-за-бюджет-міста", Shape.ARTICLE),
        ("/view.php?idx=85761&page=2", Shape.ARTICLE),
        ("/weather/2025/04/26/the-storm-comes-in", Shape.ARTICLE),
        ("/2019/11/18/politics/council-votes-again/index.html", Shape.ARTICLE),
        ("/2025/04/26/", Shape.OTHER),
        ("/news/20250426", Shape.OTHER),
        ("/sport/page/3", Shape.OTHER),
        ("/topics/the-long-way-to-the-bridge", Shape.OTHER),
        ("/author/maria-of-the-evening-paper", Shape.OTHER),
        ("/video/council-votes-to-repair-bridge-12345", Shape.OTHER),
        ("/reports/council-votes-to-repair-bridge.pdf", Shape.OTHER),
        ("/datenschutz", Shape.OTHER),
        ("/aviso-legal", Shape.OTHER),
        ("/diaporama/council-votes-to-repair-bridge", Shape.OTHER),
        ("/portfolio/council-votes-to-repair-bridge", Shape.ARTICLE),
        ("/en/us/", Shape.LISTING),
        ("/?lang=de", Shape.LISTING),
        ("/long/way/down", Shape.UNCLEAR),
    ],
)
def test_shape_of_an_address(path: str, shape: Shape) -> None:
    assert shape_of(f"https://example.org{path}") is shape


@given(st.text(max_size=60))
def test_shape_of_any_text_is_some_shape(text: str) -> None:
    assert shape_of(f"https://example.org/{text}") in Shape


ARTICLE = (
    b'<script type="application/ld+json">{"@type": "NewsArticle", "url": "https://e.org/x", "headline": "A"}</script>'
)


@pytest.mark.parametrize(
    ("body", "url", "content_type", "kind"),
    [
        (b"<p>x<a href=/>y</a>", "https://e.org/", "text/html", Answer.FRONT),
        (b"<p>x", "https://e.org/en/", "text/html", Answer.FRONT),
        (b"<p>x", "https://e.org/world", "text/html", Answer.SECTION),
        (b"<p>x", "https://e.org/2025/04/26/council", "text/html", Answer.ARTICLE),
        (b"<meta property=og:type content=article><p>x", "https://e.org/long/way/down", "text/html", Answer.ARTICLE),
        (b"<meta property=og:type content=article><p>x", "https://e.org/world", "text/html", Answer.SECTION),
        (ARTICLE + b"<p>x", "https://e.org/x", "text/html", Answer.ARTICLE),
        (ARTICLE + b"<p>x", "https://e.org/world", "text/html", Answer.SECTION),
        (b"<?xml version='1.0'?><!-- x --><rss/>", "https://e.org/", "text/html", Answer.FEED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "https://e.org/", "", Answer.FEED),
        (b"<rdf:RDF/>", "https://e.org/", "text/xml", Answer.FEED),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "https://e.org/", "application/json", Answer.FEED),
        (b"\xef\xbb\xbf<urlset/>", "https://e.org/", "text/xml", Answer.SITEMAP),
        (b"<sitemapindex/>", "https://e.org/", "application/octet-stream", Answer.SITEMAP),
        (b"https://e.org/a\nhttps://e.org/b\n", "https://e.org/x", "text/plain", Answer.SITEMAP),
        (b"\xff\xfe" + "<rss/>".encode("utf-16-le"), "https://e.org/", "text/xml", Answer.FEED),
        (b" \n\x00", "https://e.org/", "text/html", Answer.EMPTY),
        (b"<html><body></body></html>", "https://e.org/x", "text/html", Answer.EMPTY),
        (b"%PDF-1.7", "https://e.org/", "text/html", Answer.OTHER),
        (b"\x89PNG", "https://e.org/", "image/png", Answer.OTHER),
        (b"words", "https://e.org/", "application/octet-stream", Answer.OTHER),
        (b"<!DOCTYPE html><p>A front", "https://e.org/", "application/octet-stream", Answer.FRONT),
        (b'{"a": 1}', "https://e.org/", "application/json", Answer.OTHER),
    ],
)
def test_kind_of_an_answer(body: bytes, url: str, content_type: str, kind: Answer) -> None:
    assert kind_of(body, url, content_type) is kind


@pytest.mark.parametrize(
    ("last", "is_id"), [("a1b2c3d4", True), ("abcdefgh", False), ("a1b2c3d", False), ("12345678a", True)]
)
def test_id_of_letters_and_figures_is_told_by_its_length(last: str, is_id: bool) -> None:
    assert (shape_of(f"https://example.org/x/y/{last}") is Shape.ARTICLE) is is_id


def test_endless_path_part_is_read_once() -> None:
    assert shape_of("https://example.org/" + "1a" * 100_000) is Shape.LISTING


def test_last_day_of_the_calendar_has_no_later_moment() -> None:
    latest = latest_of("9999-12-31T23:09:59")
    assert latest is not None
    assert latest.isoformat() == "9999-12-31T23:59:59.999999+00:00"
