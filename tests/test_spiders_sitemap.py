"""Sitemaps: what is read of good, broken and hostile ones."""

import gzip
import tracemalloc

import pytest

from crawler.gzipped import unpacked
from crawler.items import FoundBy
from spiders.sitemap import MOST_ELEMENTS, Child, ranked, read_sitemap
from spiders.urls import Answer, kind_of
from spiders.xml import width_of, with_ampersands

HERE = "https://example.org/sitemap.xml"
NEWS = b"""<?xml version="1.0"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://example.org/a?x=1&b=2 </loc>
<image:image><image:loc>https://example.org/i.jpg</image:loc></image:image>
<news:news><news:publication><news:language>uk</news:language></news:publication>
<news:publication_date>2025-04-26T10:00:00+03:00</news:publication_date>
<news:title>Vote &amp; count</news:title></news:news>
<lastmod>2025-04-27</lastmod></url></urlset>"""


def urls(body: bytes) -> list[str]:
    return [hint.url for hint in read_sitemap(body, HERE).hints]


def test_news_entry_keeps_its_date_title_and_language() -> None:
    (hint,) = read_sitemap(NEWS, HERE).hints
    assert hint.found_by is FoundBy.NEWS_SITEMAP
    assert (hint.url, hint.title, hint.language) == ("https://example.org/a?x=1&b=2", "Vote & count", "uk")
    assert (hint.published, hint.modified) == ("2025-04-26T10:00:00+03:00", "2025-04-27")


def test_packed_sitemap_reads_as_the_plain_one() -> None:
    assert read_sitemap(gzip.compress(NEWS), HERE) == read_sitemap(NEWS, HERE)


def test_packed_sitemap_of_several_members_is_read_whole() -> None:
    assert read_sitemap(gzip.compress(NEWS[:200]) + gzip.compress(NEWS[200:]), HERE) == read_sitemap(NEWS, HERE)


def test_more_members_than_any_honest_file_has_are_cut() -> None:
    content = unpacked(gzip.compress(b"") * 20_000, 10)
    assert (content.body, content.is_over) == (b"", True)


def test_cdata_that_never_closes_is_read_once() -> None:
    body = b"<urlset><url><loc>/a?x&y</loc></url>" + b"<![CDATA[" * 110_000 + b"&"
    assert with_ampersands(body) == body.replace(b"?x&y", b"?x&amp;y")
    assert urls(body)[:1] == ["https://example.org/a?x&y"]


def test_prefix_without_its_namespace_is_read() -> None:
    words = b"<news:news><news:publication_date>2025-04-26</news:publication_date></news:news>"
    body = b"<urlset><url><loc>/a</loc>" + words + b"</url></urlset>"
    assert [hint.published for hint in read_sitemap(body, HERE).hints] == ["2025-04-26"]


def test_bad_entry_costs_itself_alone() -> None:
    bad = b"<url><loc>http://[x</loc></url><url><lastmod>2025</lastmod></url><url><loc>mailto:a@b</loc></url><url/>"
    assert urls(b"<urlset><url><loc>/a</loc></url>" + bad + b"<url><loc>/b</loc></url></urlset>") == [
        "https://example.org/a",
        "https://example.org/b",
    ]


@pytest.mark.parametrize("cut", [b"", b"</url></urlse", b"<url><loc>https://example.org/c", b"</wrong>", b"\x00\xff"])
def test_broken_sitemap_keeps_what_came_before(cut: bytes) -> None:
    assert urls(b"<urlset><url><loc>/a</loc></url><url><loc>/b</loc></url>" + cut)[:2] == [
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_torn_gzip_keeps_what_came_before() -> None:
    body = b"<urlset>" + b"".join(b"<url><loc>/page-%d</loc></url>" % n for n in range(3000)) + b"</urlset>"
    found = urls(gzip.compress(body)[:-200])
    assert found[:2] == ["https://example.org/page-0", "https://example.org/page-1"]
    assert len(found) > 1000


def test_entities_are_neither_expanded_nor_fetched() -> None:
    laughs = b"<!DOCTYPE urlset [<!ENTITY a SYSTEM 'file:///etc/hostname'><!ENTITY b 'bbbb'>]>"
    found = urls(laughs + b"<urlset><url><loc>/&a;</loc></url><url><loc>/x</loc></url></urlset>")
    assert found[-1] == "https://example.org/x"
    assert not any("bbbb" in url or url.count("/") > 3 for url in found)


def test_index_gives_children() -> None:
    body = b"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2025-04-26</lastmod></sitemap></sitemapindex>"
    assert read_sitemap(body, HERE).children == (Child(url="https://example.org/a.xml", modified="2025-04-26"),)


def test_list_of_addresses_is_a_sitemap() -> None:
    assert urls(b"\xef\xbb\xbfhttps://example.org/a\r\nnonsense\r\nhttps://example.org/b\r\n") == [
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_more_entries_than_the_protocol_allows_are_cut() -> None:
    sitemap = read_sitemap(b"<urlset>" + b"<url><loc>/a</loc></url>" * 50_001 + b"</urlset>", HERE)
    assert (len(sitemap.hints), sitemap.is_cut) == (50_000, True)


@pytest.mark.parametrize("body", [b"", b"<", b"<html><p>x", b"\x1f\x8b", b"{}", b"\x00" * 9])
def test_what_is_no_sitemap_gives_nothing(body: bytes) -> None:
    sitemap = read_sitemap(body, HERE)
    assert (sitemap.hints, sitemap.children) == ((), ())


def test_children_are_ranked_news_first_then_newest() -> None:
    days = {
        "map-a": "2025-01-01",
        "map-b": "2025-04-26T10:00:00Z",
        "google-news": None,
        "post_tag-sitemap": "2025-04-27",
    }
    children = [Child(url=f"https://example.org/{name}.xml", modified=day) for name, day in days.items()]
    assert [child.url[20:-4] for child in ranked(children)] == ["google-news", "map-b", "map-a"]
    numbered = [Child(url=f"https://example.org/map-{n}.xml") for n in (2, 10, 9)]
    assert [child.url[24:-4] for child in ranked(numbered)] == ["10", "9", "2"]
    dated = [Child(url=f"https://example.org/map-{day}.xml") for day in ("2024-12", "2025-04", "2025-01")]
    assert [child.url[24:-4] for child in ranked(dated)] == ["2025-04", "2025-01", "2024-12"]


WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")  # the first of each with its mark


@pytest.mark.parametrize("charset", WIDE)
def test_sitemap_of_wide_characters_is_known_and_read(charset: str) -> None:
    text = f"<?xml version='1.0' encoding='{charset[:6]}'?><urlset><url><loc>/ä?x=1&y=2</loc></url></urlset>"
    assert kind_of(text.encode(charset), HERE, "application/xml") is Answer.SITEMAP
    assert [hint.url for hint in read_sitemap(text.encode(charset), HERE).hints] == ["https://example.org/ä?x=1&y=2"]


@pytest.mark.parametrize("charset", WIDE)
@pytest.mark.parametrize("before", ["\n\n", f"<?xml version='1.0'{' ' * 300}?>", "<!DOCTYPE x [<!ENTITY a 'b'>]>"])
def test_what_stands_before_a_sitemap_of_wide_characters_costs_nothing(charset: str, before: str) -> None:
    text = f"{before}<urlset><url><loc>https://example.org/a</loc></url></urlset>"
    assert [hint.url for hint in read_sitemap(text.encode(charset), HERE).hints] == ["https://example.org/a"]


def test_sitemap_of_lines_may_have_wide_characters() -> None:
    lines = "https://example.org/a\nhttps://example.org/b\n".encode("utf-16")
    assert kind_of(lines, HERE, "text/plain") is Answer.SITEMAP
    assert [hint.url[-1] for hint in read_sitemap(lines, HERE).hints] == ["a", "b"]


@pytest.mark.parametrize("nothing", [b"\0", b"\0\0\0"])
def test_bytes_of_nothing_before_a_document_do_not_make_it_wide(nothing: bytes) -> None:
    assert width_of(nothing + b"<?xml version='1.0'?><urlset/>") is None


@pytest.mark.parametrize("charset", ["utf-8", *WIDE])
@pytest.mark.parametrize("said", ["&#xD800;", "<![CDATA[\x1c&#xD800;]]>"])
def test_reference_to_no_character_costs_no_entry(charset: str, said: str) -> None:
    urls = (f"<url><loc>https://example.org/{name}</loc><x>{said}</x></url>" for name in "ab")
    body = f"<urlset>{''.join(urls)}</urlset>"
    found = read_sitemap(body.encode(charset), "https://example.org/sitemap.xml")
    assert [hint.url for hint in found.hints] == ["https://example.org/a", "https://example.org/b"]


def test_entities_are_neither_expanded_nor_in_the_way_of_what_follows() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/hostname">{laughs}]>'
    urls = "".join(f"<url><loc>https://example.org/{name}</loc></url>" for name in ("one", "&l9;&f;", "two"))
    named = [hint.url for hint in read_sitemap(f"{doctype}<urlset>{urls}</urlset>".encode(), HERE).hints]
    assert [named[0], named[-1]] == ["https://example.org/one", "https://example.org/two"]
    assert max(map(len, named)) < 40


@pytest.mark.parametrize("filler", ["<a>b</a>", "<!-- a -->", "<url>", "</url>"])
def test_what_is_no_entry_costs_no_memory_however_much_there_is(filler: str) -> None:
    body = f"<urlset><url><loc>https://example.org/one</loc></url>{filler * (8_000_000 // len(filler))}".encode()
    tracemalloc.start()
    try:
        sitemap = read_sitemap(body, HERE)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sitemap.hints[0].url == "https://example.org/one"
    assert most < 12_000_000


def test_more_elements_than_a_sitemap_may_have_are_told() -> None:
    body = b"<urlset><url><loc>https://example.org/one</loc></url>" + b"<a/>" * (MOST_ELEMENTS + 1)
    sitemap = read_sitemap(body, HERE)
    assert (len(sitemap.hints), sitemap.is_cut) == (1, True)
