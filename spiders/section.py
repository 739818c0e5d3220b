"""The links of a page: which lead to articles, which to further lists of them, and the feeds that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urldefrag

from lxml.html import HtmlElement

from crawler.extraction.address_words import is_front
from crawler.identity import canonical_key, registrable_domain, web_address
from spiders.shape import Shape, shape_of

MOST_LINKS = 3_000  # of one page
MOST_FEEDS = 20
LONGEST_URL = 2_000  # characters; honest ones are far below, traps grow for ever
MOST_REPEATS = 3  # times that one path part may come back in an address: /a/b/a/b/a/b/… is a trap

_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)")
_COMMENT_FEED = re.compile(r"comment|kommentar|commentaire|comentario", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"/(?:page|seite|pagina|strona|stranka|sivu|side)[/-](\d{1,5})(?=/?(?:[?#]|$))"
    r"|(?<=[?&])(?:page|paged|pg|p|seite|pagina|strona|stranka)=(\d{1,5})(?=&|#|$)",
    re.IGNORECASE,
)
_HEADLINE_WORDS = 5
_HEADLINE_CHARS_WITHOUT_SPACES = 12  # Chinese, Japanese, Thai


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a page: where it leads, and what it says."""

    url: str
    text: str
    in_heading: bool = False


def links_of(tree: HtmlElement, base: str, sites: Iterable[str]) -> list[Link]:
    """The links to pages of these sites, each once with the longest of its texts, in the order of the page."""
    sites = frozenset(sites)
    found: dict[str, Link] = {}
    for link in _anchors(tree, _base_of(tree, base)):
        if len(found) >= MOST_LINKS:
            break
        key = canonical_key(link.url)
        before = found.get(key)
        if before is None and registrable_domain(link.url) not in sites:
            continue
        if before is None or len(link.text) > len(before.text):
            found[key] = link
    return list(found.values())


def article_links(links: Iterable[Link]) -> list[Link]:
    """Links that look like articles: by their address first, then those of unclear address that read as headlines."""
    links = list(links)
    by_address = [link for link in links if shape_of(link.url) is Shape.ARTICLE]
    return by_address + [link for link in links if _reads_as_article(link)]


def section_links(links: Iterable[Link]) -> list[Link]:
    """Links that look like lists of articles, the shortest paths first; not those to a list's further pages."""
    listings = [link for link in links if shape_of(link.url) is Shape.LISTING and "?" not in link.url]
    first_pages = (link for link in listings if _page_number(link.url)[1] == 1)
    sections = [link for link in first_pages if not (_reads_as_article(link) or is_trap(link.url))]
    return sorted(sections, key=lambda link: link.url.rstrip("/").count("/"))


def feeds_of(tree: HtmlElement, base: str) -> list[str]:
    """Feeds that the page names in its head, without those of comments."""
    found: dict[str, None] = {}
    for link in tree.iter("link"):
        kind = (link.get("type") or "").lower()
        named = "alternate" in (link.get("rel") or "").lower() and _FEED_TYPE.search(kind)
        url = web_address(_base_of(tree, base), link.get("href")) if named else None
        if url and not _COMMENT_FEED.search(f"{url} {link.get('title') or ''}"):
            found[url] = None
    return list(found)[:MOST_FEEDS]


def older_of(tree: HtmlElement, base: str) -> str | None:
    """Where a list of articles goes on: what it calls its next page, or its own address with the next page's number."""
    root = _base_of(tree, base)
    marked = (element for element in tree.iter("link", "a") if "next" in (element.get("rel") or "").lower().split())
    urls = [web_address(root, element.get("href")) for element in marked]
    here, number = _page_number(base)
    numbered = (link.url for link in _anchors(tree, root) if _page_number(link.url) == (here, number + 1))
    own = canonical_key(base)
    return next((urldefrag(url).url for url in chain(urls, numbered) if url and canonical_key(url) != own), None)


def _page_number(url: str) -> tuple[str, int]:
    """The address of a list without the number of its page, and that number.

    >>> [_page_number(f"https://example.org/world{page}")[1] for page in ("", "/page/2/", "?page=3", "/4")]
    [1, 2, 3, 1]
    """
    match = _PAGE_NUMBER.search(url)
    number = int(match[1] or match[2]) if match else 1
    return canonical_key(url[: match.start()] + url[match.end() :] if match else url), number


def is_headline(link: Link) -> bool:
    """Whether a link's text reads like a headline rather than a menu's entry.

    >>> is_headline(Link(url="", text="Council votes to repair old bridge")), is_headline(Link(url="", text="World"))
    (True, False)
    """
    words = len(link.text.split())
    if link.in_heading and words >= 3:
        return True
    return words >= _HEADLINE_WORDS or (words < 3 and _unspaced(link.text) >= _HEADLINE_CHARS_WITHOUT_SPACES)


def is_trap(url: str) -> bool:
    """Whether an address has the marks of an endless space: too long, or the same path part again and again.

    >>> is_trap("https://example.org/a/b/a/b/a/b/a/b/"), is_trap("https://example.org/a/b")
    (True, False)
    """
    segments = url.split("?")[0].split("/")[3:]
    repeated = max((segments.count(segment) for segment in set(segments) if segment), default=0)
    return len(url) > LONGEST_URL or repeated > MOST_REPEATS or len(segments) > 15


def _reads_as_article(link: Link) -> bool:
    """Whether the text makes an article of an address that could be anything, such as /feather-duvet or /a/b/c."""
    shape = shape_of(link.url)
    if is_front(link.url):
        return False
    last = link.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    could_be = shape is Shape.UNCLEAR or (shape is Shape.LISTING and ("-" in last or "_" in last or "?" in link.url))
    return could_be and is_headline(link)


def _unspaced(text: str) -> int:
    return len(re.findall(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", text))


def _anchors(tree: HtmlElement, base: str) -> Iterator[Link]:
    for anchor in tree.iter("a"):
        rel = (anchor.get("rel") or "").lower()
        href = (anchor.get("href") or "").strip()
        url = web_address(base, href)
        if url is None or href.startswith("#") or "nofollow" in rel.split():
            continue
        text = " ".join("".join(anchor.itertext()).split()) or anchor.get("title") or anchor.get("aria-label") or ""
        yield Link(url=urldefrag(url).url, text=text, in_heading=_in_heading(anchor))


def _in_heading(anchor: HtmlElement) -> bool:
    near = [anchor.getparent(), *anchor.iterchildren()]
    return any(element is not None and element.tag in {"h1", "h2", "h3", "h4"} for element in near)


def _base_of(tree: HtmlElement, url: str) -> str:
    base = next((element.get("href") for element in tree.iter("base") if element.get("href")), "")
    return web_address(url, base) or url
