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
class TitlePart:
    """What stands at an end of a page's titles, parted from the rest by a bar, a dash or the like."""

    text: str
    rest: int  # fingerprint of the title without it
    is_shown: bool  # the headline that a reader sees has it, too


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTrace:
    """How one page writes its title and names its authors."""

    starts: tuple[TitlePart, ...] = ()
    ends: tuple[TitlePart, ...] = ()
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    byline_places: tuple[int, ...] = ()  # fingerprints of the places below the headline that show the authors


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one article's page shows of its site: what a memory learns from. Fingerprints, no texts but examples."""

    page: str  # the canonical key of its address
    title: tuple[int, ...]  # terms of the headline
    author: int  # of the authors' names; 0 for none
    section: int  # of the section's name; 0 for none
    sightings: tuple[Sighting, ...]
    names: NameTrace = NameTrace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A text that is known to repeat over the site's pages."""

    pages: int
    of: int  # pages that were read since it was first seen

    def __str__(self) -> str:
        return f"seen on {self.pages:,} of {self.of:,} pages of the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of a site before its page is read; every field may be unknown."""

    language: str | None = None  # BCP 47
    country: str | None = None  # ISO 3166-1 alpha-2, lower case
    zone: str | None = None  # IANA name
    day_first: bool | None = None  # how 03/04/2025 is meant here, where something has settled it
    furniture: Mapping[int, Seen] = field(default_factory=dict, repr=False)  # fingerprint of a text → where it was seen
    title_starts: frozenset[str] = frozenset()  # keys of what the site writes before its headlines
    title_ends: frozenset[str] = frozenset()  # and behind them
    sections: frozenset[str] = frozenset()  # keys of names that are sections and no authors
    byline_places: frozenset[int] = frozenset()  # where authors stand below the headline


UNKNOWN = Site()
