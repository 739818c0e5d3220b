"""What the first stage is told of each block: the same numbers for training and for running."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import accumulate
from math import log1p

from crawler.extraction.blocks import LINKED_SHARE, PROSE_CHARS, Block
from crawler.extraction.model.layout import LABEL_CHARS, Layout, words_of
from crawler.extraction.model.odds import NameOdds, word_odds
from crawler.extraction.model.places import TOLD_TAGS
from crawler.extraction.model.weights import Weights
from crawler.extraction.text import text_key
from crawler.items import BlockKind

MARKS = (
    "menu", "related", "share", "newsletter", "subscription", "donation", "advertisement", "app", "comments", "caption",
    "figure", "byline", "author_bio", "tags", "cookies", "audio", "factbox", "poll", "hidden", "aside", "form",
)  # fmt: skip
OFFSETS = (-3, -2, -1, 1, 2, 3)
LEVELS = 3  # elements around the block's own
PROSE_SIZE = log1p(PROSE_CHARS)

TEXT = (
    "size", "words", "word_length", "capitals", "digits", "ends_sentence", "starts_low", "commas", "sentences",
    "quotes", "linked", "is_link", "strong", "ends_colon", "ends_dots", "has_bar", "has_arrow", "copyright", "at",
    "question", "exclamation", "is_label", "is_line", "common_words", "is_repeated",
)  # fmt: skip
KIND = ("h1", "h2", "h3", "heading", "item", "quote", "row", "p", "div", "span", "cell", "a", "after_br")
TITLE = (
    "is_title", "title_words", "in_description", "in_declared", "has_declared", "before_headline", "after_headline",
    "has_headline",
)  # fmt: skip
POSITION = ("index", "size_before", "index_from_end")
CONTAINER = (
    "in_best", "levels_up", "levels_out", *(f"prose_{level}" for level in range(LEVELS)), "linked_0", "linked_1",
    "blocks_0", "blocks_1", "density_0", "density_1",
)  # fmt: skip
GROUP = ("group_blocks", "group_prose", "group_linked", "group_size", "group_in_best")
NEAR = tuple(
    f"{name}{offset:+d}"
    for offset in OFFSETS
    for name in ("size", "linked", "ends_sentence", "heading", "is_alike", "is_sibling")
)
AROUND = (*(f"<{tag}>" for tag in TOLD_TAGS), *(f"mark {mark}" for mark in MARKS), "mark_share")
ODDS = (
    "near_odds", "near_least", "far_odds", "far_least", "inside_odds", "inside_least", "word_odds", "word_least",
    "word_most",
)  # fmt: skip
CROSS = ("prose_in_best", "line_in_best", "line_in_prose", "line_by_links", "linked_size", "line_odds")
NAMES = (*TEXT, *KIND, *TITLE, *POSITION, *CONTAINER, *GROUP, *NEAR, *AROUND, *ODDS, *CROSS)

_CAPITAL = re.compile(r"\b[A-ZÀ-ÞА-ЯЁҐЄІЇ]")
_ENDS = tuple(".!?…。！？")
_CLOSERS = "\"'”’»)]"  # behind a sentence's end
_SENTENCE = re.compile(r"[.!?…](?:[\"'”’»)\]]*\s|$)|[。！？]")
_QUOTES = frozenset('“”„«»「"')
_ARROWS_BEFORE, _ARROWS_AFTER = frozenset("▶►→»>•·-–—+▸›"), frozenset("→»›>▸")
_NUMBER_OF_TAG = {tag: number for number, tag in enumerate(TOLD_TAGS)}
_DIGITS = b"0123456789"
_NOBODY = (0.0, 0.5, 0.0, 0.0, 0.0, 0.0)  # beyond the page's ends


def feature_rows(layout: Layout, weights: Weights) -> dict[int, list[float]]:
    """For each wanted block, by its position, a list of numbers in the order of NAMES."""
    return _Rows(layout, weights).all()


class _Rows:
    def __init__(self, layout: Layout, weights: Weights) -> None:
        self.layout = layout
        self.weights = weights
        self.name_odds = NameOdds(layout, weights)
        self.title = text_key(layout.known.title)
        self.title_words = frozenset(words_of(layout.known.title))
        self.description = text_key(layout.known.description)
        self.declared = text_key(layout.known.article_body)
        self.times = Counter(layout.keys.values())
        self.mark_share = self._shares_of_marks()
        self.of_marks: dict[frozenset[str], list[float]] = {}  # many blocks have the same
        self.near = [_seen_from_beside(block, size) for block, size in zip(layout.blocks, layout.sizes, strict=True)]

    def all(self) -> dict[int, list[float]]:
        blocks, places = self.layout.blocks, self.layout.places.of
        size_to = [0.0, *accumulate(self.layout.sizes)]
        rows = {}
        for i in self.layout.wanted:
            odds = self.name_odds.of(places[i]) + word_odds(self.layout.words[i], self.weights)
            row = self.text(i) + self.kind(i) + self.heading(i)
            row += (log1p(i), size_to[i] / self.layout.total, log1p(len(blocks) - i))
            row += self.container(i) + self.group(i) + self.neighbours(i) + self.tags(i) + self.marks(i)
            rows[i] = row + odds + self.crosses(i, odds[6])
        return rows

    def text(self, i: int) -> list[float]:
        block, words, size = self.layout.blocks[i], self.layout.words[i], self.layout.sizes[i]
        text, count = block.text, len(words) or 1
        return [
            self.near[i][0],
            log1p(len(words)),
            min(size / count, 12.0),
            len(_CAPITAL.findall(text)) / count,
            _digits(text) / len(text),
            self.near[i][2],
            float(text[0].islower()),
            (text.count(",") + text.count("、") + text.count("،")) / count,
            log1p(len(_SENTENCE.findall(text))),
            float(not _QUOTES.isdisjoint(text)),
            block.link_share,
            float(block.link_share >= LINKED_SHARE),
            min(1.0, block.strong_chars / len(text)),
            float(text[-1] in ":："),
            float(text.endswith(("…", "..."))),
            float("|" in text or " / " in text),
            float(text[0] in _ARROWS_BEFORE or text[-1] in _ARROWS_AFTER),
            float("©" in text),
            float("@" in text),
            float("?" in text),
            float("!" in text),
            float(size < LABEL_CHARS),
            float(size < PROSE_CHARS),
            sum(map(self.layout.common.__contains__, words)) / count,
            float(self.times[self.layout.keys[i]] > 1),
        ]

    def kind(self, i: int) -> list[float]:
        block = self.layout.blocks[i]
        return [*_kinds(block.element.tag, block.kind), float(block.follows_br)]

    def heading(self, i: int) -> list[float]:
        """How the text stands to the headline and to what the page declares."""
        key, words, headline = self.layout.keys[i], self.layout.words[i], self.layout.headline
        in_description = key in self.description or (len(self.description) > 40 and self.description in key)
        return [
            float(bool(key) and key == self.title),
            sum(map(self.title_words.__contains__, words)) / (len(words) or 1),
            float(len(key) > 20 and in_description),
            float(len(key) > 8 and key in self.declared),
            float(len(self.declared) > 200),
            log1p(max(0, headline - i)),
            log1p(max(0, i - headline)),
            float(headline >= 0),
        ]

    def container(self, i: int) -> list[float]:
        layout, block, size = self.layout, self.layout.blocks[i], self.layout.sizes[i]
        own_prose, own_linked = size if block.is_prose else 0.0, size * block.link_share
        prose: list[float] = []
        linked: list[float] = []
        blocks: list[float] = []
        density: list[float] = []
        place = layout.places.of[i].outer
        for _ in range(LEVELS):  # what the others in each element around it are
            if place is None:
                prose.append(1.0)
                linked.append(0.5)
                blocks.append(log1p(len(layout.blocks)))
                density.append(0.5)
                continue
            others = place.chars - size
            prose.append((place.prose - own_prose) / layout.total_prose)
            linked.append(_share(place.linked - own_linked, others))
            blocks.append(log1p(place.blocks))
            density.append(_share(place.prose - own_prose, others))
            place = place.outer
        where = layout.where[i]
        found = [float(where.is_inside), log1p(where.up), log1p(where.out)]
        return found + prose + linked[:2] + blocks[:2] + density[:2]

    def group(self, i: int) -> list[float]:
        group = self.layout.group_sums[self.layout.groups[i]]
        return [
            log1p(group.blocks),
            group.prose / self.layout.total_prose,
            group.linked / group.size,
            log1p(group.size / group.blocks),
            group.inside / group.blocks,
        ]

    def neighbours(self, i: int) -> list[float]:
        groups, places = self.layout.groups, self.layout.places.of
        group, outer = groups[i], places[i].outer
        found: list[float] = []
        for offset in OFFSETS:
            j = i + offset
            if 0 <= j < len(groups):
                found += self.near[j]
                found += (float(groups[j] == group), float(places[j].outer is outer))
            else:
                found += _NOBODY
        return found

    def tags(self, i: int) -> list[float]:
        """How near each told tag is around the block: 1 for its own element, 0 for none."""
        place = self.layout.places.of[i]
        near = [0.0] * len(TOLD_TAGS)
        for tag, depth in place.tags.items():
            near[_NUMBER_OF_TAG[tag]] = 1 / (1 + place.depth - depth)
        return near

    def marks(self, i: int) -> list[float]:
        marks = self.layout.marks[i]
        if marks not in self.of_marks:
            share = max((self.mark_share.get(mark, 0.0) for mark in marks), default=0.0)
            self.of_marks[marks] = [*(float(mark in marks) for mark in MARKS), share]
        return self.of_marks[marks]

    def crosses(self, i: int, word_odds: float) -> list[float]:
        block, size, inside = self.layout.blocks[i], self.layout.sizes[i], self.layout.where[i].is_inside
        is_line = size < PROSE_CHARS
        before = self.near[i - 1] if i else _NOBODY
        after = self.near[i + 1] if i + 1 < len(self.near) else _NOBODY
        in_prose = min(before[0], after[0]) > PROSE_SIZE and max(before[1], after[1]) < 0.5
        return [
            float(inside and block.is_prose),
            float(inside and is_line),
            float(is_line and in_prose),
            float(is_line and max(before[1], after[1]) > LINKED_SHARE),
            block.link_share * log1p(size),
            word_odds if is_line else 0.0,
        ]

    def _shares_of_marks(self) -> dict[str, float]:
        held: defaultdict[str, float] = defaultdict(float)
        for block, size, marks in zip(self.layout.blocks, self.layout.sizes, self.layout.marks, strict=True):
            for mark in marks if block.is_prose else ():
                held[mark] += size
        return {mark: chars / self.layout.total_prose for mark, chars in held.items()}


@lru_cache(maxsize=512)  # strangers invent tags
def _kinds(tag: str, kind: BlockKind) -> tuple[float, ...]:
    kinds = (BlockKind.HEADING, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.TABLE)
    return (
        *(float(tag == name) for name in ("h1", "h2", "h3")),
        *(float(kind is k) for k in kinds),
        *(float(tag == name) for name in ("p", "div", "span")),
        float(tag in ("td", "th")),
        float(tag == "a"),
    )


def _digits(text: str) -> int:
    if text.isascii():  # as bytes, in a tenth of the time
        return len(text) - len(text.encode().translate(None, _DIGITS))
    return sum(map(str.isdigit, text))


def _seen_from_beside(block: Block, size: float) -> tuple[float, float, float, float]:
    is_heading = block.kind is BlockKind.HEADING
    return log1p(size), block.link_share, float(block.text.rstrip(_CLOSERS).endswith(_ENDS)), float(is_heading)


def _share(part: float, whole: float) -> float:
    """A part of the text beside a block; a half where there is none."""
    return part / whole if whole > 0.5 else 0.5
