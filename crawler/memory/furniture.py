"""Texts that come back on a site's pages, and which of them are the site's own rather than the articles'."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from crawler.memory.pages import LastPages, PastPage
from crawler.site import Seen, Sighting

MAX_REPEATS = 600  # texts that came back and are remembered
ROOM = 50  # more than are kept, before any is forgotten
ENOUGH_PAGES = 3  # pages that must show a text
OFTEN = 0.46  # of the pages: what so many show is no story's, and none of the sentences that reports share
OFTEN_FOR_LABEL = 0.4
MANY_PAGES = 8  # from which on a text may be the site's although fewer of its pages show it
OFTEN_OF_MANY = 0.3  # of the pages: what reports of all kinds say now and then stands on fewer
TOLD_APART = 4  # authors, and sections, that are remembered: enough to know that there are several
MAX_PLACES = 200  # that hold the articles' own texts
RECENT = 12  # pages before the first sighting do not count against a text, but for this many
# pages that share a text of their story are more alike than two pages of the site are on average; on the small sites
# of the tests 1.4 to 3.8 times as much, where those that show a notice are 0.6 to 1.3 times
OF_ONE_STORY = 1.35
LEAST_ALIKE = 0.01
# three pages are few to tell by, and as many as a story often has: more of them, and less alike
OFTEN_OF_FEW = 0.42
OF_ONE_STORY_OF_FEW = 1.2


@dataclass(slots=True, kw_only=True)
class Repeat:
    """A text that more than one page has shown."""

    first: int  # number of the page that showed it first
    last: int
    exact: int
    place: int  # where it stood last
    is_label: bool
    names_author: bool
    example: str
    pages: int = 0
    alike: float = 0.0  # how alike pairs of these pages are, summed
    pairs: int = 0
    author: int | None = None  # of all of them; 0 where they differ
    section: int | None = None

    def carry(self, page: PastPage, likeness: Collection[float]) -> None:
        """Count a page that shows it, and how like it is to each of those that did before."""
        self.pages += 1
        self.last = page.number
        self.alike += sum(likeness)
        self.pairs += len(likeness)
        self.author = page.author if self.author in (None, page.author) else 0
        self.section = page.section if self.section in (None, page.section) else 0


_FIELDS = tuple(f.name for f in fields(Repeat))


class Furniture:
    """The texts that came back, by fingerprint."""

    def __init__(self, repeats: Mapping[int, Repeat] | None = None) -> None:
        self.repeats = dict(repeats or {})
        self.places: dict[int, int] = {}  # that hold texts of single pages → number of the last such page
        self.authors: set[int] = set()  # of the site: the first few that are told apart
        self.sections: set[int] = set()
        self.alike = 0.0  # of all pairs of pages that were near in time, summed
        self.pairs = 0

    def as_json(self) -> dict[str, Any]:
        repeats = {str(text): [getattr(r, name) for name in _FIELDS] for text, r in sorted(self.repeats.items())}
        places = {str(place): number for place, number in sorted(self.places.items())}
        return {
            "alike": self.alike,
            "pairs": self.pairs,
            "authors": sorted(self.authors),
            "sections": sorted(self.sections),
            "places": places,
            "repeats": repeats,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        repeats = told["repeats"].items()
        furniture = cls({int(text): Repeat(**dict(zip(_FIELDS, values, strict=True))) for text, values in repeats})
        furniture.places = {int(place): int(number) for place, number in told["places"].items()}
        furniture.authors, furniture.sections = set(told["authors"]), set(told["sections"])
        furniture.alike, furniture.pairs = float(told["alike"]), int(told["pairs"])
        return furniture

    def learn(self, page: PastPage, sightings: Sequence[Sighting], others: LastPages, shared: Collection[int]) -> None:
        """Count the texts of a page, which is among ``others``; some of them it has ``shared`` with another page."""
        for known, one in ((self.authors, page.author), (self.sections, page.section)):
            if one and len(known) < TOLD_APART:
                known.add(one)
        likeness = {past: others.alike(page, past) for past in others.before(page)}
        self.alike += sum(likeness.values())
        self.pairs += len(likeness)
        for sighting in sightings:
            if sighting.text not in shared:
                self.places[sighting.place] = page.number
            before = [past for past in likeness if sighting.text in past.texts]
            repeat = self.repeats.get(sighting.text)
            if repeat is None:
                if not before:
                    continue
                repeat = self.repeats[sighting.text] = _new(sighting, before[0])
            repeat.place = sighting.place
            repeat.carry(page, [likeness[past] for past in before])

    def trim(self) -> None:
        """Forget what has not come back for longest, where there is too much."""
        if len(self.repeats) > MAX_REPEATS + ROOM:
            by_use = sorted(self.repeats.items(), key=lambda item: (item[1].last, item[1].pages, item[0]))
            self.repeats = dict(by_use[-MAX_REPEATS:])
        if len(self.places) > MAX_PLACES:
            self.places = dict(sorted(self.places.items(), key=lambda item: (item[1], item[0]))[-MAX_PLACES:])

    def known(self, pages: int) -> dict[int, Seen]:
        """The texts that are the site's own, of which ``pages`` were read."""
        return {
            text: Seen(pages=repeat.pages, of=_since(repeat, pages))
            for text, repeat in self.repeats.items()
            if self._may_be_own(repeat) and self._is_furniture(repeat, _share(repeat, pages))
        }

    def ever_known(self) -> set[int]:
        """The exact fingerprints of all texts that are, or were for a time, the site's own."""
        return {
            repeat.exact
            for repeat in self.repeats.values()
            if self._may_be_own(repeat) and not self._is_of_story(repeat)
        }

    def are_apart(self, likeness: Sequence[float]) -> bool:
        """Whether pages are no more alike than two pages of the site are on average."""
        return sum(likeness) / len(likeness) <= self._of_one_story(OF_ONE_STORY_OF_FEW)

    def _is_furniture(self, repeat: Repeat, share: float) -> bool:
        if repeat.is_label:
            return share >= OFTEN_FOR_LABEL
        is_sure = repeat.pages >= MANY_PAGES or repeat.names_author  # no report names whoever has written it
        least = OFTEN_OF_MANY if is_sure else OFTEN_OF_FEW if _is_few(repeat) else OFTEN
        is_frequent = share >= least
        is_among_text = repeat.place in self.places
        return (is_frequent or not is_among_text) and not self._is_of_story(repeat)

    def _may_be_own(self, repeat: Repeat) -> bool:
        """Whether enough pages show a text, and not those of one author or section alone."""
        return repeat.pages >= ENOUGH_PAGES and (repeat.names_author or not self._is_of_one(repeat))

    def _is_of_one(self, repeat: Repeat) -> bool:
        """Whether all pages that show a text are of one author or section, and others of the site are not."""
        by_author = bool(repeat.author) and len(self.authors) > 1
        return by_author or (bool(repeat.section) and len(self.sections) > 1)

    def _is_of_story(self, repeat: Repeat) -> bool:
        """Whether the pages that show a text are of one subject."""
        bound = self._of_one_story(OF_ONE_STORY_OF_FEW if _is_few(repeat) else OF_ONE_STORY)
        return repeat.alike / (repeat.pairs or 1) > bound

    def _of_one_story(self, times: float) -> float:
        """How alike pages are from which on they are of one subject: so many times as two pages of the site are."""
        return times * self.alike / (self.pairs or 1) + LEAST_ALIKE


def _is_few(repeat: Repeat) -> bool:
    return repeat.pages == ENOUGH_PAGES


def _new(sighting: Sighting, page: PastPage) -> Repeat:
    """A text that has come back to the pages, with the one that showed it first."""
    repeat = Repeat(
        first=page.number,
        last=page.number,
        exact=sighting.exact,
        place=sighting.place,
        is_label=sighting.is_label,
        names_author=sighting.names_author,
        example=sighting.example,
    )
    repeat.carry(page, ())
    return repeat


def _share(repeat: Repeat, pages: int) -> float:
    return repeat.pages / max(_since(repeat, pages), min(pages, RECENT))


def _since(repeat: Repeat, pages: int) -> int:
    """The pages that were read since the first that showed it."""
    return pages - repeat.first + 1
