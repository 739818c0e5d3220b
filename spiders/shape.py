"""What an address looks like it leads to: an article, a list of articles, or neither; by words of many languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from crawler.extraction.address_words import has_query_id, is_front, path_of, query_of, segments_of, words
from spiders.when import day_in


class Shape(StrEnum):
    """What an address looks like."""

    ARTICLE = "article"
    LISTING = "listing"  # a front page, or a section by its short path
    UNCLEAR = "unclear"
    OTHER = "other"  # not a text, or a page about readers, lawyers and shops


# a path part that is one of these makes the page no article, wherever it stands
_NEVER = words("video", "gallery", "audio", "account", "machine", "site")
# likewise, unless the address has a day or a number and a headline
_SERVICE = words("about", "service")
# what stands after one of these names a list: of a topic, an author, a year
_LISTS = words("topic", "archive")
_SECTIONS, _ARTICLE_WORDS = words("section"), words("article")
_FILE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|webp|svg|ico|mp[34]|m4a|avi|mov|zip|gz|rar|docx?|xlsx?|pptx?|xml|rss|json|js|css|txt|ics|apk|exe|epub)$"
)
_WORD = re.compile(
    r"(?<![^\W\d_])(?!(?:and|und|et|the|de)(?![^\W\d_]))[^\W\d_]{2,}"
)  # "science-and-technology" is two words
_ID = re.compile(
    r"(?<!\d)\d{5,}(?!\d)|^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$|^(?=[a-z0-9]{8,14}$)(?=.*\d.*[a-z].*\d)"
)


def shape_of(url: str) -> Shape:
    """What an address looks like it leads to, by its path and query alone.

    >>> [shape_of(f"https://example.org{path}").value for path in ("/", "/en/", "/world", "/tag/elections", "/login")]
    ['listing', 'listing', 'listing', 'other', 'other']
    >>> [shape_of(f"https://example.org{path}").value for path in ("/2025/04/26/council-votes", "/vote-12345.html")]
    ['article', 'article']
    """
    segments = segments_of(url)
    if _is_never(url, segments):
        return Shape.OTHER
    if has_query_id(query_of(url)):
        return Shape.ARTICLE
    if not segments or is_front(url):
        return Shape.LISTING
    return _shape_of_path(url, segments)


def may_be_article(url: str, *, is_trusted: bool) -> bool:
    """Whether an address that a feed or sitemap names is worth fetching.

    A trusted way, one that is made of news, may name articles under any address that is no front page or picture.

    >>> paths = ("/", "/tag/vote", "/about-a-bridge", "/a/b/c")
    >>> [may_be_article(f"https://e.org{path}", is_trusted=False) for path in paths]
    [False, False, True, True]
    >>> [may_be_article(f"https://e.org{path}", is_trusted=True) for path in ("/", "/video/a", "/tag/vote", "/bridge")]
    [False, False, True, True]
    """
    segments = segments_of(url)
    if is_front(url) or _is_never(url, segments):
        return False
    shape = shape_of(url)
    if is_trusted or shape in {Shape.ARTICLE, Shape.UNCLEAR}:
        return True
    is_section = bool(set(segments[:-1]) & _SECTIONS) or len(_WORD.findall(segments[-1] if segments else "")) < 2
    return shape is Shape.LISTING and (bool(query_of(url)) or not is_section)


def _is_never(url: str, segments: Sequence[str]) -> bool:
    return bool(_FILE.search(path_of(url))) or any(segment in _NEVER for segment in segments)


def _shape_of_path(url: str, segments: Sequence[str]) -> Shape:
    last, before = segments[-1], segments[:-1]
    named = len(_WORD.findall(last))
    has_day, has_id = day_in(url) is not None, bool(_ID.search(last)) and not _is_day(last)
    if before and before[-1] in _SECTIONS and not (has_day or has_id):
        return Shape.LISTING
    if _is_about_others(segments) and not ((has_day or has_id) and named >= 3):
        return Shape.OTHER
    is_named = has_day and (named or has_id)
    is_numbered = has_id and (named or before)
    is_headline = named >= 4 or (named >= 3 and len(last) >= 20)
    if is_named or is_numbered or is_headline or set(before) & _ARTICLE_WORDS:
        return Shape.ARTICLE
    if has_day or last.isdigit():
        return Shape.OTHER  # a calendar's page, or the second page of a list
    is_short = len(segments) <= 2 and all(len(_WORD.findall(segment)) <= 3 for segment in segments)
    return Shape.LISTING if is_short and not has_id else Shape.UNCLEAR


def _is_about_others(segments: Sequence[str]) -> bool:
    """Whether the path is that of a service page, or of a list by topic, author or year."""
    listed = [n for n, segment in enumerate(segments) if segment in _LISTS]
    return any(segment in _SERVICE for segment in segments) or bool(listed and len(segments) - listed[-1] <= 2)


def _is_day(segment: str) -> bool:
    return len(segment) == 8 and day_in(segment) is not None
