"""Texts that come back on a site's pages, and which of them are the site's own rather than the articles'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from crawler.memory.pages import LastPages, PastPage
from crawler.site import Seen, Sighting

MAX_REPEATS = 600  # texts that came back and are remembered
ENOUGH_PAGES = 3  # pages that must show a text
ENOUGH_TOPICS = 3  # of unlike subjects among them: what is shared within one story is the story's
NEARLY_ALL = 0.8  # of the pages: a text on so many is the site's, whatever they are about
LABEL_SHARE = 0.4  # of the pages that must show a label
RECENT = 24  # pages before the first sighting do not count against a text, but for this many
BOUND_TERMS = 2  # terms that a text shares with the topic of a page that it is about
BOUND_SHARE = 0.2  # of its terms
MOSTLY = 0.5  # of the pages that show it


@dataclass(slots=True, kw_only=True)
class Repeat:
    """A text that more than one page has shown."""

    first: int  # number of the page that showed it first
    last: int
    is_label: bool
    names_author: bool
    example: str
    pages: int = 0
    bound: int = 0  # of these pages, those whose subject it speaks of
    author: int | None = None  # of all of them; 0 where they differ
    section: int | None = None
    topics: list[frozenset[int]] = field(default_factory=list)  # unlike ones, until there are enough

    def carry(self, page: PastPage, sighting: Sighting, others: LastPages) -> None:
        """Count a page that shows it."""
        self.pages += 1
        self.last = page.number
        self.bound += _is_bound(sighting, page, others)
        self.author = page.author if self.author in (None, page.author) else 0
        self.section = page.section if self.section in (None, page.section) else 0
        is_new = not any(others.are_alike(page.topic, topic) for topic in self.topics)
        if is_new and len(self.topics) < ENOUGH_TOPICS:
            self.topics.append(page.topic)


_PLAIN = tuple(f.name for f in fields(Repeat) if f.name != "topics")


class Furniture:
    """The texts that came back, by fingerprint."""

    def __init__(self, repeats: Mapping[int, Repeat] | None = None) -> None:
        self.repeats = dict(repeats or {})

    def as_json(self) -> dict[str, Any]:
        return {
            str(text): [getattr(r, name) for name in _PLAIN] + [[sorted(topic) for topic in r.topics]]
            for text, r in sorted(self.repeats.items())
        }

    @classmethod
    def from_json(cls, repeats: Mapping[str, Any]) -> Self:
        return cls({int(text): _repeat_of(*values) for text, values in repeats.items()})

    def learn(self, page: PastPage, sightings: tuple[Sighting, ...], others: LastPages) -> None:
        """Count the texts of a page, which is among ``others``."""
        for sighting in sightings:
            repeat = self.repeats.get(sighting.text)
            if repeat is None:
                before = [p for p in others.with_text(sighting.text) if p.number < page.number]
                if not before:
                    continue
                repeat = self.repeats[sighting.text] = _new(sighting, before[0].number)
                for earlier in before:
                    repeat.carry(earlier, sighting, others)
            repeat.carry(page, sighting, others)

    def trim(self) -> None:
        """Forget what has not come back for longest, where there is too much."""
        if len(self.repeats) > MAX_REPEATS:
            by_use = sorted(self.repeats.items(), key=lambda item: (item[1].last, item[1].pages, item[0]))
            self.repeats = dict(by_use[-MAX_REPEATS:])

    def known(self, pages: int, others: LastPages) -> dict[int, Seen]:
        """The texts that are the site's own, of which ``pages`` were read."""
        authors = {page.author for page in others} - {0}
        sections = {page.section for page in others} - {0}
        return {
            text: Seen(pages=repeat.pages, of=_since(repeat, pages))
            for text, repeat in self.repeats.items()
            if _is_furniture(repeat, pages, is_of_one=_is_of_one(repeat, authors, sections))
        }


def _repeat_of(*values: Any) -> Repeat:
    *plain, topics = values
    return Repeat(**dict(zip(_PLAIN, plain, strict=True)), topics=[frozenset(topic) for topic in topics])


def _new(sighting: Sighting, first: int) -> Repeat:
    return Repeat(
        first=first,
        last=first,
        is_label=sighting.is_label,
        names_author=sighting.names_author,
        example=sighting.example,
    )


def _is_bound(sighting: Sighting, page: PastPage, others: LastPages) -> bool:
    """Whether a text speaks of what the page comes back to."""
    terms = frozenset(sighting.terms)
    shared = (terms & page.topic) - others.common
    return len(shared) >= max(BOUND_TERMS, BOUND_SHARE * len(terms))


def _is_furniture(repeat: Repeat, pages: int, *, is_of_one: bool) -> bool:
    if repeat.pages < ENOUGH_PAGES or repeat.bound > MOSTLY * repeat.pages:
        return False
    share = repeat.pages / max(_since(repeat, pages), min(pages, RECENT))
    if is_of_one and not repeat.names_author:
        return False
    if repeat.is_label:
        return share >= LABEL_SHARE
    return len(repeat.topics) >= ENOUGH_TOPICS or share >= NEARLY_ALL


def _is_of_one(repeat: Repeat, authors: set[int], sections: set[int]) -> bool:
    """Whether all pages that show a text are of one author or section, and others of the site are not."""
    by_author = bool(repeat.author) and len(authors) > 1
    return by_author or (bool(repeat.section) and len(sections) > 1)


def _since(repeat: Repeat, pages: int) -> int:
    """The pages that were read since the first that showed it."""
    return pages - repeat.first + 1
