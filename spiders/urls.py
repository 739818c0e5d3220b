"""What an answer is: a front page, a section, an article, a feed, a sitemap, or nothing that we read."""

from __future__ import annotations

import re
from enum import StrEnum

from lxml.html import HtmlElement

from crawler.extraction.address_words import is_front
from crawler.extraction.blocks import PROSE_CHARS, read_blocks
from crawler.extraction.declared import Declared, read_declared, types_of
from crawler.extraction.html import parse_html
from crawler.gzipped import is_gzip, unpacked
from crawler.identity import canonical_key
from crawler.items import BlockKind
from spiders.shape import Shape, shape_of
from spiders.xml import width_of

_SNIFFED = 4096
HEADLINE_CHARS = 30  # a link of this length names another page's article
MIN_PARAGRAPHS = 2
_AROUND = frozenset(("menu", "aside", "related", "comments", "cookies"))  # marks of what is not the article
_PROLOGUE = re.compile(r"\A(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>)*", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_BINARY_TYPE = re.compile(
    r"^(?:image|audio|video|font)/|^application/(?:pdf|zip|octet-stream|msword|vnd\.|x-(?:tar|rar|7z))"
)
_HTML = re.compile(rb"\s*(?:<!--[^>]{0,500}-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MAGIC = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF", b"\x00\x00\x01\x00")
_TEXT_URLS = re.compile(r"\A\ufeff?\s*https?://\S+\s*(?:\n\s*https?://\S+\s*)*")


class Answer(StrEnum):
    """What a start address turned out to be."""

    FRONT = "front page"
    SECTION = "section page"
    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"
    CDX = "CDX list"
    EMPTY = "empty page"
    OTHER = "neither page nor feed nor sitemap"


def kind_of(body: bytes, url: str, content_type: str = "") -> Answer:
    """What an answer is, by its bytes, its address, its type and what the page declares, in that order of trust.

    >>> kind_of(b"<rss version='2.0'/>", "https://example.org/", "text/html").value
    'feed'
    >>> kind_of(b"%PDF-1.7", "https://example.org/a").value
    'neither page nor feed nor sitemap'
    """
    if not body.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return Answer.EMPTY
    if is_gzip(body):
        inner = _kind_of_text(_decoded(unpacked(body, _SNIFFED).body), "")
        return inner if inner in {Answer.SITEMAP, Answer.FEED} else Answer.OTHER
    if not is_page(body, content_type) and not content_type.lower().startswith(("text/", "application/")):
        return Answer.OTHER
    if body.startswith(_MAGIC):
        return Answer.OTHER
    return _kind_of_text(_decoded(body[:_SNIFFED]), content_type) or _kind_of_page(body, url)


def is_page(body: bytes, content_type: str) -> bool:
    """Whether an answer can be an HTML page: by its first bytes, and by its type where it has one that says anything.

    >>> is_page(b"<!doctype html><p>x", ""), is_page(b"%PDF-1.4", "text/html"), is_page(b"x", "application/pdf")
    (True, False, False)
    """
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/octet-stream" and _HTML.match(body.removeprefix(b"\xef\xbb\xbf")):
        return True  # the server does not know; a browser would keep it, but a reader wants the page
    return not (_BINARY_TYPE.match(kind) or body.startswith(_MAGIC) or kind in {"application/json", "text/css"})


def _decoded(head: bytes) -> str:
    if wide := width_of(head):
        return head.decode(wide, errors="ignore").removeprefix("\ufeff")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _kind_of_text(head: str, content_type: str) -> Answer | None:
    """What the root element says; None where it is HTML, or nothing that has a name."""
    rest = head[_PROLOGUE.match(head).end() :] if _PROLOGUE.match(head) else head  # type: ignore[union-attr]
    root = _ROOT.match(rest)
    name = root[1].lower() if root else ""
    if name in {"rss", "feed", "rdf"}:
        return Answer.FEED
    if name in {"urlset", "sitemapindex"}:
        return Answer.SITEMAP
    if rest.startswith("{"):
        is_feed = "jsonfeed.org" in head or "feed+json" in content_type
        return Answer.FEED if is_feed else Answer.OTHER
    if not root and _TEXT_URLS.match(head) and "html" not in content_type:
        return Answer.SITEMAP
    if not root and content_type.startswith("application/") and "html" not in content_type:
        return Answer.OTHER
    if root and "html" not in content_type and content_type.endswith(("rss+xml", "atom+xml")):
        return Answer.FEED  # a feed so broken that its root is gone
    return None


def _kind_of_page(body: bytes, url: str) -> Answer:
    if is_front(url):
        return Answer.FRONT
    tree = parse_html(body)
    if tree is None or not ("".join(tree.itertext()).strip() or len(tree.xpath("//img|//a|//script"))):
        return Answer.EMPTY
    is_article = _is_article(read_declared(tree, url), url) or _reads_as_article(tree, url)
    return Answer.ARTICLE if is_article else Answer.SECTION


def _is_article(declared: Declared, url: str) -> bool:
    kind = (declared.first("og:type") or "").lower()
    if kind == "article" or declared.first("article:published_time"):
        return shape_of(url) is not Shape.LISTING or bool(declared.article)
    if declared.article and _names(declared, url):
        return True
    if any(types_of(node) & {"CollectionPage", "ItemList", "SearchResultsPage"} for node in declared.nodes):
        return False
    return shape_of(url) is Shape.ARTICLE


def _reads_as_article(tree: HtmlElement, url: str) -> bool:
    """Whether a page that declares nothing has paragraphs rather than teasers, which are links each with a text."""
    if shape_of(url) is Shape.OTHER:
        return False
    inside = [block for block in read_blocks(tree) if not any(w.marks & _AROUND for w in block.wrappers)]
    paragraphs = [block for block in inside if len(block.text) >= PROSE_CHARS and block.link_share < 0.3]
    links = [block for block in inside if block.link_share > 0.8]
    teasers = [block for block in links if block.kind is BlockKind.HEADING or len(block.text) >= HEADLINE_CHARS]
    return len(paragraphs) >= MIN_PARAGRAPHS and len(paragraphs) >= 2 * len(teasers)


def _names(declared: Declared, url: str) -> bool:
    """Whether the page's article says that this is its address."""
    main = declared.article.get("mainEntityOfPage")
    named = (
        declared.article.get("url"),
        declared.article.get("@id"),
        main,
        main.get("@id") if isinstance(main, dict) else None,
    )
    return canonical_key(url) in {canonical_key(value) for value in named if isinstance(value, str)}
