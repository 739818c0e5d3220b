"""The headline, from what a page declares and shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from crawler.extraction.declared import read_declared
from crawler.extraction.outlet import outlet_keys
from crawler.extraction.titles import last_resort, read_title, without_outlet
from crawler.extraction.visible import find_places
from crawler.items import FoundBy, Hint

URL = "https://www.harbour-post.example/news/ferry"


def title_of(head: str = "", body: str = "", hint: Hint | None = None) -> tuple[str, str]:
    tree = fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    declared = read_declared(tree, URL)
    return read_title(declared, find_places(tree), outlet_keys(declared, URL), hint)


def ld(headline: str, more: str = "") -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{headline}"{more}}}</script>'


def test_title_is_the_declared_headline_first() -> None:
    head = ld("Ferry back in service") + '<meta property="og:title" content="You will be glad about this ferry">'
    assert title_of(head, "<h1>Ferry back in service</h1>") == ("Ferry back in service", "json-ld")


def test_title_is_the_visible_headline_when_there_is_no_json_ld() -> None:
    head = '<meta property="og:title" content="Ferry runs again: all you must know">'
    assert title_of(head, "<h1>Ferry runs again after the storm</h1>") == ("Ferry runs again after the storm", "h1")


def test_title_loses_the_outlet_and_the_section_before_it() -> None:
    head = """<title>Ferry runs again - Transport - The Harbour Post</title>
    <meta property="og:site_name" content="The Harbour Post"><meta property="article:section" content="Transport">"""
    assert title_of(head) == ("Ferry runs again", "title")


def test_title_keeps_a_dash_of_its_own() -> None:
    head = '<title>Ferry runs again - and sinks - The Post</title><meta property="og:site_name" content="The Post">'
    assert title_of(head)[0] == "Ferry runs again - and sinks"


def test_title_loses_an_ending_that_the_visible_headline_lacks() -> None:
    assert title_of(ld("Ferry runs again | Transport"), "<h1>Ferry runs again</h1>")[0] == "Ferry runs again"


def test_title_loses_a_live_marker_that_the_visible_headline_lacks() -> None:
    assert (
        title_of(ld("LIVE: Storm reaches the coast"), "<h1>Storm reaches the coast</h1>")[0]
        == "Storm reaches the coast"
    )
    assert title_of(ld("LIVE: Storm reaches the coast"))[0] == "LIVE: Storm reaches the coast"


def test_title_that_was_cut_is_completed() -> None:
    long = "The ferry to the outer islands runs again after eleven weeks in the dock, and nobody is amused at all"
    assert title_of(ld(long[:70] + "…"), f"<h1>{long}</h1>")[0] == long


def test_title_is_unescaped_twice_and_cleaned() -> None:
    assert (
        title_of(ld("Fish &amp;amp; ships:&nbsp;the sum&shy;mer <em>fair</em>"))[0] == "Fish & ships: the summer fair"
    )


def test_title_leaves_out_the_kicker_inside_the_heading() -> None:
    body = '<h1><span class="article-kicker">Transport</span><span>Ferry runs again after the storm</span></h1>'
    assert title_of("<title>Ferry runs again after the storm</title>", body)[0] == "Ferry runs again after the storm"


def test_title_keeps_the_kicker_that_the_page_declares_with_it() -> None:
    body = '<h1><span class="kicker">Outer islands</span><div>Ferry runs again</div></h1>'
    assert title_of(ld("Outer islands: Ferry runs again"), body)[0] == "Outer islands: Ferry runs again"


def test_title_is_not_the_logo_or_another_heading() -> None:
    body = "<h1>Harbour Post</h1><h1>Most read</h1><h1>Ferry runs again after the storm</h1>"
    assert title_of("<title>Ferry runs again after the storm | Harbour Post</title>", body)[0] == (
        "Ferry runs again after the storm"
    )


def test_title_is_a_short_heading_with_which_the_document_title_begins() -> None:
    head = "<title>Outer islands - Association of the Friends of the Ferry and its Piers</title>"
    assert title_of(head, "<h1>Menu</h1><h1>Outer islands</h1>") == ("Outer islands", "h1")


def test_title_is_the_heading_in_scripts_without_spaces() -> None:
    head = "<title>島の連絡船が十一週間ぶりに運航を再開：港日報デジタル</title>"
    body = "<h1>連載</h1><h1>島の連絡船が十一週間ぶりに運航を再開</h1>"
    assert title_of(head, body) == ("島の連絡船が十一週間ぶりに運航を再開", "h1")


def test_title_is_not_what_the_document_title_has_behind_the_declared_one() -> None:
    head = """<title>How I paint ferries | Notes of a sign painter</title>
    <meta property="og:title" content="How I paint ferries">"""
    assert title_of(head, "<h1>Notes of a sign painter</h1>") == ("How I paint ferries", "meta og:title")


def test_title_has_no_mark_left_from_the_kicker() -> None:
    body = '<h1><span class="kicker">Storms and tides</span> : Ferry runs again after eleven weeks</h1>'
    assert title_of("", body)[0] == "Ferry runs again after eleven weeks"


def test_title_is_the_meta_headline_when_no_heading_shows_it() -> None:
    head = """<meta name="headline" content="Ferry runs again after the storm">
    <meta property="og:title" content="Ferry runs again after the storm-Islands">"""
    assert title_of(head) == ("Ferry runs again after the storm", "meta headline")


def test_title_loses_what_stands_before_the_declared_title() -> None:
    og = '<meta property="og:title" content="Ferry runs again">'
    assert title_of(og, "<h1>3 May 2025 Ferry runs again</h1>")[0] == "Ferry runs again"
    assert title_of(og, "<h1>Newsferry runs again</h1>")[0] == "Newsferry runs again"
    assert title_of(og, "<h1>The ferry runs again</h1>")[0] == "The ferry runs again"
    assert title_of(og, "<h1>Blog: Ferry runs again</h1>")[0] == "Ferry runs again"


def test_title_has_nothing_that_is_not_displayed() -> None:
    body = '<h1>Ferry runs again after the storm <a style="display: none">Edit</a></h1>'
    assert title_of("", body)[0] == "Ferry runs again after the storm"


def test_title_with_a_live_marker_gives_way_to_one_without() -> None:
    live = "Coast storms LIVE: Ferry &#39;will not sail&#39; as waves break the pier"
    og = '<meta property="og:title" content="Ferry will not sail as pier breaks - updates">'
    assert title_of(ld(live) + og, f"<h1>{live}</h1>")[0] == "Ferry will not sail as pier breaks - updates"
    other = '<meta property="og:title" content="Our reporters tell you more">'
    assert title_of(ld("Coast storms LIVE: Ferry stays") + other)[0] == "Coast storms LIVE: Ferry stays"


def test_title_is_no_word_that_a_template_left() -> None:
    assert title_of(ld("escrow"), "<h1>Ferry runs again</h1>") == ("Ferry runs again", "h1")
    assert title_of(ld("Ferry!"), "<h1>Ferry! And it sails</h1>")[0] == "Ferry!"
    assert title_of(ld("Ferry")) == ("Ferry", "json-ld")


def test_title_is_not_split_by_mark_up() -> None:
    split = "<h1>Ferry runs a<div>gain</div>, says captain</h1>"
    assert title_of("<title>Ferry runs again, says captain</title>", split)[0] == "Ferry runs again, says captain"
    parted = "<h1><div>Ferry runs</div><div>Again, says captain</div></h1>"
    assert title_of("<title>Ferry runsAgain, says captain</title>", parted)[0] == "Ferry runs Again, says captain"


def test_title_has_no_reading_aids() -> None:
    body = "<h1><ruby>島<rt>しま</rt></ruby>の<ruby>船<rp>(</rp><rt>ふね</rt><rp>)</rp></ruby>が再開</h1>"
    assert title_of("<title>島の船が再開 | 港だより</title>", body) == ("島の船が再開", "h1")


def test_title_is_no_outlet_even_when_it_is_declared_as_one() -> None:
    title = "Ferry to the outer islands runs again after eleven weeks"
    head = f"<title>{title}</title><meta name='application-name' content='{title}'>"
    assert title_of(head, f"<h1>{title}</h1>") == (title, "h1")


def test_title_is_the_hint_only_when_the_page_has_none() -> None:
    hint = Hint(url=URL, found_by=FoundBy.NEWS_SITEMAP, title="Ferry &amp; co.")
    assert title_of(hint=hint) == ("Ferry & co.", "news_sitemap")
    assert title_of("<title>Ferry runs again</title>", hint=hint) == ("Ferry runs again", "title")
    assert title_of() == ("", "")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Rain at last | Post", "Rain at last"),
        ("Rain at last｜Post", "Rain at last"),
        ("Post | Rain at last", "Rain at last"),
        ("Post | Post - Rain at last", "Rain at last"),
        ("Post: rain at last", "Post: rain at last"),
        ("Rain at last", "Rain at last"),
        ("Rain at last -", "Rain at last"),
        ("- Rain at last", "- Rain at last"),
        ("Post", "Post"),
        ("„Rain“ »at last«", "„Rain“ »at last«"),
    ],
)
def test_without_outlet_cuts_only_the_outlet(title: str, expected: str) -> None:
    assert without_outlet(title, frozenset({"post"})) == expected


@given(st.text(max_size=200), st.text(max_size=200))
def test_read_title_takes_any_text(declared: str, shown: str) -> None:
    tree = fromstring("<html><head><meta property='og:title'></head><body><h1></h1></body></html>")
    tree.find(".//meta").set("content", "".join(c for c in declared if c.isprintable()))
    tree.find(".//h1").text = "".join(c for c in shown if c.isprintable())
    read = read_declared(tree, URL)
    title, source = read_title(read, find_places(tree), outlet_keys(read, URL), None)
    assert bool(title) == bool(source)
    assert title == " ".join(title.split())


def test_page_that_names_only_its_outlet_is_titled_by_its_address() -> None:
    head = "<title>Skerry Post</title><meta property='og:site_name' content='Skerry Post'>"
    places = find_places(fromstring(f"<html><head>{head}</head><body><p>Text</p></body></html>"))

    assert last_resort("https://example.org/news/night-boat-is-lost/ar-BBX1", places) == ("Night boat is lost", "url")
    assert last_resort("https://example.org/index.html", places) == ("Skerry Post", "title")
