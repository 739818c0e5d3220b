"""Article text that a page holds only as data for its scripts: JSON-LD ``articleBody`` and the state of frameworks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.declared import MAX_DEPTH, Declared, parse_json
from crawler.extraction.html import parse_html

MIN_CHARS = 300  # what is shorter is a teaser or a description
MAX_SCRIPTS = 60
MAX_VALUES = 50_000  # values of a state that are looked at
# names under which content systems keep an article's text (Next.js, Fusion, Apollo and their like have no common one)
TEXT_KEYS = frozenset(
    (
        "articlebody",
        "body",
        "bodyhtml",
        "bodytext",
        "content",
        "contenthtml",
        "fulltext",
        "html",
        "maintext",
        "text",
        "value",
    )
)
LIST_KEYS = frozenset(("content_elements", "blocks", "paragraphs", "body", "content", "elements", "components"))

_GIVEN = re.compile(r"[=(,]\s*(?=[{\[])")  # where a value is assigned or handed to a call
MAX_GIVEN = 8  # places of a script that are tried
_FLIGHT = re.compile(r"self\.__next_f\.push\((\[.*\])\)", re.DOTALL)
_TAG = re.compile(r"</?(?:p|br|div|h[1-6]|li)\b", re.IGNORECASE)


def embedded_blocks(tree: HtmlElement, declared: Declared) -> tuple[list[Block], str]:
    """The longest article text that the page holds as data, as blocks, and where it stood; none where there is none."""
    texts = [(text, "json-ld articleBody") for text in [declared.article.get("articleBody")] if isinstance(text, str)]
    texts += [(text, "page state") for script in _states(tree) for text in _texts(script)]
    long_enough = [(text, source) for text, source in texts if len(text) >= MIN_CHARS]
    if not long_enough:
        return [], ""
    text, source = max(long_enough, key=lambda found: len(found[0]))
    return _as_blocks(text), source


def _as_blocks(text: str) -> list[Block]:
    if not _TAG.search(text):
        text = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    tree = parse_html(f"<body>{text}</body>".encode("utf-8", "replace"), "utf-8")
    return [] if tree is None else read_blocks(tree)


def _states(tree: HtmlElement) -> Iterator[Any]:
    """The data of each script that is data, or that assigns an object to a name, parsed."""
    scripts = (s for s in tree.iter("script") if s.text and "ld+json" not in (s.get("type") or ""))
    flight: list[str] = []
    for _, script in zip(range(MAX_SCRIPTS), (s for s in scripts if len(s.text) >= MIN_CHARS), strict=False):
        text = script.text.strip()
        if pushed := _FLIGHT.search(text):
            chunk = parse_json(pushed[1])
            flight += [part for part in (chunk or []) if isinstance(part, str)]
        elif "json" in (script.get("type") or "").lower():
            yield parse_json(text)
        else:
            yield from _given_values(text)
    for line in "".join(flight).split("\n"):
        yield parse_json(line.partition(":")[2])


def _given_values(script: str) -> Iterator[Any]:
    """The JSON values that a script assigns or passes on."""
    decoder, position = json.JSONDecoder(strict=False), 0
    for _ in range(MAX_GIVEN):
        given = _GIVEN.search(script, position)
        if given is None:
            return
        position = given.end()
        try:
            value, position = decoder.raw_decode(script, position)
        except (ValueError, RecursionError):
            continue
        yield value


def _texts(state: Any) -> Iterator[str]:
    """Long texts in a state: a string under a telling name, or the strings of a list of such objects, joined."""
    queue: list[tuple[Any, int]] = [(state, 0)]
    for seen, (value, depth) in enumerate(queue):
        if seen >= MAX_VALUES:
            return
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(inner, str) and key.lower() in TEXT_KEYS:
                    yield inner
                elif isinstance(inner, list) and key.lower() in LIST_KEYS:
                    yield "\n".join(_texts_of_items(inner))
        if depth < MAX_DEPTH:
            children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
            queue.extend((child, depth + 1) for child in children if isinstance(child, (Mapping, list)))


def _texts_of_items(items: list[Any]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Mapping):
            found = (v for k, v in item.items() if k.lower() in TEXT_KEYS and isinstance(v, str))
            yield next(found, "")
