"""What names and tags say of the text inside them."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import pytest
from lxml.html import HtmlElement, fromstring

from crawler.extraction.structure import kind_of_mark, marks_of
from crawler.items import Kind


def element(html: str) -> HtmlElement:
    return fromstring(html)


@pytest.mark.parametrize(
    ("html", "mark"),
    [
        ('<div class="post__relatedStories"></div>', "related"),
        ('<section id="newsletter-signup"></section>', "newsletter"),
        ('<div data-testid="share-tools"></div>', "share"),
        ('<div data-component="comments-list"></div>', "comments"),
        ('<span itemprop="author"></span>', "byline"),
        ('<div role="navigation"></div>', "menu"),
        ('<div role="complementary"></div>', "aside"),
        ("<nav></nav>", "menu"),
        ("<figcaption></figcaption>", "caption"),
        ("<form></form>", "form"),
        ('<div style="Visibility: Hidden"></div>', "hidden"),
    ],
)
def test_marks_of_reads_tag_role_class_and_id(html: str, mark: str) -> None:
    assert mark in marks_of(element(html))


@pytest.mark.parametrize(
    "html",
    [
        '<div class="article-body"></div>',
        '<div class="shareholder"></div>',
        '<div class="unrelatedness commentary-x"></div>',
        '<h2 id="related"></h2>',
        '<p id="newsletter"></p>',
        '<h3 class="toc"></h3>',
        '<p class="menu"></p>',
        '<div role="main"></div>',
    ],
)
def test_marks_of_finds_none_where_the_name_says_nothing(html: str) -> None:
    assert marks_of(element(html)) == frozenset()


def test_marks_of_reads_a_class_on_a_heading_but_not_its_id() -> None:
    assert marks_of(element('<h2 class="related-title" id="share"></h2>')) == {"related"}


def test_marks_of_reads_only_the_beginning_of_a_soup_of_utility_classes() -> None:
    soup = "flex-1 " * 80
    assert marks_of(element(f'<div class="{soup} share"></div>')) == frozenset()
    assert marks_of(element(f'<div class="share {soup}"></div>')) == {"share"}


def test_marks_of_gathers_all_that_is_said() -> None:
    assert marks_of(element('<aside class="newsletter promo" hidden></aside>')) == {
        "aside",
        "newsletter",
        "advertisement",
        "hidden",
    }


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("tags", Kind.RELATED), ("figure", Kind.CAPTION), ("donation", Kind.DONATION), ("aside", Kind.OTHER)],
)
def test_kind_of_mark_names_what_was_cut(mark: str, kind: Kind) -> None:
    assert kind_of_mark(mark) is kind


def test_no_word_stands_in_two_tables() -> None:
    tables = tomllib.loads((files("crawler.extraction") / "structure.toml").read_text("utf-8"))
    words = Counter(word for table in tables.values() for word in table["words"])
    assert len(words) > 200
    assert [word for word, count in words.items() if count > 1] == []
