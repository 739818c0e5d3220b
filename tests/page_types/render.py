"""Whole pages from the data of this folder: what a page says (pages/), what is round it, how a system builds it.

A page's text is written a line an element: `# headline`, `## heading`, `> quote`, `~ caption`, `* item`,
`- linked item`, `+ headline | teaser` for a card that leads elsewhere, `<` for raw HTML, `[words](address)` for a link;
anything else is a paragraph. `@byline`, `@player`, `@form label | button`, `@poll question | answer | …`,
`@vote answer | …`, and from the stock of the language `@prose N`, `@cards N`, `@links N`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).parent
FURNITURE: dict[str, dict[str, Any]] = tomllib.loads((HERE / "furniture.toml").read_text(encoding="utf-8"))
LAYOUTS: dict[str, dict[str, str]] = tomllib.loads((HERE / "layouts.toml").read_text(encoding="utf-8"))
ARTICLE = "article"
HOST = "https://courier.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One page of the set: what it says, how it is built, what it is, and what makes that hard to tell."""

    id: str
    label: (
        str | list[str]
    )  # "article", or the Reason for which it is refused; where more than one is right, all of them
    hard: str
    lang: str
    layout: str
    path: str
    title: str
    text: str
    ld: tuple[str, ...] = ()  # schema.org types of the nodes that the page declares
    og: str = ""  # og:type
    date: str = ""  # RFC 3339
    author: str = ""
    head: str = ""  # more of the head, as HTML
    status: int = 200
    wrap: str = ""  # "story" or "list"; by the label where it is not given

    @property
    def labels(self) -> list[str]:
        """Every answer that is right."""
        return [self.label] if isinstance(self.label, str) else self.label

    @property
    def is_article(self) -> bool:
        """Whether it is to be kept."""
        return ARTICLE in self.labels

    @property
    def url(self) -> str:
        """The address it is served at."""
        return HOST + self.path

    @property
    def number(self) -> int:
        """A number of its own, the same on every day: addresses and the stock's rotation are made from it."""
        return sum(map(ord, self.id))


def labelled() -> list[Labelled]:
    """Every page of the set, by file and place."""
    return [
        Labelled(**page | {"ld": tuple(page.get("ld", ()))})
        for path in sorted((HERE / "pages").glob("*.toml"))
        for page in tomllib.loads(path.read_text(encoding="utf-8"))["page"]
    ]


def html(page: Labelled) -> str:
    """The whole page."""
    wrap = page.wrap or ("list" if page.label == "index page" else "story")
    body = _fill(page, wrap, body="\n".join(_elements(page)))
    frame = _fill(page, "frame", content=body)
    return f'<!DOCTYPE html>\n<html lang="{page.lang}">\n<head>{_head(page)}</head>\n{frame}</html>'


def _fill(page: Labelled, part: str, **names: object) -> str:
    """A part of the page's layout with its names filled in."""
    stock = FURNITURE[page.lang]
    known = {key: value for key, value in stock.items() if isinstance(value, str)} | {
        "nav": _list(stock["nav"]),
        "footer": _list(stock["footer"]),
        "links": _list(_stock(page, "headlines", 5, 3)),
        "headline_a": _stock(page, "headlines", 2)[0],
        "headline_b": _stock(page, "headlines", 2)[1],
        "lang": page.lang,
        "number": page.number,
    }
    return Template(LAYOUTS[page.layout][part]).substitute(known | names).strip()


def _stock(page: Labelled, name: str, count: int, shift: int = 0) -> list[str]:
    """So many texts of the language's stock, begun at another place for each page."""
    stock = FURNITURE[page.lang][name]
    return [stock[(page.number + shift + n) % len(stock)] for n in range(count)]


def _list(labels: list[str]) -> str:
    return "".join(f'<li><a href="/s/{n}">{escape(label)}</a></li>' for n, label in enumerate(labels))


def _head(page: Labelled) -> str:
    site = FURNITURE[page.lang]["site"]
    tags = [f'<meta charset="utf-8"><title>{escape(page.title)} | {escape(site)}</title>']
    if page.layout != "bare":
        tags.append('<meta name="viewport" content="width=device-width"><style>.x{margin:0}</style>')
        tags.append(
            f'<meta property="og:site_name" content="{escape(site)}">'
            f'<meta property="og:title" content="{escape(page.title)}">'
        )
        tags.append(f'<meta property="og:url" content="{page.url}"><link rel="canonical" href="{page.url}">')
    if page.og:
        tags.append(f'<meta property="og:type" content="{page.og}">')
    if page.og == "article" and page.date:
        tags.append(f'<meta property="article:published_time" content="{page.date}">')
    if page.ld:
        graph = {"@context": "https://schema.org", "@graph": [_node(page, kind) for kind in page.ld]}
        tags.append(f'<script type="application/ld+json">{json.dumps(graph, ensure_ascii=False)}</script>')
    return "\n".join([*tags, page.head])


def _node(page: Labelled, kind: str) -> dict[str, Any]:
    """One node of the JSON-LD; `NewsArticle-` is one that is not free to read."""
    name = kind.rstrip("-")
    node: dict[str, Any] = {"@type": name, "@id": f"{page.url}#{name.lower()}", "url": page.url}
    if name.endswith(("Article", "Posting")):
        node |= {"headline": page.title, "mainEntityOfPage": {"@type": "WebPage", "@id": page.url}}
        node |= {"datePublished": page.date} if page.date else {}
        node |= {"author": {"@type": "Person", "name": page.author}} if page.author else {}
        node |= {"isAccessibleForFree": False} if kind.endswith("-") else {}
    elif name == "BreadcrumbList":
        node["itemListElement"] = [
            {
                "@type": "ListItem",
                "position": n,
                "item": {"@type": "CollectionPage", "@id": f"{HOST}/s/{n}", "name": label},
            }
            for n, label in enumerate(FURNITURE[page.lang]["nav"][:2])
        ]
    elif name == "ItemList":
        node["itemListElement"] = [
            {"@type": "ListItem", "position": n, "url": f"{HOST}/story/{n}"} for n in range(1, 8)
        ]
    elif name == "VideoObject":
        node |= {
            "name": page.title,
            "uploadDate": page.date,
            "contentUrl": f"{HOST}/v/{page.number}.mp4",
            "duration": "PT2M11S",
        }
    else:
        node["name"] = page.title
    return node


def _elements(page: Labelled) -> Iterator[str]:
    """The HTML of the page's text, element by element; list items that follow each other are one list."""
    lines = [line.strip() for line in page.text.splitlines() if line.strip()]
    for mark, group in groupby(lines, lambda line: line[:2] if line[:2] in ("* ", "- ") else ""):
        if not mark:
            yield from (_element(page, line) for line in group)
            continue
        items = [
            _link(line[2:], f"/story/{page.number + n}") if mark == "- " else _inline(line[2:])
            for n, line in enumerate(group)
        ]
        yield f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _element(page: Labelled, line: str) -> str:
    mark, _, rest = line.partition(" ")
    made = _MARKS.get(mark)
    if made is not None:
        return made(page, rest)
    return line if line.startswith("<") else f"<p>{_inline(line)}</p>"


def _inline(text: str) -> str:
    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', escape(text, quote=False))


def _link(text: str, href: str) -> str:
    return f'<a href="{href}">{escape(text)}</a>'


def _card(page: Labelled, text: str) -> str:
    title, _, teaser = text.partition(" | ")
    href = f"/story/{sum(map(ord, title))}"
    return _fill(page, "card", text=escape(title), teaser=_inline(teaser), href=href)


def _byline(page: Labelled, _: str) -> str:
    return _fill(page, "byline", iso=page.date, day=page.date[:10], author=page.author)


def _prose(page: Labelled, count: str) -> str:
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in _stock(page, "prose", int(count)))


def _cards(page: Labelled, count: str) -> str:
    titles, teasers = _stock(page, "headlines", int(count)), _stock(page, "teasers", int(count))
    return "\n".join(_card(page, f"{title} | {teaser}") for title, teaser in zip(titles, teasers, strict=True))


def _links(page: Labelled, count: str) -> str:
    return f"<ul>{_list(_stock(page, 'headlines', int(count)))}</ul>"


def _form(_: Labelled, text: str) -> str:
    *labels, button = text.split(" | ")
    inputs = "".join(f'<label>{label} <input name="f{n}"></label>' for n, label in enumerate(labels))
    return f'<form method="post" action="/submit">{inputs}<button type="submit">{button}</button></form>'


def _poll(_: Labelled, text: str) -> str:
    question, *answers = text.split(" | ")
    return f'<div class="poll"><p class="poll__question">{question}</p>{_vote(_, " | ".join(answers))}</div>'


def _vote(_: Labelled, text: str) -> str:
    options = "".join(
        f'<label><input type="radio" name="vote" value="{n}"> {answer}</label>'
        for n, answer in enumerate(text.split(" | "))
    )
    return f'<form action="/vote" method="post">{options}<button type="submit">OK</button></form>'


_MARKS: dict[str, Callable[[Labelled, str], str]] = {
    "#": lambda page, text: _fill(page, "headline", text=escape(text)),
    "##": lambda _, text: f"<h2>{_inline(text)}</h2>",
    ">": lambda _, text: f"<blockquote><p>{_inline(text)}</p></blockquote>",
    "~": lambda page, text: _fill(page, "figure", text=escape(text)),
    "+": _card,
    "@byline": _byline,
    "@player": lambda page, text: _fill(page, "player", text=escape(text)),
    "@form": _form,
    "@poll": _poll,
    "@vote": _vote,
    "@prose": _prose,
    "@cards": _cards,
    "@links": _links,
}
