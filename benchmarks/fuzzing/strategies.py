"""Structured documents with odd parts, as hypothesis draws them: all of them bytes, all of them small."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from benchmarks.fuzzing import seeds, words
from benchmarks.fuzzing.mutation import mutated

Bytes = SearchStrategy[bytes]

_TEXT = st.text(max_size=12).map(lambda text: text.encode("utf-8", "replace"))
_MONTHS = "jan Feb march avril mai Juni temmuz sierpnia вересня октября ноябрь 12月 décembre".split()
_ZONES = ["", "Z", " GMT", " CEST", " XYZT", "+03:00", "-0930", " +9999", " (UTC)", "+24:00", " EDT"]
_NUMBERS = st.integers(0, 60).map(str) | st.sampled_from(["00", "007", "٣", "²", "-1"])
_YEARS = st.integers(1969, 2032).map(str) | st.sampled_from(["0000", "0001", "1899", "9999", "25", "12025", "'25"])


def soup(*tokens: Sequence[bytes]) -> Bytes:
    """Words of a format in any order, with other texts between them."""
    known = [token for group in tokens for token in group]
    return st.lists(st.sampled_from(known) | _TEXT | st.binary(max_size=4), max_size=14).map(b"".join)


def dates() -> Bytes:
    """A date as somebody might write it, right or wrong, with a language before it or without."""
    shapes = st.sampled_from(
        (
            "{y}-{m}-{d}T{h}:{n}:{s}{z}",
            "{y}/{m}/{d} {h}:{n}{z}",
            "{d}.{m}.{y}, {h}:{n} Uhr",
            "Sat, {d} {w} {y} {h}:{n}:{s}{z}",
            "{w} {d}, {y} at {h}:{n} p.m.{z}",
            "{d} de {w} de {y}",
            "{y}年{m}月{d}日 {h}時{n}分",
            "Published {d}/{m}/{y} | Updated {m}/{d}/{y} {h}:{n}",
            "{y}{m}{d}T{h}{n}{s}Z",
            "/{y}/{w}/{d}/",
            "{s}{n}{y}{h}",
        )
    )
    parts = dict.fromkeys("mdhns", _NUMBERS) | {"y": _YEARS, "w": st.sampled_from(_MONTHS) | st.text(max_size=5)}
    zone, language = st.sampled_from(_ZONES), st.sampled_from(("", "language: hr\n", "language: ja\n"))
    return st.builds(
        lambda shape, tag, **values: (tag + shape.format(**values)).encode("utf-8", "replace"),
        shapes, language, z=zone, **parts,
    )  # fmt: skip


def addresses() -> Bytes:
    """Addresses of parts that fit and parts that do not."""
    scheme = st.sampled_from((b"http://", b"https://", b"HTTP://", b"//", b"", b"ftp://", b"http:", b"javascript:"))
    part = st.sampled_from(words.ADDRESSES) | _TEXT | st.binary(max_size=3)
    host = st.sampled_from((b"example.org", b"www.m.example.co.uk", b"[::1]", b"[::", b"127.0.0.1", b"a" * 70, b"."))
    port = st.sampled_from((b"", b":80", b":0", b":99999", b":x", b":"))
    return st.builds(
        lambda *parts: b"".join(parts), scheme, host | part, port, st.lists(part, max_size=4).map(b"/".join)
    )


@cache
def values() -> SearchStrategy[object]:
    """JSON of any shape, with the names and values that schema.org knows."""
    names = """@type @id @graph @value @list name url headline datePublished dateModified author publisher image
    keywords articleBody articleSection mainEntityOfPage inLanguage isAccessibleForFree items title date_published
    next_url home_page_url language version text content body type children __ref ROOT_QUERY""".split()
    kinds = ["NewsArticle", "WebPage", "Person", "Organization", "ItemList", "http://schema.org/Article", "#a"]
    known = st.sampled_from(
        [*words.DATES, *words.ADDRESSES, b"Ada Stone", b"en-GB", b"A" * 40, b"One two three. " * 30]
    )
    texts = known.map(lambda word: word.decode("utf-8", "replace")) | st.text(max_size=8) | st.just("\ud800")
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(kinds) | texts
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(names), inner, max_size=5),
        max_leaves=12,
    )


def json_text() -> Bytes:
    """JSON as a page writes it."""
    return values().map(lambda value: json.dumps(value).encode())


def json_feeds() -> Bytes:
    """JSON feeds whose entries are of any shape."""
    entry = st.dictionaries(
        st.sampled_from(("url", "title", "date_published", "date_modified", "language", "id")), values(), max_size=5
    )
    rest = st.dictionaries(st.sampled_from(("home_page_url", "next_url", "language", "version")), values(), max_size=3)
    return st.builds(
        lambda feed, items: json.dumps(feed | {"items": items}).encode(), rest, st.lists(entry, max_size=3)
    )


def xml(names: Sequence[str], root: Sequence[bytes]) -> Bytes:
    """Elements inside each other, some with no end, with addresses, dates, entities and other text in them."""
    text = st.sampled_from((*words.ADDRESSES, *words.DATES, *words.ENTITIES)) | _TEXT

    def element(inner: Bytes) -> Bytes:
        name, end = (
            st.sampled_from([name.encode() for name in names]),
            st.sampled_from((b"</%s>", b"</%s>", b"", b"</x>")),
        )
        return st.builds(
            lambda name, parts, end: b"<%s>%s%s" % (name, b"".join(parts), end.replace(b"%s", name)),
            name, st.lists(inner, max_size=4), end,
        )  # fmt: skip

    body = st.recursive(text, element, max_leaves=14)
    return st.builds(lambda head, parts: head + b"".join(parts), st.sampled_from(root), st.lists(body, max_size=3))


def feeds() -> Bytes:
    """RSS, Atom, RDF and JSON feeds with odd entries."""
    names = "item entry title link guid pubDate updated published dc:date id content description language atom:link"
    roots = [b"<rss><channel>", b'<feed xmlns="http://www.w3.org/2005/Atom">', b"<rdf:RDF>", *words.FEED[:5]]
    whole = xml(
        names.split(), [root + start for root in roots for start in (b"<item>", b"<entry><link href='/a'/>", b"")]
    )
    return whole | json_feeds() | soup(words.FEED, words.DATES, words.ADDRESSES, words.ENTITIES)


def sitemaps() -> Bytes:
    """Sitemaps, indexes and lists, packed or not."""
    names = "url sitemap loc lastmod news:news news:title news:publication_date news:language image:loc".split()
    plain = xml(names, [b"<urlset><url>", b"<sitemapindex><sitemap>", b"<urlset><url><loc>https://e.org/a</loc>"])
    packed = plain.map(lambda body: gzip.compress(body, 1))
    lists = st.lists(addresses(), max_size=4).map(b"\n".join)
    return plain | packed | lists | soup(words.SITEMAP, words.DATES, words.ADDRESSES, words.ENTITIES)


def pages() -> Bytes:
    """Pages of our own with a few changes, and pages that were never whole."""
    tokens = (*words.PAGE, *words.JSON_LD, *words.DATES, *words.ENTITIES)
    changed = st.builds(
        lambda page, random: mutated(page, tokens, random, 2 * 4096),
        st.sampled_from(seeds.pages()),
        st.randoms(use_true_random=False),
    )
    return changed | soup(words.PAGE, words.JSON_LD, words.DATES, words.ADDRESSES, words.ENTITIES) | declaring()


def declaring() -> Bytes:
    """Pages that declare themselves in JSON-LD and meta elements of any shape."""
    meta = st.builds(
        lambda name, value: b'<meta property="%s" content="%s">' % (name, value),
        st.sampled_from(
            (b"og:title", b"og:url", b"article:published_time", b"author", b"og:locale", b"og:image", b"date")
        ),
        st.sampled_from((*words.DATES, *words.ADDRESSES, *words.ENTITIES)) | _TEXT,
    )
    article = st.dictionaries(
        st.sampled_from("headline datePublished dateModified author publisher image url keywords".split()),
        values(), max_size=6,
    )  # fmt: skip
    node = article.map(lambda found: json.dumps({"@type": "NewsArticle"} | found).encode()) | json_text()
    text = b"<article><h1>Council votes to repair bridge</h1>" + (words.PAGE_TEXT * 3)
    return st.builds(
        lambda node, metas, rest: b"%s<script type='application/ld+json'>%s</script>%s%s" % (
            b"".join(metas), node, text, rest
        ),
        node, st.lists(meta, max_size=3), soup(words.PAGE, words.DATES),
    )  # fmt: skip


def page_data() -> Bytes:
    """Pages whose scripts hold data of any shape, by the ways in which frameworks write it."""
    ways = st.sampled_from(
        (
            b'<script type="application/json">%s</script>',
            b'<script id="__NUXT_DATA__" type="application/json">%s</script>',
            b"<script>window.__STATE__ = %s;</script>",
            b"<script>f(%s, 1)</script>",
            b'<script type="application/ld+json">%s</script>',
        )
    )
    padding = b" " * 300
    filled = st.builds(lambda way, data: way.replace(b"%s", data + padding), ways, json_text())
    flight = st.lists(json_text().map(lambda data: b"1:%s\n" % data) | _TEXT, max_size=3).map(
        lambda rows: b"<script>self.__next_f.push(%s)</script>" % json.dumps([1, b"".join(rows).decode()]).encode()
    )
    return filled | flight | soup(words.JSON_LD, words.ENTITIES, (padding,))


def answers() -> Bytes:
    """Any of the documents that a start address may be."""
    return feeds() | sitemaps() | pages()


def packed() -> Bytes:
    """Gzip with bytes before, inside and behind it that do not belong there."""
    member = st.binary(max_size=60).map(lambda body: gzip.compress(body, 1))
    return st.lists(member | st.binary(max_size=6) | st.sampled_from(words.PACKED), max_size=5).map(b"".join)
