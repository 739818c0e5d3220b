"""Whether a page is an article at all: by its bytes, by what it declares, and by what little text it has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.extraction.address_words import is_front, is_listing, path_parts, words
from crawler.extraction.declared import Declared, types_of
from crawler.extraction.listing import Teasers
from crawler.items import Page, Reason, Refused

MIN_ARTICLE_CHARS = 100  # the shortest real news items (briefs) have more; scripts without spaces need less
MIN_UNSPACED_CHARS = 40
SMALL_CHARS = 900  # error, block and consent pages say less than this
STUB_CHARS = 250  # what is left before a paywall of an article that one cannot read
MEDIA_CHARS = 700  # a video or gallery page with this much text is an article with a video
LABEL_CHARS = 90  # the longest label of a picture or line of a notice; with none longer there is no prose
EXCERPT_CHARS = 400  # the longest teaser that themes make of an article's beginning
TEASED_SHARE = 0.7  # of the text under headings that lead to other pages, and it is a list of them
MANY_TEASERS = 3  # one or two may be an article's last lines under "related" headings

MAX_BINARY_SHARE = 0.02
_BINARY = frozenset(
    (*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20))
)  # "binary data bytes" of that standard
LISTING_TYPES = frozenset(
    ("CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage", "ContactPage", "AboutPage", "CheckoutPage")
)
VIDEO_TYPES = frozenset(("VideoObject", "MediaObject", "BroadcastEvent"))
GALLERY_TYPES = frozenset(("ImageGallery", "MediaGallery"))

_SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"\x1f\x8b",
    b"OggS",
    b"ID3",
    b"\x00\x00\x00\x18ftyp",
)
_DECLARED_DATE = ("article:published_time", "datepublished", "og:article:published_time", "parsely-pub-date")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_DATA_ROOT = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(rss|feed|urlset|sitemapindex|rdf:RDF|svg)\b", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the judgement of a page rests on once its text is found."""

    title: str
    headings: Sequence[str]
    chars: int  # of the article's text
    sample: str  # its beginning
    longest: int  # characters of its longest paragraph
    teasers: Teasers
    is_dated: bool  # whether any date of publication was found


def refused_by_bytes(page: Page) -> Refused | None:
    """A page that is no HTML or empty."""
    if not page.body.strip():
        return Refused(reason=Reason.EMPTY, detail="0 bytes of text")
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    head = page.body[:1000]
    if head.startswith(_SIGNATURES) or _is_noise(head):
        return Refused(reason=Reason.NOT_HTML, detail=f"binary data{f' ({kind})' if kind else ''}")
    if root := _DATA_ROOT.match(head):
        return Refused(reason=Reason.NOT_HTML, detail=f"a <{root[1].decode()}> document")
    if head.lstrip()[:1] in (b"{", b"[") and b"<" not in head:
        return Refused(reason=Reason.NOT_HTML, detail="JSON data")
    return None


def _is_noise(head: bytes) -> bool:
    """Whether the beginning holds bytes that no text has: random or packed data (WHATWG MIME Sniffing, §3)."""
    if b"<html" in head.lower() or head.count(0) > len(head) // 4:  # the latter is UTF-16
        return False
    return sum(byte in _BINARY for byte in head) > MAX_BINARY_SHARE * len(head)


def refused_by_type(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """A page whose text is not an article's, and why."""
    checks = (
        _small_page(page, seen),
        _listing(page, declared, seen),
        _static(page, declared, seen),
        _media(declared, seen),
        _labels(page, declared, seen),
        _too_short(declared, seen),
    )
    return next((refused for refused in checks if refused), None)


@cache
def _small_pages() -> tuple[tuple[Reason, re.Pattern[str]], ...]:
    tables = tomllib.loads((files("crawler.extraction") / "page_type.toml").read_text(encoding="utf-8"))
    return tuple(
        (Reason(t["reason"]), re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, t['words']))})(?!\w)", re.IGNORECASE))
        for t in tables.values()
    )


def _small_page(page: Page, seen: Seen) -> Refused | None:
    """Error, block and consent pages: little text under a heading that says so."""
    if page.status >= 400 and seen.chars < SMALL_CHARS:
        return Refused(reason=Reason.ERROR, detail=f"HTTP status {page.status}")
    if seen.chars >= SMALL_CHARS:
        return None
    for reason, said in _small_pages():
        for line in (seen.title, *seen.headings[:2]):
            # a headline that merely has the words in it is longer, and its article too
            if (found := said.search(line)) and (len(found[0]) >= len(line) * 0.4 or seen.chars < MIN_ARTICLE_CHARS):
                return Refused(reason=reason, detail=f"“{line[:80]}”")
    return None


def _says_article(declared: Declared) -> bool:
    """Whether the page declares itself an article, or the day on which one was published."""
    og_type = (declared.first("og:type") or "").lower()
    return bool(declared.article or og_type == "article" or declared.first(*_DECLARED_DATE))


def _listing(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Front pages, sections, tags, searches: no article is declared, and what there is are teasers."""
    if declared.article:
        return None
    listing = next((kind for node in declared.nodes for kind in types_of(node) & LISTING_TYPES), None)
    if is_front(page.url) and seen.longest < STUB_CHARS:
        return Refused(reason=Reason.INDEX, detail="the site's front page")
    if listing and seen.longest < STUB_CHARS:
        return Refused(reason=Reason.INDEX, detail=f"declared as {listing}")
    if _says_article(declared):
        return None
    is_teased = seen.teasers.share >= TEASED_SHARE
    if is_teased and seen.teasers.headings >= MANY_TEASERS:
        return Refused(reason=Reason.INDEX, detail=f"{seen.teasers.headings} teasers of other pages")
    is_short = seen.longest < EXCERPT_CHARS and not seen.is_dated
    if is_listing(page.url) and (is_teased or is_short):
        return Refused(reason=Reason.INDEX, detail="a list of articles by its address")
    return None


def _static(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Pages about the paper, its law or its readers: told by the address, and by being without date and article."""
    last = path_parts(page.url)[-1:]
    if declared.article or seen.is_dated or not set(last) & words("site", "about"):
        return None
    return Refused(reason=Reason.STATIC, detail=f"“{last[0]}” in its address, and no date")


def _media(declared: Declared, seen: Seen) -> Refused | None:
    if declared.article or seen.chars >= MEDIA_CHARS:
        return None
    kinds = {kind for node in declared.nodes for kind in types_of(node)}
    og_type = (declared.first("og:type") or "").lower()
    if kinds & VIDEO_TYPES or og_type.startswith("video"):
        return Refused(reason=Reason.VIDEO, detail=f"a video with {seen.chars} characters of text")
    if kinds & GALLERY_TYPES:
        return Refused(reason=Reason.GALLERY, detail=f"a gallery with {seen.chars} characters of text")
    return None


def _labels(page: Page, declared: Declared, seen: Seen) -> Refused | None:
    """Pictures or a film with labels alone, by an address that says so."""
    if _says_article(declared) or seen.longest >= LABEL_CHARS or seen.chars >= MEDIA_CHARS:
        return None
    parts = set(path_parts(page.url)[:-1])
    for kind, reason in (("gallery", Reason.GALLERY), ("video", Reason.VIDEO)):
        if found := parts & words(kind, sometimes=True):
            return Refused(reason=reason, detail=f"“{min(found)}” in its address, and labels alone")
    return None


def _too_short(declared: Declared, seen: Seen) -> Refused | None:
    enough = MIN_UNSPACED_CHARS if _UNSPACED.search(seen.sample) else MIN_ARTICLE_CHARS
    if seen.chars >= enough:
        return None
    if str(declared.article.get("isAccessibleForFree")).lower() == "false":
        return Refused(reason=Reason.PAYWALL, detail=f"{seen.chars} characters before a paywall")
    return Refused(reason=Reason.NO_BODY, detail=f"{seen.chars} characters of text")
