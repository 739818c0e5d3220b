"""Article text that a page holds only as data for its scripts: JSON-LD ``articleBody`` and the state of frameworks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.declared import Declared, parse_json, walk
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
MAX_PUSHED = 2_000  # parts of a flight
MAX_ROWS = 20_000
_FLIGHT_TEXT = re.compile(rb"[0-9a-f]*:T([0-9a-f]{1,8}),")
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
    scripts = [s for s in tree.iter("script") if s.text and "ld+json" not in (s.get("type") or "")]
    pushed = [found[1] for script in scripts if (found := _FLIGHT.search(script.text))]
    others = [s for s in scripts if len(s.text) >= MIN_CHARS and not _FLIGHT.search(s.text)]
    for script in others[:MAX_SCRIPTS]:
        if "json" in (script.get("type") or "").lower():
            yield parse_json(script.text.strip())
        else:
            yield from _given_values(script.text)
    chunks = (parse_json(chunk) for chunk in pushed[:MAX_PUSHED])
    yield from _flight_rows("".join(part for chunk in chunks for part in chunk or [] if isinstance(part, str)))


def _flight_rows(flight: str) -> Iterator[Any]:
    """The rows of React's flight format: "7:" before JSON up to the line's end, or "7:T1f," before so many bytes."""
    data, position = flight.encode("utf-8", "replace"), 0
    for _ in range(MAX_ROWS):
        if text := _FLIGHT_TEXT.match(data, position):
            position = text.end() + int(text[1], 16)
            yield {"text": data[text.end() : position].decode("utf-8", "replace")}
            continue
        end = data.find(b"\n", position)
        row = data[position : end if end >= 0 else len(data)]
        yield parse_json(row.partition(b":")[2].decode("utf-8", "replace"))
        if end < 0:
            return
        position = end + 1


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
    for node in walk(state, MAX_VALUES):
        for key, inner in node.items():
            if isinstance(inner, str) and key.lower() in TEXT_KEYS:
                yield inner
            elif isinstance(inner, list) and key.lower() in LIST_KEYS:
                yield "\n".join(_texts_of_items(inner))


def _texts_of_items(items: list[Any]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Mapping):
            found = (v for k, v in item.items() if k.lower() in TEXT_KEYS and isinstance(v, str))
            yield next(found, "")
