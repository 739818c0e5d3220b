"""Texts that speak to a terminal, turn a line round, or break a file of lines: what is said and written stays whole."""

from __future__ import annotations

from html import escape

from crawler.items import Outcome
from tests.hostile.articles import Article, article
from tests.hostile.case import Case, Reply

ESC = "\x1b"
ODD = f"{ESC}[2J\x9b31m\u202eevil\u2028\u0085"

# a title as the page has it, and as it is written
_TITLES = {
    "escapes": (
        f"Mill {ESC}[31mred{ESC}[0m {ESC}]8;;http://x.test/{ESC}\\link{ESC}]52;c;aGk={ESC}\\ burns for a day",
        "Mill [31mred [0m ]8;;http://x.test/ \\link ]52;c;aGk= \\ burns for a day",
    ),
    "references": ("Mill &#27;[31mred&#155;0m burns for a day", "Mill [31mred›0m burns for a day"),
    "overrides": (
        "Ferry \u202egnp.exe\u202c and \u2066its\u2069 \u200fcrew\u200e come home",
        "Ferry gnp.exe and its crew come home",
    ),
    "unseen": ("Har\u200bbour\ufeff wall\u2060 is\u00ad mended at last", "Harbour wall is mended at last"),
    "lines": ("Quay\u2028opens\u2029to\u0085all\r\nwalkers\tagain today", "Quay opens to all walkers again today"),
    "emoji": ("🚒🔥 Mill burns 👩\u200d🚒 🏳️\u200d🌈 for a day", "🚒🔥 Mill burns 👩\u200d🚒 🏳️\u200d🌈 for a day"),
    "marks": ("Mi\u0336\u0337ll b\u0321\u0322urns for a day", "Mi\u0336\u0337ll b\u0321\u0322urns for a day"),
    "script": (
        escape("The <script>alert(1)</script> & the <b>mill</b> of Kelby"),
        "The alert(1) & the mill of Kelby",
    ),
    "formula": ("=cmd|' /C calc'!A0 is what the mill sold", "=cmd|' /C calc'!A0 is what the mill sold"),
}


def _titled(held: Article, title: str) -> bytes:
    return held.html.replace(held.title, title).encode("utf-8", "surrogatepass")


def _everywhere(held: Article) -> bytes:
    """Odd characters in all that is read of a page besides its title and text."""
    names = ("author", "description", "keywords", "article:section", "og:site_name", "og:image")
    metas = "".join(f'<meta name="{n}" property="{n}" content="Anna {ODD} Bell\ud800">' for n in names)
    links = f'<link rel="canonical" href="/news/{ODD}">'
    return held.html.replace("</head>", f"{metas}{links}</head>").encode("utf-8", "surrogatepass")


def _path(name: str) -> str:
    return f"/news/strings-{name}-9"


CASES = (
    Case(
        name="strings",
        pages={
            **{
                _path(name): Reply(body=_titled(article(f"strings-{name}"), title), is_literal=True)
                for name, (title, _) in _TITLES.items()
            },
            _path("everywhere"): Reply(body=_everywhere(article("strings-everywhere")), is_literal=True),
            _path("long"): Reply(
                body=lambda: _titled(article("strings-long"), article("strings-long").title * 20_000), is_literal=True
            ),
        },
        holds={_path(name): article(f"strings-{name}") for name in (*_TITLES, "everywhere", "long")},
        title={
            _path("long"): "Strings long 9",  # the words of its address
            **{_path(name): title for name, (_, title) in _TITLES.items() if title},
        },
    ),
    Case(
        name="odd-answers",
        pages={
            "/news/odd-answers-type-9": Reply(body=b"%PDF-", kind="application/pdf \x9b31m\x1b[2J", is_literal=True),
        },
        ends={
            "/news/odd-answers-type-9": Outcome.NOT_AN_ARTICLE,
            "/news/odd-answers-\u202eevil\u200b-9": Outcome.HTTP_STATUS,
        },
    ),
)
