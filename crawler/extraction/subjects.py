"""What an article is about, as declared for machines: tags and sections, without what is meant for machines alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.text import text_key

MAX_SUBJECT = 80  # characters of a tag or a section
# keys of what is declared as a section and is none
NO_SECTIONS = frozenset(
    ("", "tags", "tag", "post", "posts", "article", "articles", "uncategorized", "page", "home", "homepage")
)
SECTIONS = ("article:section", "og:article:section", "og:section", "articlesection", "parsely-section", "section")
MANY = 3  # tags with a key: from here on they are a machine's record, and no titles with a colon
_NAMED = re.compile(r"(?:categor(?:y|ies)|subject|section|topic|tag|keyword)s?\s*[:/]\s*(?=\S)", re.IGNORECASE)
_KEYED = re.compile(r"[^\W\d][\w -]{0,24}:\s?\S")
# "@post-id", "_commerce", "/article", "type_news", "WORDS:THEIR-CODE", a number of a data base
_CODE = re.compile(r"[@_/.].*|[a-z]+(?:_[a-z]+)+|[A-Z]{2,8}[:|]\S.*|\d{6,}")


def readable_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags that a reader would understand, in their order; a key such as "Category:" is taken off.

    >>> readable_tags(["Category: Ferries", "Page Type: Article", "WC: 0-999", "type_news", "#pier", "Skerry"])
    ('Ferries', 'pier', 'Skerry')
    >>> readable_tags(["Travel: how to begin", "Skerry"])
    ('Travel: how to begin', 'Skerry')
    """
    bare = [_NAMED.sub("", tag.lstrip("#"), count=1) if _NAMED.match(tag) else tag.lstrip("#") for tag in tags]
    is_record = sum(bool(_KEYED.match(tag)) for tag in tags) >= MANY
    kept = [tag for tag in bare if text_key(tag) and not _CODE.fullmatch(tag)]
    kept = [tag for tag in kept if not (is_record and _KEYED.match(tag))]
    return tuple({text_key(tag): tag for tag in reversed(kept)}.values())[::-1]


def first_section(text: str) -> str:
    """The first of the sections in a string; a name with "and" in it is one.

    >>> first_section("Wind, Waves,Tides"), first_section("Waste, Fraud & Abuse"), first_section("#News")
    ('Wind', 'Waste, Fraud & Abuse', 'News')
    """
    text = text.lstrip("#")
    if re.search(r"\s(?:&|and|und|et|y|e|en|och|og|i|та|и)\s", text):
        return text
    return text.split(",")[0].strip()
