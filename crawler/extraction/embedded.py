"""Article text that a page holds only as data for its scripts: JSON-LD ``articleBody`` and the state of frameworks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.declared import Declared, parse_json, walk
from crawler.extraction.html import parse_html
from crawler.extraction.page_state import page_states
from crawler.extraction.tags import INLINE, TEXT_HOLDERS
from crawler.extraction.text import text_key

MIN_CHARS = 300  # what is shorter is a teaser or a description
MAX_VALUES = 50_000  # values of a state that are looked at
MAX_CHARS = 2_000_000  # of a text that is put together
MAX_DEPTH = 60
MOSTLY = 0.5  # of an object's prose in one of its values, for that to be the article
WHOLE_CHARS = 2_000  # from here on it is more than one paragraph, and an item of a list as well
LEAST = 0.1  # of a state's prose in the object with the title: with less it is a teaser of the article
LEAST_PROSE = 0.3  # of a text in its longer parts, for it to be no list of names and labels
TITLE_CHARS = 8  # a shorter title is one of many pages
MUCH_MORE = 2.0  # than JSON-LD has of the text, for that to be the beginning only
NEARLY_ALL = 0.9  # of a list's prose in one of its items, for the others to be no paragraphs beside it
PROSE_CHARS = 30
WORD_CHARS = 25  # more than words have on the average in any language: addresses and code have no spaces
# names under which content systems keep an article's text; where an object has several, the first of them
TEXT_KEYS = (
    "processed rendered articlebody bodyhtml contenthtml storyhtml html innerhtml __html fulltext bodytext maintext "
    "body content text copy value p children"
).split()
# names and types of what stands in a state and is no text of the article
OTHERS = frozenset(
    """ad ads advertisement author authors byline caption captions comment comments config credit credits description
    embed excerpt footer gallery headline header i18n image images kicker labels lead_image media menu messages meta
    metadata navigation newsletter photo promo recommendations recommended related related_content relatedarticles
    seo settings summary tags taxonomy teaser teasers timestamp title translations video videos interstitial_link
    headlines promo_items""".split()
)
HTML_NAMES = INLINE | TEXT_HOLDERS | frozenset("article div figure ol section table tbody tr ul".split())
QUERY = "ROOT_QUERY"
NO_ENTRIES: Mapping[str, Any] = {}
TITLE_KEYS = ("title", "headline", "headlines", "name")

_TAG = re.compile(r"</?(?:p|br|div|h[1-6]|li)\b", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;/?(?:p|br|div|h[1-6]|li)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:script|style)\b[^<]*(?:<(?!/(?:script|style))[^<]*)*|<[^<>]*>")
_CODE = re.compile(r"function ?\w{0,40} ?\(|\bvar \w{1,40} ?=|@media\b|[;{] ?[\w-]+: ?[^;{}]{1,40};")
_ELEMENT = re.compile(r"[a-z][a-z0-9]{0,10}")
_RUNS_ON = re.compile(r"[\s,.;:!?)’”»a-zà-ÿа-я]")


def embedded_blocks(tree: HtmlElement, declared: Declared) -> tuple[list[Block], str]:
    """The article text that the page holds as data, as blocks, and where it stood; none where there is none."""
    declared_text = _article_in([declared.article.get(name) for name in ("articleBody", "liveBlogUpdate")], "")
    title = text_key(declared.first("og:title", "twitter:title") or str(declared.article.get("headline") or ""))
    held = max((_article_in(state, title) for state in page_states(tree)), default=_NOTHING)
    if declared_text.chars >= MIN_CHARS and not (held.is_titled and held.chars > MUCH_MORE * declared_text.chars):
        return _as_blocks(declared_text.text), "json-ld articleBody"
    return (_as_blocks(held.text), "page state") if held.chars >= MIN_CHARS else ([], "")


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    """A text found in a state: better where the object around it has the page's title, then where it is longer."""

    is_titled: bool
    chars: int
    text: str


_NOTHING = _Found(is_titled=False, chars=0, text="")


def _as_blocks(text: str) -> list[Block]:
    if _ESCAPED_TAG.search(text):
        text = unescape(text)
    if not _TAG.search(text):
        text = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    tree = parse_html(f"<body>{text}</body>".encode("utf-8", "replace"), "utf-8")
    return [] if tree is None else read_blocks(tree)


def _article_in(state: Any, title: str) -> _Found:
    """The text of the object with the page's title, or else of what holds the most prose, as HTML or lines."""
    reader = _Reader(state)
    if reader.weight(state) < MIN_CHARS:
        return _NOTHING
    named = (node for node in walk(state, MAX_VALUES) if _is_titled(node, title))
    start = max(named, key=reader.weight, default=None)
    is_titled = reader.weight(start) >= max(MIN_CHARS, LEAST * reader.weight(state))
    article = reader.article(start if is_titled else state)
    chars, text = reader.weight(article), reader.text(article)
    is_article = chars >= LEAST_PROSE * len(_MARKUP.sub("", text))
    return _Found(is_titled=is_titled, chars=chars, text=text) if is_article else _NOTHING


def _is_titled(node: Mapping[str, Any], title: str) -> bool:
    """Whether an object has the page's title, with or without the site's name behind it."""
    for key in TITLE_KEYS:
        value = node.get(key)
        for name in value.values() if isinstance(value, Mapping) else (value,):
            own = text_key(name) if isinstance(name, str) and len(name) < MIN_CHARS else ""
            if len(own) >= TITLE_CHARS and (title.startswith(own) or own.startswith(title or " ")):
                return True
    return False


class _Reader:
    """Reads the texts of one state, references between its parts followed."""

    def __init__(self, state: Any) -> None:
        # an Apollo cache: all objects by name, and what the page asked for
        self.entries = next((node for node in walk(state, MAX_VALUES) if QUERY in node), NO_ENTRIES)
        self.weights: dict[int, int] = {}
        self.parsed: dict[int, Any] = {}
        self.values_left, self.chars_left = MAX_VALUES, MAX_CHARS

    def weight(self, node: Any, depth: int = 0) -> int:
        """The characters of prose in a value."""
        node = self.value(node)
        if not isinstance(node, (dict, list, str)) or depth > MAX_DEPTH:
            return 0
        if id(node) not in self.weights:
            self.weights[id(node)] = 0  # a circle ends here
            self.values_left -= 1
            parts = self.parts(node) if self.values_left > 0 and not isinstance(node, str) else ()
            own = _prose_chars(node) if isinstance(node, str) else 0
            self.weights[id(node)] = own + sum(self.weight(part, depth + 1) for part in parts)
        return self.weights[id(node)]

    def value(self, node: Any) -> Any:
        """What a reference of a normalised cache names, and what a text that is JSON says; else the value itself."""
        if isinstance(node, dict):
            name = node.get("__ref") or (node.get("id") if node.get("type") == "id" else None)
            return self.entries.get(name, node) if isinstance(name, str) else node
        if isinstance(node, str) and len(node) >= MIN_CHARS and node[:1] in "{[":
            if id(node) not in self.parsed:
                self.parsed[id(node)] = parse_json(node)
            return self.parsed[id(node)] or node
        return node

    def parts(self, node: dict[str, Any] | list[Any]) -> Sequence[Any]:
        """The values in which a text stands: an object's own text, or all that is not named after something else."""
        if not isinstance(node, dict):
            return _children(node) if _is_element(node) else node
        if node is self.entries and self.weight(node[QUERY]) >= MIN_CHARS:
            return (node[QUERY],)
        if str(node.get("type") or node.get("_type") or "").lower() in OTHERS:
            return ()
        named = {key.lower(): value for key, value in node.items()}
        for key in TEXT_KEYS:
            if isinstance(text := named.get(key), str) and text.strip():
                return (text,)
        return [value for key, value in named.items() if isinstance(value, (dict, list)) and key not in OTHERS]

    def article(self, node: Any) -> Any:
        """The value inside this one that holds most of its prose, and no other that holds most of that."""
        for _ in range(MAX_DEPTH):
            node = self.value(node)
            if not isinstance(node, (dict, list)):
                return node
            heaviest = max(self.parts(node), key=self.weight, default=None)
            chars = self.weight(heaviest)
            is_text = isinstance(self.value(heaviest), str)
            is_whole = isinstance(node, dict) or (chars >= WHOLE_CHARS and not is_text)
            if not chars or chars < (MOSTLY if is_whole else NEARLY_ALL) * self.weight(node):
                return node
            node = heaviest
        return node

    def text(self, node: Any, depth: int = 0) -> str:
        """A value's text: paragraphs as lines or elements, runs of one paragraph joined."""
        node = self.value(node)
        self.chars_left -= len(node) if isinstance(node, str) else 1  # references can make a text endless
        if isinstance(node, str):
            return node if self.chars_left > 0 else ""
        if not isinstance(node, (dict, list)) or depth > MAX_DEPTH or self.chars_left < 0:
            return ""
        is_element = isinstance(node, list) and _is_element(node)
        parts = self.parts(node)
        if not is_element and len(parts) > 1 and not self.weight(node) and all(isinstance(p, str) for p in parts):
            return ""  # names, addresses, keys
        texts = [text for part in parts if (text := self.text(part, depth + 1))]
        if is_element:
            name = node[1] if node[0] == "$" else node[0]
            return f"<{name}>{''.join(texts)}</{name}>"
        return "".join(texts) if _is_run(texts) else "\n".join(texts)


def _prose_chars(text: str) -> int:
    """The characters of a text without its mark-up, where it is made of sentences and not of code; else none."""
    if len(text) < PROSE_CHARS or (_CODE.search(text) and not _TAG.search(text)):
        return 0
    shown = _MARKUP.sub("", text) if "<" in text else text
    is_prose = len(shown) >= PROSE_CHARS and not (shown.isascii() and shown.count(" ") < len(shown) / WORD_CHARS)
    return len(shown) if is_prose else 0


def _is_element(node: Sequence[Any]) -> bool:
    """Whether a list is an element: ["$", "p", key, properties] of a flight, or ["p", …] of JsonML."""
    if len(node) >= 4 and node[0] == "$" and isinstance(node[1], str):
        return _ELEMENT.fullmatch(node[1]) is not None
    return len(node) >= 2 and isinstance(node[0], str) and node[0] in HTML_NAMES


def _children(node: Sequence[Any]) -> Sequence[Any]:
    return node[3:] if node[0] == "$" else [part for part in node[1:] if not isinstance(part, Mapping)]


def _is_run(texts: Sequence[str]) -> bool:
    """Whether texts are parts of one line: one of them ends with a space or begins as no paragraph does."""
    if any(_TAG.search(text) for text in texts):
        return False
    return any(a.endswith(" ") or _RUNS_ON.match(b) for a, b in pairwise(texts))
