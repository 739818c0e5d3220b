"""How much of each block of a page stands in the answer: the labels that the model learns from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

GRAM = 4  # tokens
LEAST_SHARE = 0.3  # of a block's grams in the answer for it to have a place there
MAX_PLACES = 6  # of one gram in the answer
GAP_TOKENS = 80  # how far from its neighbours' place a short block is looked for
REPEATED = 0.3  # of a block's place in the answer taken by others, and it is a repeat

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def tokens(text: str) -> list[str]:
    """Words; single characters of scripts without spaces, as the scorer counts them."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A place in the answer where a block may stand."""

    block: int
    start: int
    weight: float


def labels_of(texts: Sequence[str], answer: str) -> list[float]:
    """The share of each text's 4-grams that stand in the answer, 0…1, in reading order and each place once.

    A text that comes again (a teaser, the headline) is 0 the second time. Texts of fewer than four tokens are 1 where
    they stand in the answer between their neighbours' places.
    """
    return _Alignment(texts, answer).labels()


class _Alignment:
    def __init__(self, texts: Sequence[str], answer: str) -> None:
        self.gold = tokens(answer)
        self.texts = [tokens(text) for text in texts]
        self.grams: dict[tuple[str, ...], list[int]] = {}
        for i, gram in enumerate(_grams(self.gold)):
            self.grams.setdefault(gram, []).append(i)
        self.shares = [self._share(text) for text in self.texts]
        self.covered = np.zeros(len(self.gold) + 1, bool)

    def labels(self) -> list[float]:
        found = [0.0] * len(self.texts)
        candidates = [c for block in range(len(self.texts)) for c in self._places(block)]
        chain = _best_chain(candidates)
        for block, start in chain.items():
            found[block] = self.shares[block]
            self.covered[start : start + len(self.texts[block])] = True
        for c in candidates:  # out of order, but of its own
            end = min(len(self.gold), c.start + len(self.texts[c.block]))
            if not found[c.block] and c.start < end and self.covered[c.start : end].mean() < REPEATED:
                found[c.block] = self.shares[c.block]
                self.covered[c.start : end] = True
        for block, text in enumerate(self.texts):
            if not found[block] and 0 < len(text) < GRAM and self._stands_between(block, chain):
                found[block] = 1.0
        return found

    def _share(self, text: Sequence[str]) -> float:
        grams = list(_grams(text))
        return sum(gram in self.grams for gram in grams) / len(grams) if grams else 0.0

    def _places(self, block: int) -> Iterator[_Candidate]:
        if self.shares[block] < LEAST_SHARE:
            return
        hits = [(i, gram) for i, gram in enumerate(_grams(self.texts[block])) if gram in self.grams]
        starts: list[int] = []
        for i, gram in hits[:3] + hits[-1:]:
            for place in self.grams[gram][:MAX_PLACES]:
                if all(abs(place - i - start) >= GRAM + 2 for start in starts):
                    starts.append(place - i)
        weight = self.shares[block] * len(self.texts[block])
        yield from (_Candidate(block, start, weight) for start in sorted({max(0, s) for s in starts}, reverse=True))

    def _stands_between(self, block: int, chain: dict[int, int]) -> bool:
        text, low, high = self.texts[block], *self._gap(block, chain)
        for start in range(low, min(high, len(self.gold)) - len(text) + 1):
            end = start + len(text)
            if self.gold[start:end] == text and not self.covered[start:end].any():
                self.covered[start:end] = True
                return True
        return False

    def _gap(self, block: int, chain: dict[int, int]) -> tuple[int, int]:
        """From where to where in the answer a short block may stand."""
        order = sorted(chain)
        after = bisect_left(order, block)
        before = order[after - 1] if after else None
        low = chain[before] + max(1, len(self.texts[before]) - 2) if before is not None else 0
        high = chain[order[after]] + 3 if after < len(order) else len(self.gold)
        if before is None:
            return max(0, high - GAP_TOKENS), high
        return low, min(high, low + GAP_TOKENS)


def _grams(text: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(text[i : i + GRAM]) for i in range(len(text) - GRAM + 1))


def _best_chain(candidates: Sequence[_Candidate]) -> dict[int, int]:
    """Block → place, of the heaviest chain of candidates that goes forward in the page and in the answer."""
    if not candidates:
        return {}
    blocks = np.array([c.block for c in candidates])
    starts = np.array([c.start for c in candidates])
    best = np.array([c.weight for c in candidates])
    before = np.full(len(candidates), -1)
    for i in range(1, len(candidates)):
        fits = np.flatnonzero((blocks[:i] < blocks[i]) & (starts[:i] <= starts[i]))
        if len(fits):
            before[i] = fits[best[fits].argmax()]
            best[i] += best[before[i]]
    chain, at = {}, int(best.argmax())
    while at >= 0:
        chain[int(blocks[at])] = int(starts[at])
        at = int(before[at])
    return chain
