"""The article is looked for in the element around most paragraphs first, and on the whole page where in doubt."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crawler.extraction import body
from crawler.extraction import extract as whole
from crawler.extraction.article import About
from crawler.extraction.blocks import blocks_in, read_blocks
from crawler.extraction.body import Found, find_anywhere, find_near
from crawler.extraction.container import article_container
from crawler.extraction.declared import read_declared
from crawler.extraction.explain import OUTSIDE, Fate, explain
from crawler.extraction.html import parse_html
from crawler.extraction.model import features
from crawler.extraction.model.weights import Weights
from crawler.items import Extract, Page, Reason, Refused

TITLE = "The chain ferry stays on its chain for another winter"
TEXT = [
    f"{sentence} The council wants to hear both banks again before the ice comes, and has put the matter on the list "
    f"for the {number}th of the month, when the ferryman will bring the broken link along and lay it on the table."
    for number, sentence in enumerate(
        (
            "The chain ferry between the two halves of the village will run until the spring.",
            "Its motor is older than the ferryman, who is older than the bridge that was never built.",
            "Farmers with hay on the other bank had asked for a boat with a wheel and a bell.",
            "A family that moved to the far bank in the summer goes to school by it every day.",
            "The link that broke in August was forged by the smith in one night and held at once.",
            "Whoever wants to cross after dark rings twice and waits for the lamp on the other side.",
        ),
        start=4,
    )
]
PARTS = ["".join(f"<p>{text}</p>" for text in part) for part in (TEXT[:3], TEXT[3:])]
PROSE = "".join(PARTS)
MENU = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("home", "river", "sport", "weather"))
HEAD = f"<h1>{TITLE}</h1>"
FOOT = "<footer><p>© River Post. All rights reserved.</p></footer>"
URL = "https://river.example/news/chain-ferry-4711"
UNDECIDED = Weights(names={}, words={}, bias=0.0, slopes=[0.0] * len(features.NAMES), start=0.405, trees=[])


def page(inner: str, before: str = "", after: str = "") -> bytes:
    """A page with a menu, these parts in its ``article`` and round it, and a footer."""
    return (
        f'<html lang="en"><head><title>{TITLE}</title></head><body><nav><ul>{MENU}</ul></nav><main id="main">{before}'
        f'<article class="story">{inner}</article>{after}</main>{FOOT}</body></html>'
    ).encode()


def container_of(html: bytes) -> tuple[str, str | None] | None:
    tree = parse_html(html)
    assert tree is not None
    found = article_container(tree, TITLE)
    return None if found is None else (found.tag, found.get("class"))


def found(html: bytes, weights: Weights | None = None) -> tuple[Found | None, Found]:
    """The article near most paragraphs, and among all blocks."""
    tree = parse_html(html)
    assert tree is not None
    declared, about = read_declared(tree, URL), About(title=TITLE, languages=("en",))
    return find_near(tree, declared, about, weights), find_anywhere(tree, URL, declared, about, weights)


def extracted(html: bytes) -> Extract | Refused:
    return whole.extract(Page(url=URL, body=html, fetched_at=dt.date(2025, 9, 1)))


@pytest.mark.parametrize(
    ("html", "container"),
    [
        (page(HEAD + PROSE), ("article", "story")),
        (page(f'{HEAD}<div class="text">{PROSE}</div>'), ("article", "story")),
        (page(f"<div>{PROSE}</div>", before=HEAD), ("main", None)),
        (page(f'<div class="text">{PROSE}</div>').replace(b"<h1>", b"<p>"), ("div", "text")),
        (page(f"<section>{HEAD}{PARTS[0]}</section><section>{PARTS[1]}</section>"), ("article", "story")),
        (page(HEAD + f"<p>{TEXT[0]}</p>"), None),
        (page(HEAD).replace(b"<nav>", f"<div>{PROSE}</div><nav>".encode()), None),
        (page(HEAD + PROSE.replace("<p>", "<div>").replace("</p>", "</div>")), None),
        (page(f"<template><div>{HEAD}{PROSE}</div></template>"), None),
        (page(f'<span class="hidden"><div>{HEAD}{PROSE}</div></span>'), None),
    ],
    ids=[
        *("article", "inner", "headline before", "no headline", "two parts"),
        *("little", "whole page", "no paragraphs", "unseen", "in a line"),
    ],
)
def test_the_container_is_the_smallest_element_round_headline_and_most_paragraphs(
    html: bytes, container: tuple[str, str | None] | None
) -> None:
    assert container_of(html) == container


def test_comments_of_a_few_lines_do_not_widen_the_container() -> None:
    comments = f"<section><h2>Comments</h2><p>{TEXT[0]}</p></section>"
    assert container_of(page(HEAD + PROSE, after=comments)) == ("article", "story")


def test_near_and_on_the_whole_page_the_same_is_found() -> None:
    aside = (
        '<aside class="related"><h3>Read on</h3><ul><li><a href="/5">The smith sells his anvil</a></li></ul></aside>'
    )
    near, anywhere = found(page(f"{HEAD}<p class=byline>By Ada Quay</p>{PROSE}{aside}", after=f"<div>{aside}</div>"))
    assert near is not None
    assert [block.text for block in near.body.kept] == [block.text for block in anywhere.body.kept] == TEXT
    assert [removed for _, removed in near.body.removed] == [removed for _, removed in anywhere.body.removed]
    assert len(near.blocks) < len(anywhere.blocks)


def test_blocks_in_an_element_are_as_among_those_of_the_whole_page() -> None:
    wrapped = f'<div class="newsletter-box"><ol><li><div class="inner">{PROSE}</div></li></ol></div>'
    tree = parse_html(page(HEAD + wrapped))
    assert tree is not None
    (inner,) = tree.xpath("//div[@class='inner']")
    in_page = [block for block in read_blocks(tree) if block.element.getparent() is inner]
    near = blocks_in(inner)
    assert [(b.text, b.kind, [w.marks for w in b.wrappers]) for b in near] == [
        (b.text, b.kind, [w.marks for w in b.wrappers]) for b in in_page
    ]
    assert near[0].wrappers


def test_where_the_model_is_not_sure_nothing_is_found_near() -> None:
    near, anywhere = found(page(HEAD + PROSE), UNDECIDED)
    assert near is None
    assert [block.text for block in anywhere.body.kept] == TEXT


def test_a_page_is_read_once_where_nothing_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> list[object]:
        raise AssertionError("read whole")

    monkeypatch.setattr(body, "read_blocks", never)
    article = extracted(page(HEAD + PROSE))
    assert isinstance(article, Extract)
    assert list(article.paragraphs) == TEXT


def test_no_page_is_refused_before_all_of_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[Found] = []
    seen_of = whole.seen_of

    def seen(tree: object, metadata: object, dates: object, blocks: object, of: object) -> object:
        judged.append(blocks)
        return replace(seen_of(tree, metadata, dates, blocks, of), title="Contact")

    monkeypatch.setattr(whole, "seen_of", seen)
    refused = extracted(page(HEAD + PROSE))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.STATIC
    near, anywhere = judged
    assert len(near) < len(anywhere)


@pytest.mark.parametrize("element", ["noscript", "template"])
def test_a_text_in_an_element_that_shows_none_is_explained(element: str) -> None:
    html = page(f"<{element}><div>{HEAD}{PROSE}</div></{element}>")
    told = explain(Page(url=URL, body=html, fetched_at=dt.date(2025, 9, 1)))
    kept = ["".join(part.text for part in line.parts) for line in told.lines if line.fate is Fate.KEPT]
    assert kept == TEXT


def test_an_explanation_tells_what_stands_outside_in_its_order() -> None:
    told = explain(Page(url=URL, body=page(HEAD + PROSE), fetched_at=dt.date(2025, 9, 1)))
    texts = ["".join(part.text for part in line.parts) for line in told.lines]
    assert texts == ["Home", "River", "Sport", "Weather", TITLE, *TEXT, "© River Post. All rights reserved."]
    outside = [line for line in told.lines if line.reason == OUTSIDE]
    assert [line.fate for line in outside] == [Fate.ELSEWHERE] * 5
