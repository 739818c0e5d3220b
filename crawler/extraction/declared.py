"""What a page declares about itself for machines: JSON-LD, meta elements, link relations, microdata values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urldefrag, urlsplit

from lxml.html import HtmlElement

# schema.org types of which a page's main entity is an article (https://schema.org/Article and its subtypes)
ARTICLE_TYPES = frozenset(
    """Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle
    OpinionNewsArticle ReviewNewsArticle BlogPosting LiveBlogPosting SocialMediaPosting Report AdvertiserContentArticle
    SatiricalArticle ScholarlyArticle TechArticle""".split()
)
MAX_DEPTH = 60  # no honest JSON-LD is deeper; the walk ends there
MAX_NODES = 20_000  # objects and lists looked at in one script
MAX_JSON_CHARS = 5_000_000

# for text without white space at its ends; no two runs of white space meet, so both are linear
_OPENING = re.compile(r"<!--|(?://\s*)?<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/")
_CLOSING = re.compile(r"(?:-->|(?://\s*)?\]\]>|/\*\s*\]\]>\s*\*/)(?:\s*;)?$")
_CLOSINGS = (">", "/", ";")  # looked for first: the text of a script is long
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A page's own statements, in document order, unjudged.

    ``article`` is the JSON-LD node of the article the page is about (empty if there is none); ``nodes`` are all typed
    nodes; ``meta`` maps a lower-cased name, property or itemprop to its contents; ``links`` maps a rel to its hrefs.
    """

    article: Node = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    meta: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    html_lang: str | None = None

    def first(self, *names: str) -> str | None:
        """The first non-empty content of the first of these meta names that the page has."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)

    def of_type(self, *types: str) -> Iterator[Node]:
        """The JSON-LD nodes of one of these schema.org types."""
        return (node for node in self.nodes if types_of(node) & set(types))

    def resolve(self, value: Any) -> Any:
        """A bare ``{"@id": …}`` reference replaced by the node it names, where the page has that node."""
        if isinstance(value, Mapping) and set(value) <= {"@id", "@type"} and "@id" in value:
            named = (n for n in self.nodes if n.get("@id") == value["@id"] and len(n) > len(value))
            return next(named, value)
        return value


def types_of(node: Node) -> set[str]:
    """The schema.org types of a node without their address.

    >>> sorted(types_of({"@type": ["http://schema.org/NewsArticle", "WebPage"]}))
    ['NewsArticle', 'WebPage']
    """
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {re.split(r"[/#:]", kind)[-1] for kind in kinds if isinstance(kind, str)}


def read_declared(tree: HtmlElement, url: str) -> Declared:
    """Everything that a page declares; broken parts are left out, the rest is kept."""
    nodes = tuple(node for data in _json_ld(tree) for node in walk(data, MAX_NODES) if "@type" in node)
    return Declared(
        article=_main_article(nodes, url),
        nodes=nodes,
        meta=_meta(tree),
        links=_links(tree),
        html_lang=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
    )


def parse_json(text: str) -> Any:
    """JSON as pages write it: comment wrappers, raw control characters and trailing commas are forgiven.

    None when nothing can be read; nesting deeper than the interpreter allows counts as nothing.

    >>> parse_json('<!-- {"a": [1, 2,],} -->')
    {'a': [1, 2]}
    """
    if len(text) > MAX_JSON_CHARS:
        return None
    text = _unwrapped(_unwrapped(text)).strip().rstrip(";")
    for mend in (str, partial(_TRAILING_COMMA.sub, r"\1")):
        try:
            return json.loads(mend(text), strict=False, parse_constant=lambda _: None)
        except RecursionError:
            return None
        except ValueError:
            continue
    return None


def _unwrapped(text: str) -> str:
    """A script's text without one pair of comment or CDATA marks around it."""
    text = text.strip()
    opening = _OPENING.match(text)
    text = text[opening.end() :] if opening else text
    return _CLOSING.sub("", text) if text.endswith(_CLOSINGS) else text


def _json_ld(tree: HtmlElement) -> Iterator[Any]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield parse_json(script.text)


def walk(data: Any, limit: int) -> Iterator[Node]:
    """All objects in parsed JSON, outer before inner, each once; at most ``limit`` objects and lists are looked at.

    >>> [node.get("a") for node in walk([{"a": 1, "b": [{"a": 2}]}], 10)]
    [1, 2]
    """
    queue: list[tuple[Any, int]] = [(data, 0)]
    queued = {id(data)}  # values that refer to each other would come again and again
    for value, depth in queue:
        if isinstance(value, Mapping):
            yield value
        children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for child in children if depth < MAX_DEPTH else ():
            if len(queue) >= limit:
                break
            if isinstance(child, (Mapping, list)) and id(child) not in queued:
                queued.add(id(child))
                queue.append((child, depth + 1))


def _main_article(nodes: Sequence[Node], url: str) -> Node:
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    here = _address_key(url)

    def rank(node: Node) -> tuple[bool, bool, bool]:
        """Named as this page first, then said to be about it, then with a headline and a date."""
        addresses = {
            _address_key(value) for key in ("url", "@id", "mainEntityOfPage") for value in _addresses(node.get(key))
        }
        return (
            here in addresses,
            bool(node.get("mainEntityOfPage")),
            bool(node.get("headline") and node.get("datePublished")),
        )

    return max(articles, key=rank, default={})


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (v for key in ("@id", "url") if isinstance(v := value.get(key), str))


def _address_key(url: str) -> str:
    """Host and path alone, so that scheme, query and fragment do not part what belongs together."""
    try:
        parts = urlsplit(urldefrag(url.strip()).url)
    except ValueError:
        return ""
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}".lower()


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or element.get("value") or "").strip()  # Twitter's cards began with "value"
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _links(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("link"):
        href = (element.get("href") or "").strip()
        for rel in (element.get("rel") or "").lower().split():
            if href:
                found.setdefault(rel, []).append(href)
    return found
