"""The pages that the model learns from: their blocks laid out, their labels, and the fold that each belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bench import Answer, Bench, Row
from benchmarks.model.labels import labels_of, tokens
from crawler.extraction.blocks import blocks_in, read_blocks
from crawler.extraction.container import article_container
from crawler.extraction.declared import read_declared
from crawler.extraction.html import parse_html
from crawler.extraction.metadata import read_metadata
from crawler.extraction.model.layout import Layout, known_of
from crawler.items import Page

FOLDS = 5
MAX_TOKENS = 80  # a longer block counts no more
PAGE_WEIGHT = 0.1  # scales the loss, and so what C means


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page with an answer: its labels and tokens are of the blocks that the model judges, in order."""

    layout: Layout
    labels: np.ndarray  # share of the block that stands in the answer, 0…1
    tokens: np.ndarray  # of each block
    brand: str

    @property
    def weights(self) -> np.ndarray:
        """What each block counts: by its tokens, so that a page counts by the square root of all of them."""
        counted = np.minimum(self.tokens, MAX_TOKENS) + 1.0
        weights: np.ndarray = counted / np.sqrt(counted.sum()) * PAGE_WEIGHT
        return weights


def labelled_pages(bench: Bench, rows: Sequence[Row]) -> Iterator[Labelled]:
    """The pages among ``rows`` that have a body to learn from, in order."""
    answers = bench.answers(rows)
    for row, page in zip(rows, bench.pages(rows), strict=True):
        answer = answers[row["id"]]
        if answer.get("body") and isinstance(page, Page):
            yield from _labelled(page, answer)


def _labelled(page: Page, answer: Answer) -> Iterator[Labelled]:
    """A page as it is read: the blocks in the element around most paragraphs, where there is one, and all blocks."""
    tree = parse_html(page.body, page.encoding)
    if tree is None:
        return
    declared = read_declared(tree, page.url)
    known = known_of(declared, read_metadata(tree, declared, page).title)
    container = article_container(tree, known.title)
    near = blocks_in(container) if container is not None else []
    for blocks in (near, read_blocks(tree)):
        layout = Layout(blocks, known)
        if layout.wanted:
            yield _answered(layout, answer)


def _answered(layout: Layout, answer: Answer) -> Labelled:
    blocks = layout.blocks
    texts = [block.text for block in blocks]
    return Labelled(
        layout=layout,
        labels=np.array(labels_of(texts, answer["body"]))[layout.wanted],
        tokens=np.array([len(tokens(texts[i])) for i in layout.wanted]),
        brand=brand_of(answer),
    )


def brand_of(answer: Answer) -> str:
    """The name of a site without its suffix: pages of one brand are never learned from and judged on at once."""
    return (answer.get("domain") or answer["id"]).split(".")[0]


def fold_of(brand: str, salt: str = "") -> int:
    """The fold that a brand's pages belong to, the same on any day."""
    return hashlib.sha256(f"3{salt}{brand}".encode()).digest()[0] % FOLDS
