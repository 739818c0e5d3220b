"""What a page shows of its site, and what is known of a site when one of its pages is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One text on a page, a block or a sentence of it, as the site's memory is told of it."""

    text: int  # fingerprint of the words, numbers and the page's own names masked
    exact: int  # fingerprint of its letters and digits as they stand
    place: int  # fingerprint of the tags and classes that it stands in
    terms: tuple[int, ...]  # fingerprints of its longer words; of a text whose sentences are told of, too, none
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
class DateTrace:
    """What a page shows of how its site writes dates, each by the page's own evidence, never by a memory's."""

    orders: tuple[tuple[str, bool], ...] = ()  # source → whether its all-figure dates have the day first
    offsets: tuple[tuple[int, int], ...] = ()  # stated ones: ordinal of the day in UTC, minutes east of Greenwich
    lastmod: bool | None = None  # whether the day in its sitemap is that of publication, which the page states


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
    day: str  # of publication, or else of the fetch: YYYY-MM-DD
    title: tuple[int, ...]  # terms of the headline
    author: int  # of the authors' names; 0 for none
    section: int  # of the section's name; 0 for none
    sightings: tuple[Sighting, ...]
    places: tuple[PlaceVote, ...]  # where its text stands, and where other text does
    is_sure: bool  # whether what was taken for the article's text is most likely that
    dates: DateTrace = DateTrace()
    names: NameTrace = NameTrace()


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
class Order:
    """How a site's all-figure dates are meant, and on how many of the pages that show it."""

    day_first: bool
    pages: int
    of: int

    def __str__(self) -> str:
        return f"{'day' if self.day_first else 'month'} first on {self.pages:,} of {self.of:,} pages of the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDates:
    """What is known of a site's dates from its pages."""

    orders: Mapping[str, Order] = field(default_factory=dict)  # by source; under "" of those that showed none yet
    zones: tuple[str, ...] = ()  # IANA names that agree with the offsets which its pages state
    zone_pages: int = 0  # that stated them
    lastmod_pages: int = 0  # whose day of publication its sitemap had; 0 unless it always has

    def order_of(self, source: str) -> Order | None:
        """How the all-figure dates of a source are meant; what the page shows is one, wherever it stands."""
        return self.orders.get("visible" if source == "page text" else source) or self.orders.get("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of a site before its page is read; every field may be unknown."""

    language: str | None = None  # BCP 47
    country: str | None = None  # ISO 3166-1 alpha-2, lower case
    zone: str | None = None  # IANA name
    day_first: bool | None = None  # how 03/04/2025 is meant here
    dates: SiteDates = SiteDates()
    furniture: Mapping[int, Seen] = field(default_factory=dict, repr=False)  # fingerprint of a text → where it was seen
    layouts: tuple[Layout, ...] = field(default=(), repr=False)  # the newest last
    title_starts: frozenset[str] = frozenset()  # keys of what the site writes before its headlines
    title_ends: frozenset[str] = frozenset()  # and behind them
    sections: frozenset[str] = frozenset()  # keys of names that are sections and no authors
    byline_places: frozenset[int] = frozenset()  # where authors stand below the headline


UNKNOWN = Site()
