"""What an address says of the page that it leads to, by the words in its path: for the crawl and for the page alike."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_PAGE_NUMBER = re.compile(r"(?:/(?:page|seite|pagina|strona|sayfa)|(?<=[^/])/p)/?\d{1,4}$")
_FILE_END = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml|phtml|ece|cms|do)$")
_INDEX_FILE = re.compile(r"/(?:index|default|home)$")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")
_NUMBERED = re.compile(r"\d{4}|(?:[^-_]+[-_]){5}")  # a day, a number or a whole headline: an article's name
_PAGING = frozenset("page offset start year month day date from to v ver t ts time".split())
_QUERY_IDS = frozenset("id article articleid article_id newsid news_id storyid sid artid aid idart nid".split())
_ROOT_IDS = frozenset("p page_id post".split())  # of the commonest content system, on the front page's address alone


@cache
def words(*kinds: str, sometimes: bool = False) -> frozenset[str]:
    """The words of these kinds of page; with ``sometimes``, also those that mean other things as often.

    >>> "imprint" in words("site"), "portfolio" in words("gallery"), "portfolio" in words("gallery", sometimes=True)
    (True, False, True)
    """
    tables = [_tables()[kind] for kind in kinds]
    found = {word for table in tables for word in table["words"]}
    return frozenset(found.union(*(table.get("sometimes", ()) for table in tables if sometimes)))


def segments_of(url: str) -> tuple[str, ...]:
    """The parts of an address's path in lower case, without file endings and index files; of garbage, nothing.

    >>> [segments_of(f"https://example.org{path}") for path in ("/News/index.html", "/a/page/2")]
    [('news',), ('a', 'page', '2')]
    """
    return _split(path_of(url))


def path_parts(url: str) -> tuple[str, ...]:
    """Likewise, without the numbers of pages.

    >>> path_parts("https://example.org/Tag/Ferries/page/2/?x=1"), path_parts("https://example.org/kontakt.php")
    (('tag', 'ferries'), ('kontakt',))
    """
    return _split(_PAGE_NUMBER.sub("", path_of(url)))


def is_front(url: str) -> bool:
    """Whether an address is a site's own, or that of one of its languages or countries.

    >>> fronts = ("/", "/uk/", "/en/us/", "/index.html", "/?lang=de", "/page/2")
    >>> others = ("/?p=12", "/?id=7", "/ferry", "/p/12")
    >>> [all(is_front(f"https://example.org{path}") for path in fronts)]
    [True]
    >>> [any(is_front(f"https://example.org{path}") for path in others)]
    [False]
    """
    parts = path_parts(url)
    if len(parts) > 2 or not all(_LANGUAGE.fullmatch(part) for part in parts):
        return False
    query = query_of(url)
    return not has_query_id(query) and not any(name in _ROOT_IDS for name, _ in parse_qsl(query))


def is_listing(url: str) -> bool:
    """Whether an address names a list of articles: a word for topics or sections comes last, or before a short name.

    >>> [is_listing(f"https://example.org{path}") for path in ("/tag/ferries", "/a/tag/", "/tag/2024-05-06-x")]
    [True, True, False]
    """
    parts, listing = path_parts(url), words("topic", "section")
    is_named = len(parts) >= 2 and parts[-2] in listing and not is_numbered(parts[-1])
    return is_named or (bool(parts) and parts[-1] in listing)


def is_numbered(part: str) -> bool:
    """Whether a part of an address is an article's name: with a day, a number, or a whole headline in it.

    >>> is_numbered("weir-4711"), is_numbered("how-the-old-weir-came-down"), is_numbered("town-and-river")
    (True, True, False)
    """
    return _NUMBERED.search(part) is not None


def has_query_id(query: str) -> bool:
    """Whether an argument is the number of an article: by its name, or by its size.

    >>> has_query_id("id=7"), has_query_id("x=12345"), has_query_id("page=12345")
    (True, True, False)
    """
    for name, value in parse_qsl(query):
        is_large = value.isdigit() and len(value) >= 4 and name.lower() not in _PAGING
        if is_large or (name.lower() in _QUERY_IDS and value[:1].isdigit()):
            return True
    return False


def query_of(url: str) -> str:
    """The query of an address; of garbage, an empty text."""
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def path_of(url: str) -> str:
    """The path of an address in lower case, without slashes at its end; of garbage, an empty text."""
    try:
        return unquote(urlsplit(url).path).lower().rstrip("/")
    except ValueError:
        return ""


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((files("crawler.extraction") / "address_words.toml").read_text(encoding="utf-8"))


def _split(path: str) -> tuple[str, ...]:
    path = _INDEX_FILE.sub("", _FILE_END.sub("", path))
    return tuple(part for part in path.split("/") if part)
