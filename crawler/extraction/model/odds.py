"""How names of elements and words of texts speak for or against the article: sums of learned log-odds."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.model.layout import Layout
from crawler.extraction.model.places import Place
from crawler.extraction.model.weights import Weights

MAX_WORDS = 60  # of a block: the first say enough
NEAR, FAR, INSIDE = range(3)  # the element and the one around it; all around it; those inside the best container


# of several names together: the sum of their log-odds, how many they are, and the least
Odds = tuple[float, int, float]
NO_ODDS: Odds = (0.0, 0, 0.0)


class NameOdds:
    """The odds of names around each place of a page."""

    def __init__(self, layout: Layout, weights: Weights) -> None:
        self._names = weights.names
        self._known: dict[tuple[str, ...], tuple[Odds, Odds, Odds]] = {}
        self._far: dict[Place, Odds] = {}
        self._inside: dict[Place, Odds] = {}
        best_around = frozenset(layout.best.around()) if layout.best is not None else frozenset()
        for place in layout.places.all:  # each after those around it
            outer, own = place.outer, self._own(place)
            self._far[place] = _both(self._far[outer], own[FAR]) if outer is not None else own[FAR]
            if place is layout.best:
                self._inside[place] = NO_ODDS
            elif outer in self._inside and place not in best_around:
                self._inside[place] = _both(self._inside[outer], own[INSIDE])

    def of(self, place: Place) -> list[float]:
        """Near, far and inside the best container: the mean, and the least of any one name."""
        near, far, inside = self._own(place)[NEAR], self._far[place], self._inside.get(place, NO_ODDS)
        if place.outer is not None:
            near = _both(near, self._own(place.outer)[NEAR])
        return [_mean(near, 1), near[2], _mean(far, 2), far[2], _mean(inside, 1), inside[2]]

    def _own(self, place: Place) -> tuple[Odds, Odds, Odds]:
        """Of the place's names, in each zone."""
        if (known := self._known.get(place.names)) is None:
            said = [self._names[name] for name in place.names if name in self._names]
            near, far, inside = zip(*said, strict=True) if said else ((), (), ())
            known = self._known[place.names] = (_odds(near), _odds(far), _odds(inside))
        return known


def word_odds(words: Sequence[str], weights: Weights) -> list[float]:
    """Of a block's words: the mean, the least, and the most."""
    known = weights.words
    said = [known[word] for word in words[:MAX_WORDS] if word in known]
    return [_mean(_odds(said), 2), min(said), max(said)] if said else [0.0, 0.0, 0.0]


def _odds(said: Sequence[float]) -> Odds:
    return (sum(said), len(said), min(0.0, *said)) if said else NO_ODDS


def _both(one: Odds, other: Odds) -> Odds:
    return (one[0] + other[0], one[1] + other[1], one[2] if one[2] < other[2] else other[2])


def _mean(odds: Odds, doubt: int) -> float:
    """The mean, drawn towards nought as if so many names had said nothing; scaled to be as large for one name."""
    return odds[0] / (doubt + odds[1]) * (doubt + 1)
