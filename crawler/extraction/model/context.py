"""What the first stage says of the blocks around a block: the second stage's numbers, one list a block."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import log, log1p

from crawler.extraction.model.layout import Layout

OFFSETS = (-3, -2, -1, 1, 2, 3)
WINDOWS = (3, 8)  # blocks before and after
LEVELS = 5  # of elements around a block
SURE = 0.8
NO_SURE = 5.0  # the distance where no block is sure

NAMES = (
    "p", "logit", *(f"p{offset:+d}" for offset in OFFSETS),
    *(f"p_{side}_{size}" for size in WINDOWS for side in ("before", "after")),
    *(f"{name}_{level}" for level in range(LEVELS) for name in ("around", "around_others", "mass", "mass_others")),
    "group", "group_others", "group_mass", "mass_before", "mass_after", "sure_before", "sure_after",
    "lesser_neighbour", "greater_neighbour",
)  # fmt: skip


def context_rows(layout: Layout, likely: Sequence[float], wanted: Sequence[int]) -> Iterator[list[float]]:
    """For each block of ``wanted`` a list of numbers, in the order of NAMES; ``likely`` is the first stage's of all."""
    context = _Context(layout, likely)
    return (context.row(i) for i in wanted)


class _Context:
    def __init__(self, layout: Layout, likely: Sequence[float]) -> None:
        self.layout = layout
        self.likely = likely
        self.masses = [p * size for p, size in zip(likely, layout.sizes, strict=True)]
        self.mass_to = [0.0, *accumulate(self.masses)]
        self.size_to = [0.0, *accumulate(layout.sizes)]
        self.total = self.mass_to[-1] or 1.0
        self.sure = [i for i, p in enumerate(likely) if p > SURE]
        self.around = layout.places.sums(self.masses)
        self.groups: dict[int, tuple[float, float, int]] = {}
        for group, mass, size in zip(layout.groups, self.masses, layout.sizes, strict=True):
            held = self.groups.get(group, (0.0, 0.0, 0))
            self.groups[group] = (held[0] + mass, held[1] + size, held[2] + 1)

    def row(self, i: int) -> list[float]:
        p = self.likely[i]
        before, after = self._p(i - 1), self._p(i + 1)
        return [
            p,
            log((p + 1e-4) / (1 - p + 1e-4)),
            *(self._p(i + offset) for offset in OFFSETS),
            *self._windows(i),
            *self._elements(i),
            *self._group(i),
            self.mass_to[i] / self.total,
            (self.mass_to[-1] - self.mass_to[i + 1]) / self.total,
            *self._distances(i),
            min(before, after),
            max(before, after),
        ]

    def _p(self, i: int) -> float:
        return self.likely[i] if 0 <= i < len(self.likely) else 0.0

    def _mean(self, start: int, end: int) -> float:
        size = self.size_to[end] - self.size_to[start]
        return (self.mass_to[end] - self.mass_to[start]) / size if size else 0.0

    def _windows(self, i: int) -> Iterator[float]:
        for size in WINDOWS:
            yield self._mean(max(0, i - size), i)
            yield self._mean(i + 1, min(len(self.likely), i + 1 + size))

    def _elements(self, i: int) -> Iterator[float]:
        """Of the elements around the block, inside out; where there are no more, the last one's again."""
        mass, size = self.masses[i], self.layout.sizes[i]
        place = self.layout.places.of[i]
        numbers = (0.0, 0.5, 0.0, 0.0)
        for level in range(LEVELS):
            if level and place.outer is not None:
                place = place.outer
            elif level:
                yield from numbers
                continue
            held, chars = self.around[place], place.chars
            others = (held - mass) / (chars - size) if chars - size > 0.5 else 0.5
            numbers = (held / chars, others, held / self.total, (held - mass) / self.total)
            yield from numbers

    def _group(self, i: int) -> tuple[float, float, float]:
        mass, size, blocks = self.groups[self.layout.groups[i]]
        own, own_size = self.masses[i], self.layout.sizes[i]
        others = (mass - own) / (size - own_size) if blocks > 1 and size > own_size else 0.5
        return mass / size, others, (mass - own) / self.total

    def _distances(self, i: int) -> tuple[float, float]:
        """To the nearest sure block before, and after, on a logarithmic scale."""
        before, after = bisect_left(self.sure, i), bisect_right(self.sure, i)
        return (
            log1p(i - self.sure[before - 1]) if before else NO_SURE,
            log1p(self.sure[after] - i) if after < len(self.sure) else NO_SURE,
        )
