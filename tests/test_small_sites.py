"""The small sites are right: every page holds its article and its notices, and repeats what it is meant to repeat."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import lxml.html
import pytest

from crawler.items import Kind
from tests.small_sites import SmallPage, SmallSite, read_site, small_sites

SITE = """
name = "The Weir"
host = "weir.example"
language = "en"
zone = "Europe/London"
layout = "divs"
dates = "long"
declares = false
{extra}
[[notice]]
text = "A cup of tea is {{n}} pence; so are we."
kind = "donation appeal"
where = "{where}"
element = "p"
on = "all"

[[article]]
slug = "weir-mended"
title = "Weir <mended>"
author = "Ann Ode"
section = "River"
published = 2025-04-03T10:15:00+01:00
paragraphs = ["One.", "Two & a half.", "Three.", "Four."]
"""

every_site = pytest.mark.parametrize("site", small_sites(), ids=lambda site: site.host)


def read(tmp_path: Path, **changes: str) -> SmallSite:
    path = tmp_path / "weir.toml"
    path.write_text(SITE.format(**{"where": "top", "extra": ""} | changes), "utf-8")
    return read_site(path)


def words_of(page: SmallPage) -> str:
    """What the page's body says, with single spaces."""
    return " ".join(lxml.html.document_fromstring(page.html.decode()).find("body").text_content().split())


def sentences(page: SmallPage) -> set[str]:
    """The page's longer sentences; a Japanese one says as much in fewer letters."""
    parts = re.split(r"(?<=[.!?…。])[”»“」]?\s*", " ".join(page.paragraphs))
    return {part for part in parts if len(part) >= (12 if "。" in part else 30)}


@every_site
def test_a_page_holds_its_article_and_its_notices(site: SmallSite) -> None:
    for page in site.pages():
        words = words_of(page)
        assert page.article.title in words
        assert [text for text in (*page.paragraphs, *page.notices) if text not in words] == []


@every_site
def test_paragraphs_stand_in_reading_order_and_hold_no_notice(site: SmallSite) -> None:
    for page in site.pages():
        words, text = words_of(page), "\n".join(page.paragraphs)
        places = [words.index(paragraph) for paragraph in page.paragraphs]
        assert places == sorted(places)
        assert not [notice for notice in page.notices if notice in text]


@every_site
def test_pages_are_the_same_bytes_when_rendered_again(site: SmallSite) -> None:
    assert [page.html for page in site.pages()] == [page.html for page in site.pages()]


@every_site
def test_each_notice_stands_on_three_pages_or_more(site: SmallSite) -> None:
    on_pages = Counter(notice.text for article in site.articles for notice in site.notices_on(article))
    assert {notice.text for notice in site.notices if on_pages[notice.text] < 3} == set()


@every_site
def test_a_notice_in_the_middle_stands_after_as_many_paragraphs_on_every_page(site: SmallSite) -> None:
    for notice in (notice for notice in site.notices if notice.where == "middle"):
        places = set()
        for page in (page for page in site.pages() if notice in site.notices_on(page.article)):
            before = words_of(page).partition(notice.wording(page.article))[0]
            places.add(sum(paragraph in before for paragraph in page.article.paragraphs))
        assert len(places) == 1


@every_site
def test_each_running_story_shares_a_sentence_over_three_reports(site: SmallSite) -> None:
    reports = defaultdict(list)
    for page in site.pages():
        if page.article.story:
            reports[page.article.story].append(sentences(page))
    assert reports
    for story in reports.values():
        counts = Counter(sentence for report in story for sentence in report)
        assert max(counts.values()) >= 3


@every_site
def test_a_column_has_three_pages_and_its_title_line_is_their_first_paragraph(site: SmallSite) -> None:
    columns = [page for page in site.pages() if page.article.column]
    assert all(page.paragraphs[0] == page.article.column for page in columns)
    assert set(Counter(page.article.column for page in columns).values()) <= {3, 4}


@every_site
def test_articles_have_unlike_slugs_and_dates_of_the_sites_zone(site: SmallSite) -> None:
    slugs = [article.slug for article in site.articles]
    assert len(slugs) == len(set(slugs)) >= 9
    for article in site.articles:
        assert 4 <= len(article.paragraphs) <= 7
        assert article.published.utcoffset() == article.published.astimezone(ZoneInfo(site.zone)).utcoffset()


def test_a_site_is_read_and_filled(tmp_path: Path) -> None:
    site = read(tmp_path)
    (page,) = site.pages()
    assert site.notices[0].kind is Kind.DONATION
    assert page.url == "https://weir.example/weir-mended.html"
    assert page.paragraphs == ("One.", "Two & a half.", "Three.", "Four.")
    assert re.fullmatch(r"A cup of tea is \d+ pence; so are we\.", page.notices[0])
    assert b"<div>By Ann Ode</div>\n<div>3 April 2025</div>" in page.html


@pytest.mark.parametrize(
    ("where", "before", "after"), [("top", "3 April 2025", "One."), ("end", "Four.", "More stories")]
)
def test_a_notice_stands_where_it_is_said_to(tmp_path: Path, where: str, before: str, after: str) -> None:
    (page,) = read(tmp_path, where=where).pages()
    assert f"{before} {page.notices[0]} {after}" in words_of(page)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extra": 'colour = "red"'}, "weir.toml: unknown key 'colour'"),
        ({"where": "aside"}, "weir.toml, notice 1: 'aside' is none of top, middle, end, sentence, merged"),
        ({"where": "merged"}, "weir.toml, notice 1: where = 'merged' and element = 'p' do not go together"),
        ({"extra": "[[article]]\nslug = 'half'"}, "weir.toml, article half: missing key 'author'"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read(tmp_path, **changes)


@pytest.mark.parametrize(("language", "joint"), [("en", "One. So."), ("ja", "One.So.")])
def test_a_sentence_notice_follows_its_paragraph_as_the_language_writes(
    tmp_path: Path, language: str, joint: str
) -> None:
    path = tmp_path / "weir.toml"
    joined = re.sub(r"text = .*", 'text = "So."', SITE).replace('element = "p"\n', "")
    text = joined.format(where="sentence", extra="").replace('"en"', f'"{language}"')
    path.write_text(re.sub(r"paragraphs = .*", 'paragraphs = ["One."]', text), "utf-8")
    assert joint in words_of(read_site(path).pages()[0])
