"""The example newspaper's articles as data: what is printed and what a right record says come from the same file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

HERE = Path(__file__).parent

BlockKind = Literal["paragraph", "heading", "quote", "list", "table", "insert"]
DateWay = Literal["json-ld", "meta", "numeric", "words", "time", "feed", "news-sitemap"]
Byline = Literal["glued", "plain", "json_ld", "rel_author", "role", "meta", "text_uk", "none"]

_MARKS: dict[str, BlockKind] = {"##": "heading", ">": "quote", "-": "list", "|": "table", "{": "insert"}
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*([^*]+)\*")


class Block(NamedTuple):
    """A piece of a body in its place: one part, a list's items, a table's rows, or an insert's name and argument."""

    kind: BlockKind
    parts: tuple[str, ...]


class Notice(NamedTuple):
    """A text that stands on an article's page and is not the article; ``kind`` as in ``crawler.items.Kind``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, and how its theme is to print it; dates are as a right record gives them."""

    slug: str
    outlet: str
    path: str
    section: str
    language: str
    title: str
    authors: tuple[str, ...]
    byline: Byline
    published: str
    date_way: DateWay
    blocks: tuple[Block, ...]
    tags: tuple[str, ...]
    summary: str | None = None
    summary_is_first_paragraph: bool = False
    role: str = ""
    modified: str | None = None
    modified_way: Literal["json-ld", "meta", "visible", ""] = ""
    shown: Literal["relative", ""] = ""
    drop_cap: bool = False
    layout: Literal["", "br", "split", "misleading"] = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body as a right record has it: headings, items, quotes and table rows among the paragraphs."""
        return tuple(plain(part) for block in self.blocks if block.kind != "insert" for part in block.parts)

    @property
    def description(self) -> str | None:
        """What the page declares as its description: the standfirst, or the first paragraph again."""
        return self.paragraphs[0] if self.summary_is_first_paragraph else self.summary

    @property
    def minutes(self) -> int:
        """The reading time that the page claims."""
        return 1 + sum(len(text.split()) for text in self.paragraphs) // 150

    @property
    def corrections(self) -> tuple[str, ...]:
        """The correction lines that the page prints, with their label."""
        return tuple(
            f"Correction: {b.parts[1]}" for b in self.blocks if b.kind == "insert" and b.parts[0] == "correction"
        )


@cache
def articles() -> tuple[Article, ...]:
    """All articles of all outlets, newest first."""
    found = [_article(path) for path in (HERE / "articles").glob("*.toml")]
    return tuple(sorted(found, key=lambda a: (a.published[:10], a.slug), reverse=True))


@cache
def _wordings() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "notices.toml").read_text("utf-8"))


def marked_notice(name: str, language: str, **values: object) -> Notice:
    """A notice in one language, with its inline marks, for a theme to print."""
    wording = _wordings()[name]
    return Notice(wording["kind"], wording[language].format(**values))


def is_notice(name: str) -> bool:
    """Whether an insert of this name is one of the notices with a fixed wording."""
    return name in _wordings()


def plain(text: str) -> str:
    """A text as a reader sees it: no inline marks, no soft hyphens, ordinary spaces.

    >>> plain("a *bo\\u00adat* to [the\\u00a0isle](/isle)")
    'a boat to the isle'
    """
    text = _EMPHASIS.sub(r"\1", _LINK.sub(r"\1", text))
    return text.replace("\u00ad", "").replace("\u00a0", " ")


def parse_body(text: str) -> tuple[Block, ...]:
    """A body's blocks, split by blank lines and told apart by their first mark.

    >>> [block.kind for block in parse_body("One.\\n\\n## Two\\n\\n- a\\n- b\\n\\n{adblock}")]
    ['paragraph', 'heading', 'list', 'insert']
    >>> parse_body("| Work | Cost\\n| Wall | £3")[0].parts
    ('Work | Cost', 'Wall | £3')
    """
    return tuple(_block(chunk) for chunk in text.strip().split("\n\n"))


def _block(chunk: str) -> Block:
    mark = next((m for m in _MARKS if chunk.startswith(m)), "")
    if mark == "{":
        name, _, argument = chunk.strip("{}").partition(":")
        return Block("insert", (name, argument))
    lines = chunk.splitlines() if mark in ("-", "|") else [chunk]
    return Block(_MARKS.get(mark, "paragraph"), tuple(line.removeprefix(mark).strip() for line in lines))


def _article(path: Path) -> Article:
    table = tomllib.loads(path.read_text("utf-8"))
    table |= {key: tuple(table[key]) for key in ("authors", "tags")}
    return Article(slug=path.stem, blocks=parse_body(table.pop("body")), **table)
