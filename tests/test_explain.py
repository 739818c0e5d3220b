"""What is told of a page is what was done with it: the same texts kept and cut, the same values, nothing left out."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from crawler.extraction.explain import Explanation, Fate, Field, explain
from crawler.extraction.extract import extract
from crawler.items import Extract, FoundBy, Hint, Kind, Page, Reason, Refused
from tests.conftest import PUBLISHED, article_html
from tests.small_sites import small_sites

DAY = dt.date(2025, 5, 1)
PAGES = sorted((Path(__file__).parent / "pages").glob("*/page.html"))
FIELDS = ("title", "authors", "date_published", "publisher", "section", "tags", "language", "canonical_url", "image")


def page_of(body: bytes, url: str = "https://harbour.example/news/bridge", hint: Hint | None = None) -> Page:
    return Page(url=url, body=body, fetched_at=DAY, hint=hint, teaches=False)


def explained(body: bytes, url: str = "https://harbour.example/news/bridge", hint: Hint | None = None) -> Explanation:
    return explain(page_of(body, url, hint))


def field_of(explanation: Explanation, name: str) -> Field:
    return next(field for field in explanation.fields if field.name == name)


def rejected_in(explanation: Explanation, name: str) -> set[tuple[str, str, str]]:
    return {(c.source, c.value, c.why_not) for c in field_of(explanation, name).rejected}


def _small_pages() -> list[Page]:
    return [page_of(small.html, small.url) for site in small_sites() for small in site.pages()[:2]]


@pytest.mark.parametrize(
    "page", [page_of(p.read_bytes()) for p in PAGES] + _small_pages(), ids=lambda page: page.url[-40:]
)
def test_the_trail_is_told_whole_and_in_order(page: Page) -> None:
    told, done = explain(page), extract(page)
    assert isinstance(done, Extract)
    kept = ["".join(part.text for part in line.parts if not part.kind) for line in told.lines if line.fate is Fate.KEPT]
    assert " ".join(" ".join(kept).split()) == " ".join(" ".join(done.paragraphs).split())
    cut = [(part.kind, part.text) for line in told.lines for part in line.parts if part.kind]
    trail = [(r.kind, r.text) for r in done.removed] + [(Kind.CORRECTION, text) for text in done.corrections]
    assert sorted(cut) == sorted(trail)
    assert all(line.reason for line in told.lines if line.fate is Fate.ELSEWHERE)
    assert all(part.reason for line in told.lines for part in line.parts if part.kind)


@pytest.mark.parametrize("page", _small_pages(), ids=lambda page: page.url[-40:])
def test_every_field_is_what_the_record_has(page: Page) -> None:
    told, done = explain(page), extract(page)
    assert isinstance(done, Extract)
    assert told.extract == done
    assert {field.name for field in told.fields} >= {"page type", "rights", *FIELDS}
    for name, source in done.sources.items():
        if field_of(told, name).value:
            assert field_of(told, name).source == source
    for field in told.fields:
        assert all(candidate.why_not for candidate in field.rejected)


def test_a_sentence_that_was_cut_stands_where_it_stood() -> None:
    appeal = "Support us on Patreon so that our journalists can keep on reporting from the harbour."
    text = (
        f"The ferry runs twice an hour until the autumn, and takes forty people. {appeal} Nobody knows what comes then."
    )
    told = explained(article_html(more=f"<p>{text}</p>"))
    line = next(line for line in told.lines if any(part.kind is Kind.DONATION for part in line.parts))
    assert line.fate is Fate.KEPT
    assert [(part.kind, part.text.strip()) for part in line.parts] == [
        (None, "The ferry runs twice an hour until the autumn, and takes forty people."),
        (Kind.DONATION, appeal),
        (None, "Nobody knows what comes then."),
    ]


def test_what_was_passed_over_is_told_with_why() -> None:
    head = f"""{PUBLISHED}
        <meta property="og:site_name" content="Harbour Post">
        <meta property="og:title" content="Old bridge shut: a storm broke two pillars">
        <meta name="author" content="Harbour Post"><meta name="parsely-author" content="Ann Lee">
        <meta name="dc.creator" content="lee42">
        <meta property="article:section" content="Article"><meta name="section" content="Harbour">
        <meta name="keywords" content="@post-17"><meta property="og:locale" content="el_GR">
        <meta property="og:url" content="https://elsewhere.example/news/bridge">
        <meta name="description" content="Bridge closed after the storm">
        <link rel="canonical" href="https://harbour.example/">"""
    told = explained(article_html("Bridge closed after the storm | Harbour Post", head=head))
    assert field_of(told, "title").value == "Bridge closed after the storm"
    assert ("meta og:title", "Old bridge shut: a storm broke two pillars", "comes after “h1”, which was taken") in (
        rejected_in(told, "title")
    )
    assert field_of(told, "authors").value == "Ann Lee"
    assert ("meta author", "Harbour Post", "the outlet itself") in rejected_in(told, "authors")
    assert field_of(told, "section").value == "Harbour"
    assert rejected_in(told, "section") == {
        ("meta article:section", "Article", "a kind of page, or a name of the outlet")
    }
    assert rejected_in(told, "tags") == {("meta keywords", "@post-17", "no words for a reader")}
    assert rejected_in(told, "language") == {("meta og:locale", "el-GR", "the text has other letters (latin)")}
    assert rejected_in(told, "canonical_url") == {
        ("link canonical", "https://harbour.example/", "the front page's address"),
        ("meta og:url", "https://elsewhere.example/news/bridge", "on another site"),
    }
    assert rejected_in(told, "summary") == {
        ("meta description", "Bridge closed after the storm", "says the title again")
    }


def test_a_title_that_was_shortened_is_told_as_it_is_written() -> None:
    body = article_html(
        "Bridge closed after the storm | Harbour Post", head='<meta name="application-name" content="Harbour Post">'
    )
    told = explained(re.sub(rb"<h1>.*</h1>", b"", body))
    title = field_of(told, "title")
    assert (title.value, title.source) == ("Bridge closed after the storm", "title")
    assert title.notes == ("written “Bridge closed after the storm | Harbour Post”",)


def test_a_value_that_others_correct_is_told_as_it_is_written() -> None:
    whole = "The council closes the old bridge for good after the storm broke two of its pillars"
    head = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{whole[:50]}…"}}</script>
        <meta name="description" content="The ferry sails …">
        <meta name="twitter:description" content="The ferry sails on.">"""
    told = explained(article_html(whole, head=head))
    title, summary = field_of(told, "title"), field_of(told, "summary")
    assert (title.value, title.source, title.notes) == (whole, "json-ld", (f"written “{whole[:50]}…”",))
    assert title.also == "h1, title"
    assert (summary.value, summary.source) == ("The ferry sails on.", "meta twitter:description")
    assert rejected_in(told, "summary") == {("meta description", "The ferry sails …", "is cut short")}


def test_dates_that_were_passed_over_are_told_with_why() -> None:
    head = f"""{PUBLISHED}<meta property="article:modified_time" content="1970-01-01T00:00:00Z">
        <meta name="dcterms.created" content="2031-01-01">"""
    told = explained(
        article_html(head=head),
        "https://harbour.example/2025/04/26/bridge",
        Hint(url="", found_by=FoundBy.FEED, published="Mon, 21 Apr 2025 08:00:00 GMT"),
    )
    published = field_of(told, "date_published")
    assert (published.value, published.source) == ("2025-04-26T10:00:00+03:00", "meta")
    assert published.notes[:2] == ("medium confidence", "written “2025-04-26T10:00:00+03:00”")
    told_of = {(source, why) for source, _, why in rejected_in(told, "date_published")}
    assert {("feed", "comes after “meta”, which was taken"), ("url", "says the same day")} <= told_of
    assert ("meta", "a placeholder") in {(source, why) for source, _, why in rejected_in(told, "date_modified")}


def test_the_outlet_that_signs_alone_is_taken_and_not_passed_over() -> None:
    head = '<meta property="og:site_name" content="Harbour Post"><meta name="author" content="Harbour Post">'
    authors = field_of(explained(article_html(head=head)), "authors")
    assert (authors.value, authors.source, authors.rejected) == ("Harbour Post", "meta author", ())


def test_a_page_that_is_refused_is_told_of_all_the_same() -> None:
    cards = "".join(
        f'<div class="card"><h2><a href="/n/{n}">Ferry number {n} sails again</a></h2><p>It sails.</p></div>'
        for n in range(9)
    )
    told = explained(
        f"<html><head><title>News</title></head><body>{cards}</body></html>".encode(), "https://h.example/news/"
    )
    assert told.refused is not None
    assert told.refused.reason is Reason.INDEX
    assert field_of(told, "page type").value == "refused: index page"
    assert "Ferry number 3 sails again" in {part.text for line in told.lines for part in line.parts}


def test_bytes_that_are_no_page_are_a_refusal_alone() -> None:
    told = explained(b" ")
    assert (told.refused and told.refused.reason, told.fields, told.lines) == (Reason.EMPTY, (), ())


def test_strangers_cannot_state_without_end() -> None:
    metas = "".join(f'<meta name="author" content="Ann Lee{n} {"x" * 5_000}">' for n in range(500))
    bylines = "".join(f'<p class="byline">By Bob Ode{"e" * n}</p>' for n in range(500))
    told = explained(article_html(head=metas, more=bylines))
    assert max(len(field.rejected) for field in told.fields) <= 40
    assert max(len(c.value) + len(c.written) for field in told.fields for c in field.rejected) <= 600


def test_a_page_read_alone_refuses_as_the_crawl_does() -> None:
    body = b"<html><title>Not found</title><body><h1>Page not found</h1><p>The page is gone.</p></body></html>"
    done = extract(page_of(body))
    assert isinstance(done, Refused)
    assert explained(body).refused == done


def test_a_stated_language_that_the_words_are_not_of_is_told() -> None:
    said = "Der Rat hat die Brücke am Montag nicht mehr freigegeben, und das ist für die Anwohner der Inseln bitter."
    text = "".join(f"<p>{said} Von den Booten fahren {n} mit der Post.</p>" for n in range(2, 8))
    told = explained(f'<html lang="en-US"><title>Brücke zu</title><article><h1>Brücke zu</h1>{text}</article>'.encode())
    assert field_of(told, "language").value == "de"
    assert rejected_in(told, "language") == {("html lang", "en-US", "the text reads as de")}
