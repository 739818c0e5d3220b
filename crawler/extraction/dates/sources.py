"""Where dates are read: one small function a source, in the order of trust. To add a source, add one to a tuple."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction.dates.headline import LONG_LINE, Line, Surroundings, is_skipped, lines_of, says
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.words import Role, fold, label_role, month_number
from crawler.extraction.dates.written import Written, dates_in, read_date
from crawler.extraction.declared import Declared
from crawler.items import FoundBy, Page, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the sources look at; ``lines`` gives the text around the headline, read once and only when asked for."""

    tree: HtmlElement
    declared: Declared
    page: Page
    site: Site
    language: str | None
    lines: Callable[[], Surroundings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source's statement of a date, not yet judged."""

    source: str
    raw: str
    reading: Reading


Source = Callable[[View], Iterator[Claim]]

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
_STATE_MAX = 3_000_000
_UPDATED_CLASS = re.compile(r"updated|modif|lastmod|last-mod", re.IGNORECASE)
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|post-date|posted|created|pubdate|article-date", re.IGNORECASE)
SHORT_LINE = 160  # characters: a line of the byline; dates in longer ones belong to sentences
BARE = 20  # characters beside the date on a line that says little else
OPENING = 70  # characters of a paragraph in which a dateline stands: "KYIV, 26 April 2025 –"
LABEL_IS_WORTH = 4  # lines: a date labelled as publication may stand so much farther from the headline
PARAGRAPH_IS_WORTH = 6  # lines
FARTHEST = 14  # lines from the headline where a date still is the article's own
_DATELINE_END = re.compile(r"\s?[)\].]{0,2}\s?(?:[|:–—/]|-\s|\([^)]{2,40}\)|$)|\s?[)\]]|\.\s")
_SENTENCE = re.compile(r"[.!?]\s|(?:\w+\s){5}")
_URL_DATE = re.compile(
    r"(?<!\d)(?P<y0>(?:19|20)\d\d)(?P<s0>[/_.-]?)(?P<m0>[01]?\d)(?P=s0)(?P<d0>[0-3]?\d)(?![\d])"
    r"|/(?P<y1>(?:19|20)\d\d)/(?P<m1>[a-z]{3,9})/(?P<d1>[0-3]?\d)(?=/)"
    r"|(?<!\d)(?P<d2>[0-3]\d)(?P<s2>[-_.])(?P<m2>[01]\d)(?P=s2)(?P<y2>20\d\d)(?!\d)"
)


def json_ld(view: View) -> Iterator[Claim]:
    """schema.org datePublished of the article that the page is about."""
    if not _is_another(view):
        yield from _values(view, "json-ld", view.declared.article, "datePublished")


def json_ld_page(view: View) -> Iterator[Claim]:
    """datePublished of the web page, else what an article or video says of its creation or upload."""
    for node in view.declared.of_type("WebPage", "ItemPage", "Review", "Recipe", "VideoObject", "PodcastEpisode"):
        yield from _values(view, "json-ld", node, "datePublished", "uploadDate")
    yield from _values(view, "json-ld", view.declared.article, "dateCreated", "uploadDate")


def json_ld_modified(view: View) -> Iterator[Claim]:
    """schema.org dateModified of the article, else of the web page."""
    yield from _values(view, "json-ld", view.declared.article, "dateModified")
    if not view.declared.article:
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


def near_headline(view: View) -> Iterator[Claim]:
    """``<time>`` elements and written dates around the headline that are not labelled as an update, nearest first."""
    found = [(distance - LABEL_IS_WORTH * (role == "published"), c) for distance, role, c in _near(view) if role != "modified"]
    yield from (claim for far, claim in sorted(found, key=lambda pair: pair[0]) if far <= FARTHEST)


def near_headline_modified(view: View) -> Iterator[Claim]:
    """Dates around the headline that are labelled as an update."""
    yield from (claim for _, role, claim in _near(view) if role == "modified")


def lone(view: View) -> Iterator[Claim]:
    """The one day that the page's date lines name, where there is no headline to go by or no date near it."""
    found: dict[bool, dict[dt.date, Claim]] = {True: {}, False: {}}
    for line in lines_of(view.tree):
        if len(line.text) > SHORT_LINE:
            continue
        for role, written in labelled("", line.text, view.language):
            bare = len(line.text) - len(written.raw) <= BARE
            if role == "published" or (role is None and bare):
                claim = Claim(source="page text", raw=written.raw, reading=written.reading)
                found[role == "published"].setdefault(written.reading.day, claim)
    for claims in (found[True], found[False]):
        if claims:
            yield from claims.values() if len(claims) == 1 else ()
            return


def page_state(view: View) -> Iterator[Claim]:
    """A publication key in a page's own JSON state, where all such keys of the page name one day."""
    values: dict[str, Reading] = {}
    for script in view.tree.iter("script"):
        text = script.text
        if text and len(text) <= _STATE_MAX and "ubli" in text:
            for match in _STATE_KEY.finditer(text):
                if reading := read_date(match["value"], view.language):
                    values.setdefault(match["value"], reading)
    if len({reading.day for reading in values.values()}) == 1:
        raw, reading = next(iter(values.items()))
        yield Claim(source="page state", raw=raw, reading=reading)


def hinted(view: View) -> Iterator[Claim]:
    """What a feed or a news sitemap said; an ordinary sitemap knows only changes and is not asked."""
    hint = view.page.hint
    if hint and hint.published and hint.found_by in (FoundBy.FEED, FoundBy.NEWS_SITEMAP):
        if reading := read_date(hint.published, view.language):
            yield Claim(source=hint.found_by.value, raw=hint.published, reading=reading)


def hinted_modified(view: View) -> Iterator[Claim]:
    """When a feed says that its entry was updated."""
    hint = view.page.hint
    if hint and hint.modified and hint.found_by is FoundBy.FEED:
        if reading := read_date(hint.modified, view.language):
            yield Claim(source=hint.found_by.value, raw=hint.modified, reading=reading)


def url(view: View) -> Iterator[Claim]:
    """The day in the address: /2025/04/26/, 2025-04-26, 20250426, /2025/apr/26/."""
    if found := date_in_url(view.page.url):
        yield Claim(source="url", raw=found[0], reading=found[1])


def searched(view: View) -> Iterator[Claim]:
    """htmldate's search through the page, as the last resort; the fetch day bounds it in place of the clock."""
    from htmldate import find_date  # loaded only for the few pages that come this far

    latest = view.page.fetched_at.isoformat()[:10]
    try:
        found = find_date(view.tree, extensive_search=False, original_date=True, max_date=latest, min_date="1990-01-01")
    except Exception:  # noqa: BLE001 - a library's crash on a strange page must not cost the page
        return
    if found and (reading := read_date(found)):
        yield Claim(source="htmldate", raw=found, reading=reading)


PUBLISHED: tuple[Source, ...] = (
    json_ld,
    meta,
    microdata,
    near_headline,
    json_ld_page,
    meta_weak,
    hinted,
    page_state,
    url,
    lone,
    searched,
)
MODIFIED: tuple[Source, ...] = (json_ld_modified, meta_modified, microdata_modified, hinted_modified)
MODIFIED_NEAR_HEADLINE: tuple[Source, ...] = (near_headline_modified,)
WITNESSES: tuple[Source, ...] = (json_ld, meta, hinted, url)  # cheap to ask, so asked on every page


def date_in_url(address: str) -> tuple[str, Reading] | None:
    """The one day that an address names, as written and as read; None for a mere month or for an unclear order.

    >>> date_in_url("https://example.org/2025/04/26/slug")[1].value
    '2025-04-26'
    >>> date_in_url("https://example.org/2023/10/3-questions") is None
    True
    """
    try:
        path = urlsplit(address).path[:500].lower()
    except ValueError:
        return None
    for match in _URL_DATE.finditer(path):
        if reading := _url_reading(match, path):
            return match[0], reading
    return None


def _url_reading(match: re.Match[str], path: str) -> Reading | None:
    if match["y1"]:
        return read_date(f"{match['y1']}-{month_number(match['m1']) or 0}-{match['d1']}")
    if match["y2"]:
        reading = read_date(f"{match['d2']}/{match['m2']}/{match['y2']}")
        return reading if reading and not reading.others else None
    year, month, day, separator = match["y0"], match["m0"], match["d0"], match["s0"]
    whole = path[match.end() : match.end() + 1] in ("", "/")
    if separator == "/" and not whole:
        return None  # /2023/10/3-questions: the number belongs to the headline
    if separator != "/" and (len(month) < 2 or len(day) < 2):
        return None
    return read_date(f"{year}-{month}-{day}")


def _is_another(view: View) -> bool:
    """Whether the page's only article nodes are teasers: both the address and the headline are another page's."""
    article, declared = view.declared.article, view.declared
    address, headline = article.get("url") or article.get("@id"), article.get("headline")
    title = declared.first("og:title", "twitter:title") or view.tree.findtext(".//title")
    if not (isinstance(address, str) and isinstance(headline, str) and title) or says(fold(headline), fold(title)):
        return False
    own = {_path(view.page.url), *map(_path, declared.links.get("canonical", ())), _path(declared.first("og:url") or "")}
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
        for raw in view.declared.meta.get(name, ()):
            if reading := read_date(raw, view.language):
                yield Claim(source="meta", raw=raw, reading=reading)


def _marked(view: View, *properties: str) -> Iterator[Claim]:
    for element in view.tree.xpath("//*[@itemprop]"):
        if not set(element.get("itemprop").lower().split()) & set(properties) or _is_elsewhere(element):
            continue
        raw = element.get("datetime") or element.get("content") or element.get("title") or _text(element)
        if reading := read_date(raw, view.language):
            yield Claim(source="microdata", raw=raw.strip(), reading=reading)


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(is_skipped(ancestor) for ancestor in element.iterancestors() if ancestor.tag not in ("html", "body"))


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext())[:200].split())


def _near(view: View) -> Iterator[tuple[int, Role | None, Claim]]:
    """The dates around the headline with their distance to it in lines, a paragraph counting as several."""
    lines = view.lines()
    for side in (lines.after, lines.before):
        distance, label = 0, ""
        for line in side:
            for role, claim in (*_times(view, label, line), *_visible(view, label, line)):
                yield distance, role, claim
            is_label = side is lines.after and len(line.text) < 40
            label = line.text if is_label else ""
            distance += 1 if len(line.text) < LONG_LINE else PARAGRAPH_IS_WORTH


def _times(view: View, label: str, line: Line) -> Iterator[tuple[Role | None, Claim]]:
    for position, element in line.times if len(line.text) <= SHORT_LINE else ():
        raw = element.get("datetime") or ""
        if reading := read_date(raw, view.language):
            role = _time_role(element, f"{label} {line.text[:position]}"[-80:])
            yield role, Claim(source="time", raw=raw, reading=reading)


def _time_role(element: HtmlElement, before: str) -> Role | None:
    named = f"{element.get('class', '')} {element.get('itemprop', '')} {element.get('property', '')}"
    if _PUBLISHED_CLASS.search(named) or element.get("pubdate") is not None:
        return "published"
    if _UPDATED_CLASS.search(named):
        return "modified"
    return label_role(_text(element)) or label_role(before)


def _visible(view: View, label: str, line: Line) -> Iterator[tuple[Role | None, Claim]]:
    """Written dates of a short line; of a paragraph only one that opens it, as a dateline does."""
    if len(line.text) <= SHORT_LINE:
        for role, written in labelled(label, line.text, view.language):
            yield role, Claim(source="visible", raw=written.raw, reading=written.reading)
    elif written := next(dates_in(line.text[:OPENING], view.language), None):
        if _DATELINE_END.match(line.text[written.end :]) and not _SENTENCE.search(line.text[: written.start]):
            yield label_role(line.text[: written.start]), Claim(source="visible", raw=written.raw, reading=written.reading)


def labelled(before: str, line: str, language: str | None) -> Iterator[tuple[Role | None, Written]]:
    """The dates of a line, each with what the label before it (or, at the end of the line, after it) says.

    >>> [(role, w.reading.value) for role, w in labelled("", "26 April 2025, updated 27 April 2025", "en")]
    [(None, '2025-04-26'), ('modified', '2025-04-27')]
    """
    left = 0
    found = list(dates_in(line, language))
    for number, written in enumerate(found):
        role = label_role(line[left : written.start])
        if role is None and number == 0:
            role = label_role(before) if not any(c.isdigit() for c in before) else None
        if role is None and number == len(found) - 1:
            role = label_role(line[written.end : written.end + 14])
        left = written.end
        yield role, written
