"""Feeds of all formats, whole and broken."""

import pytest

from crawler.items import FoundBy, Hint
from spiders.feed import MOST_ENTRIES, read_feed

HERE = "https://example.org/feed"
RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>https://example.org/</link>
<language>de</language>{}</channel></rss>"""


def hints(body: str) -> tuple[Hint, ...]:
    return read_feed(body.encode(), HERE).hints


def test_rss_entry_keeps_the_offset_of_its_date() -> None:
    item = (
        "<item><title>Vote  &amp; count</title><link>/a</link><pubDate>Sat, 26 Apr 2025 00:05:00 +0300</pubDate></item>"
    )
    assert hints(RSS.format(item)) == (
        Hint(
            url="https://example.org/a",
            found_by=FoundBy.FEED,
            title="Vote & count",
            published="2025-04-26T00:05:00+03:00",
            language="de",
        ),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Sat, 26 Apr 2025 09:05:00 GMT", "2025-04-26T09:05:00+00:00"),
        ("Sat, 26 Apr 2025 09:05:00 EST", "2025-04-26T09:05:00-05:00"),
        ("Sat, 26 Apr 2025 09:05:00 CEST", "2025-04-26T09:05:00+02:00"),
        ("Sat, 26 Apr 2025 09:05:00 QQT", "2025-04-26T09:05:00"),
        ("Sat, 26 Apr 2025 09:05:00 -0000", "2025-04-26T09:05:00"),
        ("2025-04-26T09:05:00+03:00", "2025-04-26T09:05:00+03:00"),
        ("26/04/2025", "26/04/2025"),
    ],
)
def test_date_is_passed_on_as_it_was_meant(written: str, read: str) -> None:
    assert [h.published for h in hints(RSS.format(f"<item><link>/a</link><pubDate>{written}</pubDate></item>"))] == [
        read
    ]


def test_dublin_core_date_is_the_date_of_publication() -> None:
    (hint,) = hints(RSS.format("<item><link>/a</link><dc:date>2025-04-26T09:05:00+03:00</dc:date></item>"))
    assert (hint.published, hint.modified) == ("2025-04-26T09:05:00+03:00", None)


def test_atom_keeps_both_dates_apart() -> None:
    dates = "<published>2025-04-26T10:00:00+02:00</published><updated>2025-04-27T10:00:00Z</updated>"
    entries = f"<entry><link href='/a'/>{dates}</entry><entry><link href='/b'/>{dates[dates.index('<up') :]}</entry>"
    found = hints(f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>")
    assert [(hint.url[-2:], hint.published, hint.modified) for hint in found] == [
        ("/a", "2025-04-26T10:00:00+02:00", "2025-04-27T10:00:00Z"),
        ("/b", None, "2025-04-27T10:00:00Z"),
    ]


def test_rdf_is_read() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <item rdf:about="https://example.org/a"><title>A</title><link>https://example.org/a</link></item></rdf:RDF>"""
    assert [hint.url for hint in hints(rdf)] == ["https://example.org/a"]


def test_json_feed_is_read_without_its_bad_items() -> None:
    item = '{"url": "/a", "title": "A", "date_published": "2025-04-26T10:00:00+03:00"}'
    found = read_feed(
        f'{{"home_page_url": "https://example.org/", "items": [4, {{"url": "http://["}}, {item}]}}'.encode(), HERE
    )
    assert [(hint.url, hint.title, hint.published) for hint in found.hints] == [
        ("https://example.org/a", "A", "2025-04-26T10:00:00+03:00")
    ]
    assert found.home == "https://example.org/"


def test_broken_entry_leaves_the_others() -> None:
    bad = "<item><title>C</b><link>/c</link></item><item><link>/d</link><p>3 < 4</item>"
    items = f"<item><link>/a</link></item>{bad}"
    found = [hint.url[19:] for hint in hints(RSS.format(items) + "<")]
    assert found[:2] == ["/a", "/c"]
    assert "/d" in found


def test_bare_ampersand_of_an_address_is_kept() -> None:
    items = "<item><link>/a?x=1&y=2</link></item><item><link><![CDATA[/b?x=1&y=2]]></link><title>A & b</title></item>"
    assert [hint.url[19:] for hint in hints(RSS.format(items))] == ["/a?x=1&y=2", "/b?x=1&y=2"]


@pytest.mark.parametrize("body", ["", "<rss", "<html><p>x</p></html>", "{", "[]", '{"items": 3}', "\x00"])
def test_what_is_no_feed_gives_nothing(body: str) -> None:
    assert hints(body) == ()


@pytest.mark.parametrize("written", ["&#xD800;", "&#55296;", "&#x110000;", "&#0;", "&#11;"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_reference_to_no_character_costs_that_character_alone(written: str, charset: str) -> None:
    item = f"<item><title>Vote{written} today</title><link>/a</link></item>"
    read = read_feed(RSS.format(item).encode(charset), HERE).hints
    assert [(hint.url, hint.title) for hint in read] == [("https://example.org/a", "Vote\ufffd today")]


@pytest.mark.parametrize("text", ["<![CDATA[a&#xD800;b]]>", "a&amp;#xD800;b", "a&#xD800b"])
def test_reference_to_no_character_in_text_that_is_html_costs_no_entry(text: str) -> None:
    item = f"<item><title>Vote</title><link>/a</link><description>{text}</description></item>"
    assert [hint.url for hint in hints(RSS.format(item))] == ["https://example.org/a"]


def test_entry_that_is_torn_in_its_link_takes_no_other_with_it() -> None:
    whole = "<item><title>{0}</title><link>/{0}</link></item>"
    torn = "<item><title>torn</title><link>/torn"
    body = RSS.format(whole.format("first") + torn + whole.format("next") + whole.format("last"))
    assert [hint.url[len("https://example.org/") :] for hint in hints(body)] == ["first", "torn", "next", "last"]


def test_feed_that_cannot_be_read_at_all_is_said_to_be_cut() -> None:
    found = read_feed('<?encoding="\xd3"?>'.encode("latin-1"), HERE)
    assert (found.hints, found.is_cut) == ((), True)


def test_charset_of_no_name_costs_no_feed() -> None:
    item = "<item><title>Vote</title><link>/a</link></item>"
    found = read_feed(RSS.format(item).encode(), HERE, "application/xml; charset=\x00")
    assert [hint.url for hint in found.hints] == ["https://example.org/a"]


def test_lone_surrogates_of_a_json_feed_are_replaced() -> None:
    entry = '{"url": "/a\\ud800", "title": "Vote \\udfff", "language": "\\ud800", "date_published": "\\ud800"}'
    found = hints(f'{{"items": [{entry}]}}')
    assert found == (
        Hint(
            url="https://example.org/a%EF%BF%BD",
            found_by=FoundBy.FEED,
            title="Vote \ufffd",
            published="\ufffd",
            language="\ufffd",
        ),
    )


def test_a_feed_that_nests_without_end_keeps_what_stands_before() -> None:
    assert [hint.url for hint in hints(RSS.format("<item><link>/a</link></item>" + "<b>" * 20_000))] == [
        "https://example.org/a"
    ]


def test_of_a_feed_with_too_many_entries_the_first_are_read() -> None:
    feed = read_feed(RSS.format("<item><link>/a</link></item>" * (MOST_ENTRIES + 9)).encode(), HERE)
    assert (len(feed.hints), feed.is_cut) == (MOST_ENTRIES, True)
