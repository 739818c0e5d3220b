"""Pages that are built to be slow: deep, wide, and with the marks that are looked at on every element."""

from __future__ import annotations

import pytest

from crawler.extraction.article import About
from crawler.extraction.blocks import MAX_WRAPPERS, read_blocks
from crawler.extraction.boilerplate import clean_body
from crawler.extraction.html import parse_html

MANY = 3_000
PROSE = "<p>Divers went into the mill pool at first light with lamps, sandbags and a very long list of worries.</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<tr>" + "<td>9</td>" * 3 * MANY + "</tr>",
        f"<article><h2><a href=/x>A gate</a></h2>{PROSE}</article>" * (MANY // 5),
        f"<div class=share>{PROSE}" * MANY,
        f"<article>{PROSE}" * MANY,
        "<h2>A heading of nothing</h2>" * MANY,
        "<ul><li><a href=/x>one</a><li><a href=/y>two</a></ul>" * MANY,
    ],
    ids=["cells", "cards", "marks", "nested articles", "headings", "lists of links"],
)
def test_body_is_cleaned_soon_when_a_page_is_a_trap(html: str) -> None:
    tree = parse_html(f"<main><table>{html}".encode() if html[1] == "t" else f"<main>{html}".encode())
    assert tree is not None
    blocks = read_blocks(tree)
    assert len(clean_body(blocks, About(title="Weir repair begins", languages=("en",))).kept) <= len(blocks)


def test_wrappers_are_those_nearest_to_a_block_when_many_are_around_it() -> None:
    tree = parse_html(("<div class=share>" * 200 + "<div class=newsletter>Harbour notes</div>").encode())
    assert tree is not None
    (block,) = read_blocks(tree)
    assert len(block.wrappers) == MAX_WRAPPERS
    assert block.wrappers[-1].marks == {"newsletter"}
