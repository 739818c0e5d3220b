"""Two texts side by side, line by line, each word kept or not as the scorer counts it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from crawler.terminal import one_line

GRAM = 4  # words, as in the scorer's shingles
ALIKE = 0.5  # of the shorter line's words that two lines must share to stand beside each other
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")  # scripts without spaces by the character, as in the scorer


class Fate(StrEnum):
    """What became of a line: it stands in both texts, in the answer alone, or in ours alone."""

    KEPT = "kept"
    LOST = "lost"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of a line: whether its words stand in the other text, too."""

    text: str
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of one text as stretches, and how many of its words are kept."""

    runs: tuple[Run, ...]
    words: frozenset[str]
    kept: int
    total: int

    @property
    def text(self) -> str:
        """The line as it was."""
        return "".join(run.text for run in self.runs)

    @property
    def is_kept(self) -> bool:
        """Whether most of its words are."""
        return 2 * self.kept >= self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the answer, of ours, or of both beside each other, where they are alike."""

    answer: Line | None
    ours: Line | None

    @property
    def fate(self) -> Fate:
        """Kept too where the other text has the words on lines of another cut."""
        if (self.answer or self.ours) and all(line.is_kept for line in (self.answer, self.ours) if line):
            return Fate.KEPT
        return Fate.LOST if self.answer and not self.answer.is_kept else Fate.EXTRA


def align(answer: str, ours: str) -> list[Row]:
    """The lines of two texts in reading order, those that are alike beside each other."""
    left_texts, right_texts = _lines(answer), _lines(ours)
    left, right = _marked(left_texts, right_texts), _marked(right_texts, left_texts)
    rows: list[Row] = []
    next_left = next_right = 0
    same = SequenceMatcher(None, left_texts, right_texts, autojunk=False).get_matching_blocks()
    for i, j, size in same:
        rows.extend(_paired(left[next_left:i], right[next_right:j]))
        rows.extend(Row(answer=a, ours=b) for a, b in zip(left[i : i + size], right[j : j + size], strict=True))
        next_left, next_right = i + size, j + size
    return rows


def _lines(text: str) -> list[str]:
    return [line for line in map(one_line, re.split(r"[\r\n]+", text)) if line]


def _marked(texts: Sequence[str], other: Sequence[str]) -> list[Line]:
    """Lines whose words are kept where a run of four, across lines, stands in the other text as often."""
    words = [word for text in texts for word in _WORD.findall(text)]
    left = Counter(_grams([word for text in other for word in _WORD.findall(text)]))
    kept = [False] * len(words)
    for start, gram in enumerate(_grams(words)):
        if left[gram] > 0:
            left[gram] -= 1
            kept[start : start + len(gram)] = [True] * len(gram)
    verdicts = iter(kept)
    return [_line(text, verdicts) for text in texts]


def _grams(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if words:
        yield from (tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1)))


def _line(text: str, verdicts: Iterator[bool]) -> Line:
    """A line whose words take the next verdicts; what stands between two words goes with the first."""
    found = list(_WORD.finditer(text))
    kept = [next(verdicts) for _ in found]
    starts = [0, *(match.start() for match in found[1:]), len(text)]
    pieces = [(text[a:b], is_kept) for a, b, is_kept in zip(starts, starts[1:], kept or [True], strict=False)]
    runs: list[Run] = []
    for piece, is_kept in pieces:
        if runs and runs[-1].is_kept == is_kept:
            runs[-1] = Run(text=runs[-1].text + piece, is_kept=is_kept)
        else:
            runs.append(Run(text=piece, is_kept=is_kept))
    words = frozenset(match[0].casefold() for match in found)
    return Line(runs=tuple(runs), words=words, kept=sum(kept), total=len(kept))


def _paired(left: Sequence[Line], right: Sequence[Line]) -> Iterator[Row]:
    """Lines between two that are the same: each line of the answer beside the next of ours that is like it."""
    done = 0
    for line in left:
        like = next((j for j in range(done, len(right)) if _is_alike(line, right[j])), None)
        if like is None:
            yield Row(answer=line, ours=None)
            continue
        yield from (Row(answer=None, ours=other) for other in right[done:like])
        yield Row(answer=line, ours=right[like])
        done = like + 1
    yield from (Row(answer=None, ours=other) for other in right[done:])


def _is_alike(one: Line, other: Line) -> bool:
    if not one.kept or not other.kept:  # common words alone make no two lines alike
        return False
    return len(one.words & other.words) > ALIKE * min(len(one.words), len(other.words))
