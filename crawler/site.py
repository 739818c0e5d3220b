"""What a page shows of its site, and what is known of a site when one of its pages is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One text on a page, a block or a sentence of it, as the site's memory is told of it."""

    text: int  # fingerprint of the words, numbers and the page's own names masked
    place: int  # fingerprint of the tags and classes that it stands in
    terms: tuple[int, ...]  # fingerprints of its longer words
    is_split: bool  # its sentences are told of, too
    is_label: bool  # too short to say anything by itself
    names_author: bool  # it holds the name of the page's author
    example: str = field(repr=False)  # the text as it stood, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceVote:
    """How much of a page's text in one place is plainly the article's, and how much plainly is not, in characters."""

    place: int  # fingerprint of the tags and classes
    name: str = field(repr=False)  # as a person reads it
    taken: float
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one article's page shows of its site: what a memory learns from. Fingerprints, no texts but examples."""

    page: str  # the canonical key of its address
    day: str  # of publication, or else of the fetch: YYYY-MM-DD
    title: tuple[int, ...]  # terms of the headline
    author: int  # of the authors' names; 0 for none
    section: int  # of the section's name; 0 for none
    sightings: tuple[Sighting, ...]
    places: tuple[PlaceVote, ...]  # where its text stands, and where other text does
    is_sure: bool  # whether what was taken for the article's text is most likely that


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A text that is known to repeat over the site's pages."""

    pages: int
    of: int  # pages that were read since it was first seen

    def __str__(self) -> str:
        return f"seen on {self.pages:,} of {self.of:,} pages of the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the articles of a site stand, for as long as its pages were built one way: fingerprints of places."""

    holding: frozenset[int] = frozenset()  # where all text was the article's
    beside: frozenset[int] = frozenset()  # where none was


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of a site before its page is read; every field may be unknown."""

    language: str | None = None  # BCP 47
    country: str | None = None  # ISO 3166-1 alpha-2, lower case
    zone: str | None = None  # IANA name
    day_first: bool | None = None  # how 03/04/2025 is meant here, where something has settled it
    furniture: Mapping[int, Seen] = field(default_factory=dict, repr=False)  # fingerprint of a text → where it was seen
    layouts: tuple[Layout, ...] = field(default=(), repr=False)  # the newest last


UNKNOWN = Site()
