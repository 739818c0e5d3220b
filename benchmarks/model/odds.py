"""Log-odds of names and words: how much more often the text under a name is the article's, averaged over sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from benchmarks.model.pages import Labelled
from crawler.extraction.model.odds import MAX_WORDS
from crawler.extraction.model.places import Place

LEAST_BRANDS = 4  # of which a name or word must be known to count
DOUBT = 6.0  # sites that are taken to have said nothing
NAME_DOUBT, WORD_DOUBT = 3.0, 2.0  # blocks of a site that are taken to be as all of the site
MOST = 4.0  # of one site's opinion
WORDS = 3  # the zones before it are near, far and inside, as in crawler.extraction.model.odds

# zone → name → brand → log-odds
Opinions = Sequence[Mapping[str, Mapping[str, float]]]


@dataclass(slots=True)
class _Counted:
    """Weight of the article's blocks, and of all."""

    right: float = 0.0
    all: float = 0.0

    def add(self, weight: float, label: float) -> None:
        self.right += weight * label
        self.all += weight


@dataclass(frozen=True, slots=True)
class OddsTable:
    """The opinions of all sites, from which those of one can be left out."""

    opinions: Opinions

    def without(self, brand: str) -> tuple[dict[str, tuple[float, float, float]], dict[str, float]]:
        """Odds of names and of words, by what other sites than this one say; "" leaves none out."""
        zones = [dict(_means(zone, brand)) for zone in self.opinions]
        near, far, inside, words = zones
        names = dict.fromkeys([*near, *far, *inside])
        return {n: (near.get(n, 0.0), far.get(n, 0.0), inside.get(n, 0.0)) for n in names}, words


def odds_table(pages: Sequence[Labelled]) -> OddsTable:
    """The opinions of these pages' sites."""
    counted: list[defaultdict[str, defaultdict[str, _Counted]]] = [
        defaultdict(lambda: defaultdict(_Counted)) for _ in range(WORDS + 1)
    ]
    priors: defaultdict[str, _Counted] = defaultdict(_Counted)
    for page in pages:
        for i, label, tokens in zip(page.layout.wanted, page.labels, page.tokens, strict=True):
            weight = sqrt(1 + tokens)
            priors[page.brand].add(weight, label)
            for zone, names in enumerate(_zones(page, i)):
                for name in names:
                    counted[zone][name][page.brand].add(weight, label)
    brands = {page.brand for page in pages}  # no site is told by its own name
    for zone in counted:
        for name in brands & zone.keys():
            del zone[name]
    doubts = (NAME_DOUBT,) * WORDS + (WORD_DOUBT,)
    return OddsTable([_opinions(zone, priors, doubt) for zone, doubt in zip(counted, doubts, strict=True)])


def _zones(page: Labelled, block: int) -> Iterator[set[str]]:
    """The names near, around and inside the best container, and the words, of a block."""
    place, best = page.layout.places.of[block], page.layout.best
    yield {*place.names, *(place.outer.names if place.outer is not None else ())}
    around = list(place.around())
    yield _names(around)
    yield _names(around[: around.index(best)]) if best is not None and best in around else set()
    yield set(page.layout.words[block][:MAX_WORDS])


def _names(places: Sequence[Place]) -> set[str]:
    return {name for place in places for name in place.names}


def _opinions(
    zone: Mapping[str, Mapping[str, _Counted]], priors: Mapping[str, _Counted], doubt: float
) -> dict[str, dict[str, float]]:
    return {
        name: {brand: _opinion(counted, priors[brand], doubt) for brand, counted in brands.items()}
        for name, brands in zone.items()
        if len(brands) >= LEAST_BRANDS
    }


def _opinion(counted: _Counted, prior: _Counted, doubt: float) -> float:
    usual = min(0.95, max(0.05, prior.right / prior.all))
    share = min(0.99, max(0.01, (counted.right + doubt * usual) / (counted.all + doubt)))
    return max(-MOST, min(MOST, _logit(share) - _logit(usual)))


def _logit(share: float) -> float:
    return log(share / (1 - share))


def _means(zone: Mapping[str, Mapping[str, float]], brand: str) -> Iterator[tuple[str, float]]:
    for name, brands in zone.items():
        own = brands.get(brand)
        count = len(brands) - (own is not None)
        if count >= LEAST_BRANDS - (own is not None):
            yield name, (sum(brands.values()) - (own or 0.0)) / (count + DOUBT)
