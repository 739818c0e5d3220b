"""Signs that a page lists articles or speaks of its site: what its address says, how much of its text is teasers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.extraction.blocks import Block
from crawler.extraction.body import text_key
from crawler.items import BlockKind

LINKED_SHARE = 0.8  # from here on a heading is a link to another page
TITLE_CHARS = 15  # a shorter linked line is a label, such as a section's name
TEASER_CHARS = 500  # the longest text under a linked heading that is still a teaser

_PAGE_NUMBER = re.compile(r"/(?:page|seite|pagina|strona|sayfa|p)/?\d{1,4}$")
_FILE_END = re.compile(r"\.(?:html?|php|aspx?|shtml)$")
_INDEX_FILE = re.compile(r"/(?:index|default|home)$")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")
_NUMBERED = re.compile(r"\d{4}|(?:[^-_]+[-_]){5}")  # a day, a number or a whole headline: an article's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Teasers:
    """How much of a page's text stands under headings that lead to other pages."""

    headings: int  # different linked headings with text under them
    share: float  # of the text's characters


def teasers_among(blocks: Sequence[Block], kept: Sequence[Block], title: str) -> Teasers:
    """The teasers among ``kept``, the blocks taken for an article, by the headings of the whole page.

    A heading that says the page's own title is the article's link to itself, not a teaser's.
    """
    wanted, taken = text_key(title), {block.index for block in kept}
    heading: Block | None = None
    under: dict[str, int] = {}
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            heading = block if _leads_away(block, wanted) else None
        elif heading is not None and block.index in taken:
            under[heading.text] = under.get(heading.text, 0) + len(block.text)
    teased = [chars for chars in under.values() if chars <= TEASER_CHARS]
    return Teasers(headings=len(teased), share=sum(teased) / (sum(len(b.text) for b in kept) or 1))


def path_parts(url: str) -> tuple[str, ...]:
    """The parts of an address's path in lower case, without page numbers, file endings and index files.

    >>> path_parts("https://example.org/Tag/Ferries/page/2/?x=1")
    ('tag', 'ferries')
    >>> path_parts("https://example.org/about/index.html"), path_parts("https://example.org/kontakt.php")
    (('about',), ('kontakt',))
    """
    try:
        path = unquote(urlsplit(url).path).lower().rstrip("/")
    except ValueError:
        return ()
    path = _INDEX_FILE.sub("", _FILE_END.sub("", _PAGE_NUMBER.sub("", path)))
    return tuple(part for part in path.split("/") if part)


def is_front_address(url: str) -> bool:
    """Whether an address is a site's own, or that of one of its languages.

    >>> [is_front_address(f"https://example.org{path}") for path in ("/", "/uk/", "/index.html", "/?p=12", "/ferry")]
    [True, True, True, False, False]
    """
    parts = path_parts(url)
    is_short = not parts or (len(parts) == 1 and _LANGUAGE.fullmatch(parts[0]) is not None)
    return is_short and "?" not in url


def is_listing_address(url: str, words: frozenset[str]) -> bool:
    """Whether an address names a list of articles: one of ``words`` comes last, or before a short name.

    >>> words = frozenset({"tag"})
    >>> [is_listing_address(f"https://example.org{p}", words) for p in ("/tag/ferries", "/a/tag/", "/tag/2024-05-06-x")]
    [True, True, False]
    """
    parts = path_parts(url)
    is_named = len(parts) >= 2 and parts[-2] in words and not _NUMBERED.search(parts[-1])
    return is_named or (bool(parts) and parts[-1] in words)


def _leads_away(heading: Block, title: str) -> bool:
    if heading.link_share < LINKED_SHARE or len(heading.text) < TITLE_CHARS:
        return False
    own = text_key(heading.text)
    return not title or (own not in title and title not in own)
