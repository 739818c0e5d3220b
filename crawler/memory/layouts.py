"""Where a site's articles stand, by agreement of its pages; a new layout begins when the known places are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from crawler.site import Layout, PlaceVote, Trace

MAX_LAYOUTS = 4
MAX_PLACES = 240  # of a layout
ENOUGH_PAGES = 3  # that must have shown a place
AGREED = 0.95  # of the pages that have shown it
ONE_SIDED = 0.9  # of a page's text in a place, for the page to say one thing of it
MATCH = 0.5  # of a page's text in places that hold the layout's articles
NEW_PAGES = 3  # that are alike and of no known layout: a new one
OLD_PAGES = 20  # from which on a layout is no news, or from this share of those of the greatest one
OLD_SHARE = 0.1


@dataclass(slots=True, kw_only=True)
class Place:
    """What pages have shown of one place."""

    name: str
    holding: int = 0  # pages on which it held the article's text
    beside: int = 0  # on which it held other text
    last: int = 0  # number of the page that showed it last

    def agrees(self, pages: int) -> bool:
        """Whether so many of the pages that have shown it are enough to go by."""
        shown = self.holding + self.beside
        return shown >= ENOUGH_PAGES and pages >= AGREED * shown


@dataclass(slots=True, kw_only=True)
class PastLayout:
    """A layout while it is learned."""

    since: str  # day of the first page
    until: str
    pages: int = 0
    places: dict[int, Place] = field(default_factory=dict)

    def add(self, trace: Trace) -> None:
        """Count a page of this layout; only one of which the extraction is sure says anything of its places."""
        self.pages += 1
        self.since, self.until = min(self.since, trace.day), max(self.until, trace.day)
        for vote in trace.places:
            share = vote.taken / (vote.taken + vote.left)
            place = self.places.setdefault(vote.place, Place(name=vote.name))
            place.holding += trace.is_sure and share >= ONE_SIDED
            place.beside += trace.is_sure and share <= 1 - ONE_SIDED
            place.last = self.pages
        if len(self.places) > MAX_PLACES:
            by_use = sorted(self.places.items(), key=lambda item: (item[1].last, item[0]))
            self.places = dict(by_use[-MAX_PLACES:])

    def match(self, votes: Sequence[PlaceVote]) -> float:
        """How much of a page's article stands where articles stood before (0…1)."""
        taken = sum(vote.taken for vote in votes)
        known = sum(vote.taken for vote in votes if vote.place in self.places)
        return known / taken if taken else 1.0

    def told(self) -> Layout:
        """The places on which the pages agree."""
        return Layout(
            holding=frozenset(key for key, place in self.places.items() if place.agrees(place.holding)),
            beside=frozenset(key for key, place in self.places.items() if place.agrees(place.beside)),
        )


class Layouts:
    """The layouts of a site, and the one that may come to be: of the last pages that no other has known."""

    def __init__(self) -> None:
        self.layouts: list[PastLayout] = []
        self.coming: PastLayout | None = None
        self.in_a_row = 0  # pages of the coming one since the last page of a known layout
        self._last: PastLayout | None = None  # of the page that was learned last

    def as_json(self) -> dict[str, Any]:
        coming = _as_json(self.coming) if self.coming else None
        return {"layouts": [_as_json(layout) for layout in self.layouts], "coming": coming, "in_a_row": self.in_a_row}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        layouts = cls()
        layouts.layouts = [_from_json(layout) for layout in told["layouts"]]
        layouts.coming = _from_json(told["coming"]) if told["coming"] else None
        layouts.in_a_row = int(told["in_a_row"])
        return layouts

    def learn(self, trace: Trace) -> str | None:
        """Count a page; a sentence where it shows that the site was rebuilt."""
        self._last = None
        if not any(vote.taken for vote in trace.places):
            return None
        known = next((layout for layout in reversed(self.layouts) if layout.match(trace.places) >= MATCH), None)
        if known is None and self.layouts and self.layouts[-1].pages < ENOUGH_PAGES:
            known = self.layouts[-1]
        self._last = known
        if known is not None:
            known.add(trace)
            self.in_a_row = 0
            return None
        if self.coming is None or self.coming.match(trace.places) < MATCH:
            self.coming, self.in_a_row = PastLayout(since=trace.day, until=trace.day), 0
        self.coming.add(trace)
        self._last = self.coming
        self.in_a_row += 1
        if self.layouts and self.coming.pages < NEW_PAGES:
            return None
        return self._begin(self.coming)

    @property
    def is_strange(self) -> bool:
        """Whether the page that was learned last stood in a layout that is new beside another one."""
        greatest = max((layout.pages for layout in self.layouts if layout is not self._last), default=0)
        return self._last is not None and self._last.pages <= min(greatest, max(OLD_PAGES, OLD_SHARE * greatest))

    def told(self) -> tuple[Layout, ...]:
        """What is known, the newest last."""
        return tuple(layout.told() for layout in self.layouts)

    def _begin(self, layout: PastLayout) -> str | None:
        """The coming layout is one of the site's; news where it has come in place of the others, not beside them."""
        before = sum(known.pages for known in self.layouts)
        newest = max((known.until for known in self.layouts), default="")
        is_rebuilt = bool(newest) and layout.until > newest and self.in_a_row >= NEW_PAGES  # not by an archive
        self.layouts = sorted([*self.layouts, layout], key=lambda known: known.until)
        if len(self.layouts) > MAX_LAYOUTS:
            self.layouts.remove(self.layouts[0])
        self.coming, self.in_a_row = None, 0
        if not is_rebuilt:
            return None
        return (
            f"rebuilt: since {layout.since} its articles stand in other places than on {before} pages before; "
            "they are read as those of an unknown site until its new pages have taught enough"
        )


def _as_json(layout: PastLayout) -> list[Any]:
    places = [[key, p.name, p.holding, p.beside, p.last] for key, p in sorted(layout.places.items())]
    return [layout.since, layout.until, layout.pages, places]


def _from_json(told: Sequence[Any]) -> PastLayout:
    since, until, pages, places = told
    return PastLayout(
        since=since,
        until=until,
        pages=pages,
        places={k: Place(name=n, holding=h, beside=b, last=last) for k, n, h, b, last in places},
    )
