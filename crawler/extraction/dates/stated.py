"""Dates that a page states for machines: JSON-LD, meta elements, microdata, its own JSON state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction.dates.claims import Claim, View
from crawler.extraction.dates.headline import is_skipped, says, text_of
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.words import fold
from crawler.extraction.dates.written import read_date
from crawler.extraction.declared import parse_json

META_PUBLISHED = """article:published_time og:article:published_time og:published_time article:published
    article.published datepublished itemprop:datepublished parsely-pub-date sailthru.date cxenseparse:recs:publishtime
    cxenseparse:recs:articlepublishtime vr:published_time bt:pubdate citation_online_date rnews:datepublished
    publish-date publish_date publishdate publication_date publication-date published_at published_time published-date
    publisheddate pubdate pub_date pub-date shareaholic:article_published_time dc.date.issued dcterms.issued
    dc.date.published citation_publication_date""".split()
META_WEAK = """dc.date.created dcterms.created dcterms.date dc.date dc:date dc.created article:post_date
    article_date_original originalpublicationdate date_published article.created citation_date created date.created
    creation_date displaydate datecreated release_date datetime og:pubdate timestamp date""".split()
META_MODIFIED = """article:modified_time og:article:modified_time og:modified_time og:updated_time article:modified
    article.updated datemodified dc.date.modified dcterms.modified dc.date.updated modified_time last-modified
    lastmod lastmodified last_modified modified updated updated_time revised date_modified moddate
    cxenseparse:recs:modificationtime bt:moddate""".split()
_STATE_KEY = re.compile(
    r'\\?"(?:datePublished|publishedAt|published_at|publishedDate|publishDate|publish_date|publicationDate'
    r"|publication_date|firstPublishedAt|firstPublishedDate|first_publish_date|datePublication|date_published)"
    r'\\?"\s?:\s?\\?"?(?P<value>[^"\\,}\n]{8,40})'
)
_KEY = {key: re.compile(rf'"{key}"\s*:\s*"(?P<value>[^"\n]{{8,40}})"') for key in ("datePublished", "dateModified")}
_MARKED = XPath("//@itemprop[contains(., 'ate')]/..")  # a third cheaper than to look at every itemprop here
_STATE_MAX = 3_000_000  # characters of one script
MAX_OF_A_NAME = 20  # statements under one name that are read; no honest page has more


def json_ld(view: View) -> Iterator[Claim]:
    """schema.org datePublished of the article that the page is about."""
    if not view.declared.article:
        yield from _broken(view, "datePublished")
    elif not _is_another(view):
        yield from _values(view, "json-ld", view.declared.article, "datePublished")


def json_ld_page(view: View) -> Iterator[Claim]:
    """datePublished of the web page, else what an article or video says of its creation or upload."""
    pages = view.declared.of_type("WebPage", "ItemPage", "Review", "Recipe", "VideoObject", "PodcastEpisode")
    for node in islice(pages, MAX_OF_A_NAME):
        yield from _values(view, "json-ld", node, "datePublished", "uploadDate")
    yield from _values(view, "json-ld", view.declared.article, "dateCreated", "uploadDate")


def json_ld_modified(view: View) -> Iterator[Claim]:
    """schema.org dateModified of the article, else of the web page."""
    yield from _values(view, "json-ld", view.declared.article, "dateModified")
    if not view.declared.article:
        yield from _broken(view, "dateModified")
        for node in view.declared.of_type("WebPage"):
            yield from _values(view, "json-ld", node, "dateModified")


def meta(view: View) -> Iterator[Claim]:
    """Meta elements that name the time of publication."""
    yield from _metas(view, META_PUBLISHED)


def meta_weak(view: View) -> Iterator[Claim]:
    """Meta elements that name a date without saying of what, or the date of creation."""
    yield from _metas(view, META_WEAK)


def meta_modified(view: View) -> Iterator[Claim]:
    """Meta elements that name the time of the last change."""
    yield from _metas(view, META_MODIFIED)


def microdata(view: View) -> Iterator[Claim]:
    """Elements marked ``itemprop="datePublished"``, outside lists of other articles."""
    yield from _marked(view, "datepublished", "datecreated")


def microdata_modified(view: View) -> Iterator[Claim]:
    """Elements marked ``itemprop="dateModified"``."""
    yield from _marked(view, "datemodified")


def page_state(view: View) -> Iterator[Claim]:
    """A publication key in a page's own JSON state, where all such keys of the page name one day."""
    texts = (script.text for script in view.tree.iter("script") if "ld+json" not in (script.get("type") or ""))
    yield from _of_one_day(view, "page state", _STATE_KEY, (text for text in texts if text and "ubli" in text))


def _broken(view: View, key: str) -> Iterator[Claim]:
    """What JSON-LD says that cannot be parsed, mostly for a quotation mark in a headline."""
    texts = (script.text for script in view.tree.iter("script") if "ld+json" in (script.get("type") or ""))
    broken = (text for text in texts if text and key in text and parse_json(text) is None)
    yield from _of_one_day(view, "json-ld", _KEY[key], broken)


def _of_one_day(view: View, source: str, key: re.Pattern[str], texts: Iterable[str]) -> Iterator[Claim]:
    """The first date behind a key, if all of them name its day."""
    values: dict[str, Reading] = {}
    for text in texts:
        for match in key.finditer(text) if len(text) <= _STATE_MAX else ():
            if reading := read_date(match["value"], view.language):
                values.setdefault(match["value"], reading)
    if len({reading.day for reading in values.values()}) == 1:
        raw, reading = next(iter(values.items()))
        yield Claim(source=source, raw=raw, reading=reading)


def _is_another(view: View) -> bool:
    """Whether the page's only article nodes are teasers: both the address and the headline are another page's."""
    article, declared = view.declared.article, view.declared
    address, headline = article.get("url") or article.get("@id"), article.get("headline")
    title = declared.first("og:title", "twitter:title") or view.tree.findtext(".//title")
    if not (isinstance(address, str) and isinstance(headline, str) and title) or says(fold(headline), fold(title)):
        return False
    own = {
        _path(view.page.url),
        *map(_path, declared.links.get("canonical", ())),
        _path(declared.first("og:url") or ""),
    }
    return len(_path(address)) > 1 and _path(address) not in own


def _path(address: str) -> str:
    try:
        return urlsplit(address).path.rstrip("/")
    except ValueError:
        return ""


def _values(view: View, source: str, node: Mapping[str, Any], *keys: str) -> Iterator[Claim]:
    for key in keys:
        for raw in _strings(node.get(key)):
            if reading := read_date(raw, view.language):
                yield Claim(source=source, raw=raw, reading=reading)


def _strings(value: Any) -> Iterator[str]:
    """The strings of a JSON-LD value: alone, in a list, as a number, or as ``{"@value": …}``."""
    values = value if isinstance(value, list) else [value]
    for item in values[:5]:
        inner = item.get("@value") if isinstance(item, Mapping) else item
        if isinstance(inner, str) or (isinstance(inner, int) and not isinstance(inner, bool)):
            yield inner if isinstance(inner, str) else json.dumps(inner)


def _metas(view: View, names: list[str]) -> Iterator[Claim]:
    for name in names:
        for raw in view.declared.meta.get(name, ())[:MAX_OF_A_NAME]:
            if reading := read_date(raw, view.language):
                yield Claim(source="meta", raw=raw, reading=reading)


def _marked(view: View, *properties: str) -> Iterator[Claim]:
    wanted = set(properties)
    named = (e for e in view.marked() if wanted & set(e.get("itemprop").lower().split()))
    for element in islice(named, MAX_OF_A_NAME):
        if _is_elsewhere(element):
            continue
        raw = element.get("datetime") or element.get("content") or element.get("title") or text_of(element)
        if reading := read_date(raw, view.language):
            yield Claim(source="microdata", raw=raw.strip(), reading=reading)


def marked_dates(tree: HtmlElement) -> list[HtmlElement]:
    """Elements whose microdata may be a date, in document order."""
    found = _MARKED(tree)
    return found if isinstance(found, list) else []


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(is_skipped(ancestor) for ancestor in element.iterancestors() if ancestor.tag not in ("html", "body"))
