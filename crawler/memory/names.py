"""How a site writes its titles and names its authors: title parts, sections, places of bylines, each with its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Self

from crawler.extraction.fingerprints import fingerprint
from crawler.extraction.names import WHOLE_IN_A_WORD, is_agency, looks_like_name
from crawler.extraction.text import text_key
from crawler.site import NameTrace, Site, TitlePart

ENOUGH_PAGES = 3
MANY_PAGES = 8  # from which on an end of the headline itself may be the site's, where nearly all pages have it
NEARLY_ALL = 0.8
MOST = 0.5
VARIED = 3  # unlike headlines that a part must stand beside
MAX_KEPT = 60  # of each kind
MAX_SAID = 12  # sections that are named to a person


@dataclass(slots=True, kw_only=True)
class Tally:
    """In how many pages something was found, and beside what."""

    text: str = ""
    pages: int = 0
    last: int = 0  # number of the last such page
    apart: int = 0  # of them, those that speak for it: see the uses
    beside: list[int] = field(default_factory=list)  # fingerprints of unlike things, at most VARIED

    def count(self, page: int, *, text: str = "", is_apart: bool, beside: Iterable[int]) -> None:
        self.text = min(self.text or text, text)
        self.pages += 1
        self.last = page
        self.apart += is_apart
        self.beside = sorted({*self.beside, *beside})[:VARIED]

    @property
    def is_varied(self) -> bool:
        return len(self.beside) >= VARIED


Tallies = dict[str, Tally]  # by a key of the text, or the number of a place


class Names:
    """What the pages have shown, counted."""

    def __init__(self) -> None:
        self.pages = 0
        self.signed = 0  # pages with authors whose place was found
        # apart: pages whose visible headline lacks the part; beside: headlines
        self.starts: Tallies = {}
        self.ends: Tallies = {}
        # apart: pages that others wrote
        self.sections: Tallies = {}
        # beside: authors
        self.places: Tallies = {}

    def as_json(self) -> dict[str, Any]:
        kinds = {name: {k: _values(tally) for k, tally in sorted(kind.items())} for name, kind in self._kinds()}
        return {"pages": self.pages, "signed": self.signed, **kinds}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        names = cls()
        names.pages, names.signed = int(told["pages"]), int(told["signed"])
        for name, kind in names._kinds():
            for key, (text, pages, last, apart, beside) in told[name].items():
                kind[key] = Tally(text=text, pages=pages, last=last, apart=apart, beside=beside)
        return names

    def learn(self, shown: NameTrace) -> None:
        """Count what one page shows."""
        self.pages += 1
        self.signed += bool(shown.byline_places)
        _count_parts(self.starts, shown.starts, self.pages)
        _count_parts(self.ends, shown.ends, self.pages)
        authors = {text_key(name) for name in shown.authors}
        for section in shown.sections:
            by_others = bool(authors) and text_key(section) not in authors
            tally = self.sections.setdefault(text_key(section), Tally())
            tally.count(self.pages, text=section, is_apart=by_others, beside=())
        for place in shown.byline_places:
            tally = self.places.setdefault(str(place), Tally())
            tally.count(self.pages, is_apart=True, beside=(fingerprint(" ".join(sorted(authors))),))

    def trim(self) -> None:
        """Forget what fewest pages have shown, the oldest first, where there is too much."""
        for _, kind in self._kinds():
            for key in sorted(kind, key=lambda key: (kind[key].pages, kind[key].last, key))[:-MAX_KEPT]:
                del kind[key]

    def told(self, site: Site) -> Site:
        """A site, with what is known of its titles, sections and bylines."""
        sections = self._sections()
        return replace(
            site,
            title_starts=frozenset(key for key, part in self.starts.items() if self._is_of_site(part)),
            title_ends=frozenset(
                key for key, part in self.ends.items() if self._is_of_site(part) or self._is_of_section(key, part)
            ),
            sections=frozenset(sections),
            byline_places=frozenset(int(place) for place, tally in self.places.items() if self._has_bylines(tally)),
        )

    def described(self) -> list[str]:
        """What is known, a line each, as a person would say it."""
        known = self.told(Site())
        kinds = (("before", self.starts, known.title_starts), ("behind", self.ends, known.title_ends))
        lines = [
            f"writes “{kind[key].text}” {where} its headlines: {kind[key].pages:,} of {self.pages:,} pages"
            for where, kind, keys in kinds
            for key in sorted(keys, key=lambda key: (-kind[key].pages, key))
        ]
        if sections := [self.sections[key].text for key in sorted(known.sections)]:
            more = f" and {len(sections) - MAX_SAID:,} more" if len(sections) > MAX_SAID else ""
            lines.append(f"has sections, which are no authors: {', '.join(sections[:MAX_SAID])}{more}")
        places = sorted((self.places[str(place)].pages for place in known.byline_places), reverse=True)
        return lines + [f"names its authors in one place below the headline: {n:,} pages" for n in places]

    def _kinds(self) -> Iterator[tuple[str, Tallies]]:
        yield from (
            ("starts", self.starts),
            ("ends", self.ends),
            ("sections", self.sections),
            ("places", self.places),
        )

    def _is_of_site(self, part: Tally) -> bool:
        """Whether most pages write this beside a headline that is without it; or nearly all, in the headline itself."""
        share = part.pages / self.pages
        if not part.is_varied or share <= MOST:
            return False
        is_hidden = 2 * part.apart > part.pages
        return is_hidden or (part.pages >= MANY_PAGES and share >= NEARLY_ALL)

    def _is_of_section(self, key: str, part: Tally) -> bool:
        """Whether this, behind unlike headlines that are without it, is the name of a section."""
        return key in self.sections and part.is_varied and 2 * part.apart > part.pages

    def _sections(self) -> list[str]:
        """The sections that nobody bears the name of: a columnist's section is mostly by the columnist."""
        return [key for key, section in self.sections.items() if _is_nobody(section)]

    def _has_bylines(self, place: Tally) -> bool:
        return place.pages >= max(ENOUGH_PAGES, MOST * self.signed) and len(place.beside) > 1


def _count_parts(tallies: Tallies, parts: Iterable[TitlePart], page: int) -> None:
    for part in parts:
        tally = tallies.setdefault(text_key(part.text), Tally())
        tally.count(page, text=part.text, is_apart=not part.is_shown, beside=(part.rest,))


def _is_nobody(section: Tally) -> bool:
    """Whether others wrote the pages of a section; of one that cannot be a person's name a page is enough."""
    could_be = _could_be(section.text)
    if could_be == "an agency":
        return False
    if could_be == "a person":
        return section.apart >= ENOUGH_PAGES and 2 * section.apart >= section.pages
    return bool(section.apart) or section.pages >= ENOUGH_PAGES


def _values(tally: Tally) -> list[Any]:
    return [tally.text, tally.pages, tally.last, tally.apart, tally.beside]


@lru_cache(maxsize=4096)  # asked for all sections of a site with each of its pages
def _could_be(text: str) -> str:
    if is_agency(text):
        return "an agency"
    return "a person" if looks_like_name(text) or text >= WHOLE_IN_A_WORD else ""
