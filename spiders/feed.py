"""Feeds from bytes: RSS, Atom and RDF by feedparser, also broken ones, and JSON Feed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import feedparser
from lxml import etree

from crawler.identity import web_address
from crawler.items import FoundBy, Hint
from spiders.when import rfc3339
from spiders.xml import with_ampersands

MOST_ENTRIES = 5_000
OLDER = frozenset({"next", "prev-archive"})  # RFC 5005: the next page of a feed, the archive before this document
ENTRIES = frozenset({"item", "entry"})
MENDED_TYPE = "application/xml; charset=utf-8"
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
MOST_BYTES = 4 * 1024 * 1024  # feedparser reads about a megabyte a second, and nothing else is done meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed names, in its order, and the home page that it says it belongs to."""

    hints: tuple[Hint, ...] = ()
    home: str | None = None
    older: str | None = None  # where its older entries are (RFC 5005 §3, JSON Feed's next_url)
    is_cut: bool = False  # more than the limits was there, or it could not be read


def read_feed(body: bytes, url: str, content_type: str = "") -> Feed:
    """The entries of a feed with an address; titles and dates as the feed has them. Garbage gives no entries."""
    is_long, body = len(body) > MOST_BYTES, body[:MOST_BYTES]
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    if (end := _end_of_entries(body)) is not None:
        is_long, body = True, body[:end]
    parsed = _read(with_ampersands(body), url, content_type, is_torn=is_long)
    if parsed is None:
        return Feed(is_cut=True)
    language = parsed.feed.get("language") or None
    is_atom = str(parsed.get("version", "")).startswith("atom")
    # plain dicts: feedparser's own give the date of publication for a missing date of change
    hints = (_hint(dict(entry), url, language, is_atom=is_atom) for entry in parsed.entries[:MOST_ENTRIES])
    is_cut = is_long or len(parsed.entries) > MOST_ENTRIES
    return Feed(
        hints=tuple(hint for hint in hints if hint),
        is_cut=is_cut,
        home=web_address(url, parsed.feed.get("link")),
        older=_older(parsed.feed.get("links", ()), url),
    )


def _older(links: Iterable[Mapping[str, Any]], base: str) -> str | None:
    named = (web_address(base, link.get("href")) for link in links if link.get("rel") in OLDER)
    return next((url for url in named if url), None)


def _end_of_entries(body: bytes) -> int | None:
    """Where a feed has more entries than are read; None where it has not."""
    begins = islice(_ENTRY.finditer(body), MOST_ENTRIES, None)
    return next((begin.start() for begin in begins), None)


def _read(body: bytes, url: str, content_type: str, *, is_torn: bool) -> Any:
    """What feedparser makes of a feed, mended where it is not well-formed; None where it makes nothing of it.

    Its own lenient parser loses the ampersands of addresses, and takes for ever over deeply nested elements.
    """
    is_whole = not is_torn and _is_well_formed(body)
    parsed = _parsed(body, url, content_type) if is_whole else None
    if parsed is not None and (parsed.entries or not parsed.bozo):
        return parsed
    mended = _mended(body)
    parsed = _parsed(mended, url, MENDED_TYPE) if mended else None
    if parsed is not None and (parsed.entries or is_whole):
        return parsed
    both = (parsed, _parsed(body, url, content_type))  # on a tie the mended one
    return max((feed for feed in both if feed is not None), key=lambda feed: len(feed.entries), default=None)


def _is_well_formed(body: bytes) -> bool:
    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return False
    return True


def _parsed(body: bytes, url: str, content_type: str) -> Any:
    """What feedparser reads; None for what it stumbles over, such as an entry inside an entry's link."""
    headers = {"content-location": url, **({"content-type": content_type} if content_type else {})}
    # no cleaning of HTML, nor of the addresses in it: summaries are not used, and it is most of the time
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (LookupError, ValueError):
        return None


def _mended(body: bytes) -> bytes | None:
    """Broken XML as the recovering parser closes it, so that one bad entry does not take the rest with it.

    An entry inside another, which was not closed, is put behind it.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    for entry in reversed([element for element in root.iter() if _is_entry(element)]):
        if outer := [element for element in entry.iterancestors() if _is_entry(element)]:
            outer[-1].addnext(entry)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _is_entry(element: etree._Element) -> bool:
    return (
        isinstance(element.tag, str) and element.tag.rpartition("}")[2] in ENTRIES and element.getparent() is not None
    )


def _hint(entry: Mapping[str, Any], base: str, language: str | None, *, is_atom: bool) -> Hint | None:
    link = entry.get("feedburner_origlink") or entry.get("link")
    url = web_address(base, link)
    if url is None:
        return None
    published, updated = entry.get("published"), entry.get("updated")
    if not is_atom and not published:  # the dc:date of RSS and RDF is the date of publication
        published, updated = updated, None
    return Hint(
        url=url,
        found_by=FoundBy.FEED,
        title=" ".join(str(entry.get("title") or "").split()) or None,
        published=rfc3339(published) if published else None,
        modified=rfc3339(updated) if updated and updated != published else None,
        language=entry.get("language") or language,
    )


def _json_feed(body: bytes, base: str) -> Feed:
    try:
        feed = json.loads(body.decode("utf-8-sig", errors="replace"), strict=False)
    except (ValueError, RecursionError):
        return Feed()
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Feed()
    is_cut = len(feed["items"]) > MOST_ENTRIES
    return Feed(
        hints=tuple(_json_hints(feed, base)),
        is_cut=is_cut,
        home=web_address(base, feed.get("home_page_url")),
        older=web_address(base, feed.get("next_url")),
    )


def _json_hints(feed: Mapping[str, Any], base: str) -> Iterator[Hint]:
    for item in feed["items"][:MOST_ENTRIES]:
        if not isinstance(item, dict) or (url := web_address(base, item.get("url"))) is None:
            continue
        yield Hint(
            url=url,
            found_by=FoundBy.FEED,
            title=" ".join((_text(item.get("title")) or "").split()) or None,
            published=_text(item.get("date_published")),
            modified=_text(item.get("date_modified")),
            language=_text(item.get("language")) or _text(feed.get("language")),
        )


def _text(value: object) -> str | None:
    """A text without white space at its ends, its lone surrogates, which JSON can write, replaced."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip() or None
