"""The dates that a page states, each with why it was not taken: for a person who asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extraction.candidates import SAME, Candidate, merged
from crawler.extraction.dates.claims import Claim, Source
from crawler.extraction.dates.evidence import Sound
from crawler.extraction.dates.find import RAW_CHARS, Dates, Finder, is_of_change, view_of
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.settle import settle
from crawler.extraction.dates.sources import LAST, MODIFIED, MODIFIED_NEAR_HEADLINE, PUBLISHED, lastmod
from crawler.extraction.declared import Declared
from crawler.items import Dated, Page


def dates_weighed(
    tree: HtmlElement, declared: Declared, page: Page, language: str | None, dates: Dates
) -> dict[str, tuple[Candidate, ...]]:
    """For both dates all that the page states, in the order of trust; every source is asked, the costly ones too."""
    finder = Finder(view_of(tree, declared, page, language))
    published = _Choice(finder=finder, taken=dates.published, modified=dates.modified)
    modified = _Choice(finder=finder, taken=dates.modified)
    return {
        "date_published": merged(published.weighed((*PUBLISHED, *LAST))),
        "date_modified": merged(modified.weighed((*MODIFIED, *MODIFIED_NEAR_HEADLINE, lastmod))),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """A date that was taken, among those stated; of publication where the last change is told beside it."""

    finder: Finder
    taken: Dated | None
    modified: Dated | None = None

    def weighed(self, sources: Iterable[Source]) -> Iterator[Candidate]:
        told: set[tuple[str, str]] = set()
        is_open = True  # whether the taken one is still to come
        for source, claim in ((asked, stated) for asked in sources for stated in asked(self.finder.view)):
            raw = claim.raw[:RAW_CHARS]
            if is_open and self.taken and (claim.source, raw) == (self.taken.source, self.taken.raw):
                is_open = False
            elif (claim.source, raw) not in told:
                reading = settle(claim, self.finder.view, self.finder.known).reading
                written = "" if reading.value == raw else f" (written “{raw}”)"
                why = self.why_not(source, claim, reading, is_open=is_open)
                yield Candidate(value=f"{reading.value}{written}", source=claim.source, why_not=why)
            told.add((claim.source, raw))

    def why_not(self, source: Source, claim: Claim, reading: Reading, *, is_open: bool) -> str:
        sound = Sound(claim=claim, reading=reading, settled=True)
        if unfit := self.finder.unsound(reading) or self.finder.why_not(source, sound, self.modified):
            return unfit
        if self.taken is not None and (reading.value == self.taken.value or _is_same_moment(reading, self.taken)):
            return SAME
        if self.taken is not None and reading.day == self.taken.day:
            return "says the same day"
        if is_of_change(sound, self.modified):
            return "found by a search, and not before the day of the last change"
        if source in LAST and self.modified:
            return "no search is made where the day of the last change is known"
        if source is lastmod:
            return "sitemaps are written anew for other reasons, too"
        if self.taken is None:
            return "not taken"
        return "outvoted by the others" if is_open else f"comes after “{self.taken.source}”, which was taken"


def _is_same_moment(reading: Reading, dated: Dated) -> bool:
    moment = dt.datetime.fromisoformat(dated.value)
    return moment.tzinfo is not None and reading.instant == moment
