"""How names of elements and words of texts speak for or against the article: sums of learned log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.model.layout import Layout
from crawler.extraction.model.places import Place
from crawler.extraction.model.weights import Weights

MAX_WORDS = 60  # of a block: the first say enough
NEAR, FAR, INSIDE = range(3)  # the element and the one around it; all around it; those inside the best container


@dataclass(frozen=True, slots=True)
class Odds:
    """Log-odds of several names or words together."""

    total: float = 0.0
    count: int = 0
    least: float = 0.0

    def __add__(self, other: Odds) -> Odds:
        return Odds(self.total + other.total, self.count + other.count, min(self.least, other.least))

    def mean(self, doubt: int) -> float:
        """The mean, drawn towards nought as if so many names had said nothing; scaled to be as large for one name."""
        return self.total / (doubt + self.count) * (doubt + 1)


NO_ODDS = Odds()


class NameOdds:
    """The odds of names around each place of a page."""

    def __init__(self, layout: Layout, weights: Weights) -> None:
        self._names = weights.names
        self._far: dict[Place, Odds] = {}
        self._inside: dict[Place, Odds] = {}
        best_around = frozenset(layout.best.around()) - {layout.best} if layout.best is not None else frozenset()
        for place in layout.places.all:  # each after those around it
            outer = place.outer
            self._far[place] = (self._far[outer] if outer is not None else NO_ODDS) + self._own(place, FAR)
            if place is layout.best:
                self._inside[place] = NO_ODDS
            elif outer is not None and outer in self._inside and place not in best_around:
                self._inside[place] = self._inside[outer] + self._own(place, INSIDE)

    def of(self, place: Place) -> list[float]:
        """Near, far and inside the best container: the mean, and the least of any one name."""
        near = self._own(place, NEAR) + (self._own(place.outer, NEAR) if place.outer is not None else NO_ODDS)
        far, inside = self._far[place], self._inside.get(place, NO_ODDS)
        return [near.mean(1), near.least, far.mean(2), far.least, inside.mean(1), inside.least]

    def _own(self, place: Place, zone: int) -> Odds:
        names = self._names
        said = [names[name][zone] for name in place.names if name in names]
        return Odds(sum(said), len(said), min(0.0, *said)) if said else NO_ODDS


def word_odds(words: Sequence[str], weights: Weights) -> list[float]:
    """Of a block's words: the mean, the least, and the most."""
    said = [odds for word in words[:MAX_WORDS] if (odds := weights.words.get(word)) is not None]
    if not said:
        return [0.0, 0.0, 0.0]
    return [Odds(sum(said), len(said)).mean(2), min(said), max(said)]
