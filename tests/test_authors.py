"""Who wrote it: names in bylines, and bylines in pages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from crawler.extraction.authors import read_authors
from crawler.extraction.bylines import MAX_BYLINE, read_names
from crawler.extraction.declared import read_declared
from crawler.extraction.names import MAX_NAME, tidy_case
from crawler.extraction.outlet import outlet_keys
from crawler.extraction.visible import find_places
from crawler.items import Author

URL = "https://www.harbour-post.example/news/ferry"
STORY = "<p>" + "The ferry to the outer islands runs again after eleven weeks in the dock. " * 4 + "</p>"


PICTURE = '<div class="image-license"><span class="license-author">Cy Roe</span></div>'


def authors_of(head: str = "", body: str = "") -> tuple[list[str], str]:
    authors, source = read(head, body)
    return [author.name for author in authors], source


def read(head: str, body: str) -> tuple[tuple[Author, ...], str]:
    tree = fromstring(f"<html><head>{head}</head><body><article>{body}</article></body></html>")
    declared = read_declared(tree, URL)
    return read_authors(declared, find_places(tree), outlet_keys(declared, URL), URL)


def ld(author: object, **more: object) -> str:
    node = {"@type": "NewsArticle", "headline": "Ferry", "author": author, **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("byMaria Tril", ["Maria Tril"]),
        ("ByAnn Lee and Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Analysis by Ann Lee", ["Ann Lee"]),
        ("Design: Bo Ek", []),
        ("Written by: Ann Lee, Bo Ek & Cy Roe", ["Ann Lee", "Bo Ek", "Cy Roe"]),
        ("Von Hans Meier und Eva Roth", ["Hans Meier", "Eva Roth"]),
        ("Ein Gastbeitrag von Hans Meier", ["Hans Meier"]),
        ("Par Jean Petit et Zoé Grand", ["Jean Petit", "Zoé Grand"]),
        ("Por José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Por Ana Gil y Luis Mas", ["Ana Gil", "Luis Mas"]),
        ("di Maria Neri e Ugo Bo", ["Maria Neri", "Ugo Bo"]),
        ("por Rita Luz e Caio Mar", ["Rita Luz", "Caio Mar"]),
        ("Door Jan van der Berg en Els de Wit", ["Jan van der Berg", "Els de Wit"]),
        ("przez Anna Nowak i Jan Kot", ["Anna Nowak", "Jan Kot"]),
        ("Yazan: Ayşe Kaya ve Can Er", ["Ayşe Kaya", "Can Er"]),
        ("Автор: Марія Триль та Іван Гай", ["Марія Триль", "Іван Гай"]),
        ("Текст: Анна Лес и Пётр Бор", ["Анна Лес", "Пётр Бор"]),
    ],
)
def test_names_are_read_in_each_language_of_the_rules(text: str, names: list[str]) -> None:
    assert read_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Lee, Senior Political Correspondent", ["Ann Lee"]),
        ("Eva Roth, Wirtschaftsredakteurin", ["Eva Roth"]),
        ("Ann Lee Staff Writer", ["Ann Lee"]),
        ("By Ann Lee | 3 May 2025", ["Ann Lee"]),
        ("By Ann Lee May 3, 2025", ["Ann Lee"]),
        ("By Ann Lee Updated 10:31", ["Ann Lee"]),
        ("By Ann Lee (in Oslo)", ["Ann Lee"]),
        ("Ann Lee ann.lee@post.example @annlee https://post.example/ann", ["Ann Lee"]),
        ("By Ann Lee for The Harbour Post", ["Ann Lee"]),
        ("Ann Lee and Ann Lee", ["Ann Lee"]),
        ("Ann Lee Ann Lee", ["Ann Lee"]),
        ("ANN LEE AND JEAN-LUC VAN DER MEER", ["Ann Lee", "Jean-Luc van der Meer"]),
        ("Sam Roe, Jr.", ["Sam Roe, Jr."]),
        ("Ann Lee, Reuters", ["Ann Lee", "Reuters"]),
        ("Photo: Ann Lee", []),
        ("Read more", []),
        ("3 May 2025", []),
        ("https://post.example/ann-lee", []),
        ("", []),
    ],
)
def test_names_are_clean_of_jobs_dates_and_addresses(text: str, names: list[str]) -> None:
    assert read_names(text) == names


def test_names_turned_round_are_turned_back() -> None:
    assert read_names("Lee, Ann", structured=True) == ["Ann Lee"]
    assert authors_of('<meta name="dc.creator" content="van der Meer, Jan">')[0] == ["Jan van der Meer"]


def test_name_in_capitals_is_written_with_its_own_letters() -> None:
    assert tidy_case("İREM IŞIK") == "İrem Işık"
    assert tidy_case("MARY O'NEIL") == "Mary O'Neil"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Lee", ["Ann Lee"]),
        (["Ann Lee", "Bo Ek"], ["Ann Lee", "Bo Ek"]),
        ({"@type": "Person", "name": "Ann Lee"}, ["Ann Lee"]),
        ([{"@type": "Person", "name": "Ann Lee"}, [{"name": "Bo Ek"}]], ["Ann Lee", "Bo Ek"]),
        ({"@type": "Person", "name": ["Ann Lee", "Bo Ek"]}, ["Ann Lee", "Bo Ek"]),
        ({"@type": "Person", "name": "Ann Lee and Bo Ek"}, ["Ann Lee", "Bo Ek"]),
        ({"@type": "Person", "givenName": "Ann", "familyName": "Lee"}, ["Ann Lee"]),
        ({"@type": "Person", "name": "https://social.example/annlee"}, []),
        ({"@type": "Organization", "name": "dpa"}, ["dpa"]),
        ({"@type": "Person", "name": "Ann Lee, Professor of Ferries at the University of the Isles"}, ["Ann Lee"]),
        ({"@type": "ImageObject", "name": "Ann Lee"}, []),
        ({"name": None}, []),
        (7, []),
    ],
)
def test_authors_are_read_from_every_shape_of_json_ld(author: object, names: list[str]) -> None:
    assert authors_of(ld(author))[0] == names


def test_author_reference_is_followed() -> None:
    person = '<script type="application/ld+json">{"@type": "Person", "@id": "#ann", "name": "Ann Lee"}</script>'
    assert authors_of(ld({"@id": "#ann"}) + person) == (["Ann Lee"], "json-ld")


def test_author_url_is_absolute_and_from_the_web_only() -> None:
    assert read(ld({"name": "Ann Lee", "url": "/people/ann"}), "")[0] == (
        Author(name="Ann Lee", url="https://www.harbour-post.example/people/ann"),
    )
    assert read(ld({"name": "Ann Lee", "url": "javascript:alert(1)"}), "")[0] == (Author(name="Ann Lee"),)


def test_author_page_in_meta_links_the_author_and_names_nobody() -> None:
    page = '<meta property="article:author" content="https://www.harbour-post.example/people/ann">'
    assert authors_of(page)[0] == []
    assert read(page + ld("Ann Lee"), "")[0][0].url == "https://www.harbour-post.example/people/ann"


def test_written_by_is_read_from_the_card_of_that_label() -> None:
    label = '<meta name="twitter:label1" content="{}"><meta name="twitter:data1" content="Ann Lee">'
    assert authors_of(label.format("Written by"))[0] == ["Ann Lee"]
    assert authors_of(label.format("Reading time"))[0] == []


def test_people_come_before_the_outlet_itself() -> None:
    body = '<h1>Ferry</h1><p class="byline">By Ann Lee</p>' + STORY
    assert authors_of(ld({"@type": "Organization", "name": "The Harbour Post"}), body) == (["Ann Lee"], "byline")
    assert authors_of(ld({"@type": "Organization", "name": "Harbour-Post"})) == (["Harbour-Post"], "json-ld")


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="ArticleByline">By <a href="/people/1">Ann Lee</a></div>',
        '<a rel="author" href="/people/1">Ann Lee</a>',
        '<span itemprop="author" itemscope><span itemprop="name">Ann Lee</span></span>',
        "<address>By Ann Lee</address>",
        "<p>By Ann Lee</p>",
        "<p>Von Ann Lee</p>",
        "<p><strong>Ann Lee</strong></p>",
        '<span class="author-name">ANN LEE</span><span class="author-role">Staff Writer</span>',
    ],
)
def test_visible_byline_is_read(byline: str) -> None:
    assert authors_of("", f"<h1>Ferry</h1>{byline}{STORY}") == (["Ann Lee"], "byline")


def test_visible_authors_in_elements_of_their_own_are_all_read() -> None:
    links = '<li><a class="author" href="/a">Ann Lee</a></li><li><a class="author" href="/b">Bo Ek</a></li>'
    assert read("", f"<h1>Ferry</h1><ul>{links}</ul>{STORY}")[0] == (
        Author(name="Ann Lee", url="https://www.harbour-post.example/a"),
        Author(name="Bo Ek", url="https://www.harbour-post.example/b"),
    )


def test_names_in_comments_teasers_and_pictures_are_not_authors() -> None:
    body = f"""<h1>Ferry</h1>{STORY}<figure><figcaption class="author">Cy Roe</figcaption></figure>
    <div class="related"><p class="byline">By Bo Ek</p></div>
    <div class="comments"><span class="author">Di Vo</span></div>"""
    assert authors_of("", body) == ([], "")


def test_bold_words_in_the_text_are_not_authors() -> None:
    body = f"<h1>Ferry</h1>{STORY}<p><strong>Outer Islands</strong></p>{STORY}<p>By Monday Evening all was well.</p>"
    assert authors_of("", body) == ([], "")


@given(st.text())
def test_read_names_takes_any_text(text: str) -> None:
    for structured in (False, True):
        names = read_names(text, structured=structured)
        assert len(names) <= MAX_BYLINE
        assert all(0 < len(name) <= MAX_NAME and name == " ".join(name.split()) for name in names)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["@type", "@id", "name", "url", "givenName"]), inner)
        ),
    )
)
def test_authors_of_any_json_ld_raise_nothing(author: object) -> None:
    authors, source = read(ld(author), "")
    assert bool(authors) == bool(source)


def test_date_and_time_behind_a_name_are_no_names() -> None:
    assert read_names("By Courier Staff November 20, 2019 10:43") == read_names("By Courier Staff")
    assert read_names("Ann Lee April 3, 2025", structured=True) == ["Ann Lee"]
    assert read_names("April Stone 14:05", structured=True) == ["April Stone"]
    assert read_names("April Stone") == ["April Stone"]


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline"><span>By Ann Lee</span> <span>Harbour Post</span></div>',
        '<div class="author"><div>Ann Lee</div><div>Marketing Manager</div></div>',
        '<div class="author">&amp; <a>Ann Lee</a> <span>Writer, Boats</span></div>',
        f'{PICTURE}<p class="byline">Ann Lee</p>',
        '<div class="author-bio">Bo Ek Gray</div><p class="author">Ann Lee</p>',
        '<p class="author">Written by</p><p class="author">Ann Lee</p>',
    ],
)
def test_byline_ends_where_its_element_does(byline: str) -> None:
    assert authors_of(body=f"<h1>Ferry</h1>{byline}{STORY}") == (["Ann Lee"], "byline")


def test_byline_stands_near_the_heading_that_shows_the_title() -> None:
    tree = fromstring(
        f"""<html><body><main><h1>Ferry runs again</h1><p class="author">Ann Lee</p>{STORY}</main>
        <div><h1>Best of the week</h1><p class="author">Bo Ek</p></div></body></html>"""
    )
    declared = read_declared(tree, URL)
    authors, _ = read_authors(declared, find_places(tree), frozenset(), URL, "Ferry runs again")
    assert [author.name for author in authors] == ["Ann Lee"]


def test_byline_before_the_headline_is_found_behind_any_number_of_teasers() -> None:
    teasers = '<aside class="popular"><p class="author">Bo Ek</p></aside>' * 200
    assert authors_of(body=f'<p class="author">Ann Lee</p><h1>Ferry</h1>{STORY}{teasers}')[0] == ["Ann Lee"]


def test_byline_in_the_foot_of_the_article_is_its_own() -> None:
    foot = '<footer class="entry-footer"><a rel="author" href="/author/ann">Ann Lee</a></footer>'
    assert authors_of(body=f"<h1>Ferry</h1>{STORY}{foot}")[0] == ["Ann Lee"]
    related = '<footer><div class="related"><a rel="author" href="/author/bo">Bo Ek</a></div></footer>'
    assert authors_of(body=f"<h1>Ferry</h1>{STORY}{related}")[0] == []


def test_byline_may_be_a_single_first_name() -> None:
    assert authors_of(body=f'<h1>Ferry</h1><p class="author">von Ulla</p>{STORY}')[0] == ["Ulla"]
    both = '<p class="author">Ulla</p><p class="author">Ann Lee</p>'
    assert authors_of(body=f"<h1>Ferry</h1>{both}{STORY}")[0] == ["Ann Lee"]


def test_user_name_gives_way_to_a_name() -> None:
    head = '<meta name="author" content="annlee">'
    assert authors_of(head, f'<h1>Ferry</h1><p class="byline">Ann Lee</p>{STORY}') == (["Ann Lee"], "byline")
    assert authors_of(head, f"<h1>Ferry</h1>{STORY}") == (["annlee"], "meta author")


def test_house_with_its_town_is_the_house_alone() -> None:
    head = '<meta property="og:site_name" content="Harbour Post"><meta name="author" content="Harbour Post, Skerry">'
    assert authors_of(head, STORY)[0] == ["Harbour Post"]


def test_name_written_as_one_word_may_follow_the_house() -> None:
    head = '<meta property="og:site_name" content="항구일보"><meta name="author" content="항구일보, 김하나">'
    assert authors_of(head, STORY)[0] == ["김하나"]


def test_meta_author_may_stand_in_the_attribute_value() -> None:
    assert authors_of('<meta name="author" value="Ann Lee">', STORY) == (["Ann Lee"], "meta author")


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("Ann Lee - The Harbour Team", "Ann Lee"),
        ("Ann Lee-Roe", "Ann Lee-Roe"),
        ("Ann B. Lee CPP, PSP", "Ann B. Lee"),
        ("Institute of Boats - SFBT", "Institute of Boats - SFBT"),
    ],
)
def test_declared_name_has_no_job_or_titles_behind_it(declared: str, name: str) -> None:
    assert authors_of(ld(declared), STORY)[0] == [name]


def test_author_of_the_article_comes_before_that_of_the_page() -> None:
    head = '<meta name="author" content="Skerry Media"><meta property="article:author" content="Ann Lee">'
    assert authors_of(head, STORY) == (["Ann Lee"], "meta article:author")
