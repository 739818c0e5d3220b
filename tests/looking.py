"""Small sites for ``dateline add`` to look at, and its cards of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.conftest import Result
from tests.loopback import Reply, Served

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
OFFSET = '<meta property="article:published_time" content="2025-07-0{}T10:00:00+03:00">'
ENGLISH = (
    "{0}, the council told the town on Monday, after {1} weeks in which nobody but the keepers had asked for it.",
    "Of the {1} people who came to the meeting on it most had known that {0}, and {1} of them had asked for a vote.",
    "The keeper hopes for {1} more hands before the winter, and said of the news that {0} only that it was time.",
)
GERMAN = (
    "{0}: Der Rat der Stadt hat das am Montag gesagt, und das ist nicht die erste Meldung mit Folgen für den Ort.",
    "Von den {1} Menschen, die auf der Sitzung waren, haben die meisten von der Sache ({0}) schon länger gewusst.",
    "Die Stadt hofft auf {1} Helfer, und das ist auf der Liste von den Wünschen nicht der letzte, sagt man zu {0}.",
)


def look(dateline: Dateline, site: Served, *arguments: object, path: str = "/") -> dict[str, Any]:
    """The card of a site, as JSON."""
    result = dateline("add", f"{site.base}{path}", *LOCAL, "--json", *arguments)
    assert result.out, result.err
    card: dict[str, Any] = json.loads(result.out)
    return card


def kinds(card: dict[str, Any]) -> set[str]:
    return {warned["kind"] for warned in card["warnings"]}


def said(card: dict[str, Any], kind: str) -> str:
    return next(warned["said"] for warned in card["warnings"] if warned["kind"] == kind)


def front(*titles: str, lang: str = "en") -> Reply:
    links = "".join(f'<h2><a href="{path_of(title)}">{title} and what the council says</a></h2>' for title in titles)
    return Reply(body=f'<!doctype html><html lang="{lang}"><title>Paper</title><body>{links}</body></html>')


def path_of(title: str) -> str:
    return f"/2025/07/{title.lower().replace(' ', '-')}-and-what-the-council-says"


def article(title: str, *, head: str = "", more: str = "", lang: str = "en", text: Sequence[str] = ENGLISH) -> Reply:
    """An article that is no other's twin."""
    paragraphs = "".join(f"<p>{sentence.format(title, sum(map(ord, title)))}</p>" for sentence in text)
    return Reply(
        body=f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article">{head}</head><body><main><article><h1>{title}</h1>'
        f"{paragraphs}{more}</article></main></body></html>"
    )


def site_of(*articles: tuple[str, Reply], lang: str = "en") -> dict[str, Reply | list[Reply]]:
    """A site of a front page and articles."""
    return {"/": front(*(title for title, _ in articles), lang=lang), **{path_of(t): reply for t, reply in articles}}


TITLES = ("The bridge is shut", "The ferry starts", "The market moves", "The choir sings", "The weir leaks", "A sixth")
