"""What a site's look comes to: what its source would be, the articles it would give, and what is doubtful; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.doubts import Warned, doubts_of, read_otherwise, words_of
from crawler.extraction.dates.settle import GENERIC_TOP_LEVELS, top_level_of
from crawler.extraction.dates.words import zones_of_country
from crawler.extraction.language import language_tag
from crawler.items import Extract, Refused, Removed
from crawler.memory.dates import DateHabits
from crawler.probed import Listing, Miss, Probed, Sample
from crawler.record import utc_stamp

FIRST_WORDS = 10  # of a removed notice
_NO_COUNTRY = GENERIC_TOP_LEVELS | {"uk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A thing that is known of the site, and by what."""

    value: str | None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A site as a person is shown it before it becomes a source."""

    probed: Probed
    samples: tuple[Sample, ...]
    language: Stated
    country: Stated
    zone: Stated
    warnings: tuple[Warned, ...]

    @property
    def is_source(self) -> bool:
        """Whether a crawl would find articles."""
        return any(isinstance(sample.result, Extract) for sample in self.samples)

    def as_table(self) -> dict[str, str | list[str]]:
        """What stands in the sources file: all that a crawl would not find by itself, and feeds.

        Feeds are what keeps a source alive when its front page is closed or rebuilt; sitemaps are many, and a crawl
        reads those that robots.txt names in any case.
        """
        feeds = [feed.url for feed in self.probed.feeds if feed.articles and feed.url != self.probed.url]
        table: dict[str, str | list[str]] = {"url": self.probed.url}
        table |= {"feeds": feeds} if feeds else {}
        stated = {"language": self.language.value, "country": self.country.value, "zone": self.zone.value}
        return table | {name: value for name, value in stated.items() if value}

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        found = self.probed
        return {
            "given": found.given,
            "url": found.url,
            "kind": found.kind,
            "why_not_read": _why(found.miss),
            "robots": {
                "allowed": found.is_allowed and found.robots is None,
                "why_closed": _why(found.robots),
                "crawl_delay_s": found.crawl_delay_s,
            },
            "rights": found.rights,
            "feeds": [_listing_json(feed) for feed in found.feeds],
            "sitemaps": [_listing_json(sitemap) for sitemap in found.sitemaps],
            "language": {"value": self.language.value, "by": self.language.by},
            "country": {"value": self.country.value, "by": self.country.by},
            "zone": {"value": self.zone.value, "by": self.zone.by},
            "articles_named": found.articles,
            "samples": [_sample_json(sample) for sample in self.samples],
            "warnings": [{"kind": warned.kind, "said": warned.said} for warned in self.warnings],
            "requests": found.requests,
            "not_looked_at": found.bounds,
            "is_source": self.is_source,
        }


def card_of(found: Probed, samples: Sequence[Sample], habits: DateHabits, now: dt.datetime) -> Card:
    """What a look comes to; ``habits`` are what its pages have shown of their dates."""
    extracts = [sample.result for sample in samples if isinstance(sample.result, Extract)]
    language, country = _language(found, extracts), _country(found)
    zone = _zone(habits, country.value)
    return Card(
        probed=found,
        samples=tuple(samples),
        language=language,
        country=country,
        zone=zone,
        warnings=tuple(doubts_of(found, samples, extracts, now)),
    )


def kinds_removed(removed: Iterable[Removed]) -> list[tuple[str, int, str]]:
    """What was cut of an article: the kind, how many of it, and the first words of the first; most frequent first."""
    counts: Counter[str] = Counter()
    firsts: dict[str, str] = {}
    for cut in removed:
        counts[cut.kind.value] += 1
        firsts.setdefault(cut.kind.value, first_words(cut.text))
    return [(kind, number, firsts[kind]) for kind, number in counts.most_common()]


def first_words(text: str) -> str:
    """The beginning of a text.

    >>> first_words("one two three four five six seven eight nine ten eleven")
    'one two three four five six seven eight nine ten …'
    """
    words = text.split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")


def _language(found: Probed, extracts: Sequence[Extract]) -> Stated:
    """The language of the articles, where they agree: what most read as, else what they say, or the front page."""
    for (reads, says), number in read_otherwise(extracts).most_common(1):
        if number * 2 > len(extracts):
            return Stated(value=reads, by=f"{number} of {len(extracts)} articles, which say that they are in {says}")
    tags = [extract.language for extract in extracts if extract.language]
    primaries = {tag.partition("-")[0] for tag in tags}
    if len(primaries) == 1:
        value = tags[0] if len(set(tags)) == 1 else primaries.pop()
        return Stated(value=value, by=f"{len(tags)} of {len(extracts)} articles")
    if tags:
        return Stated(value=None, by=f"articles in {', '.join(sorted(primaries))}")
    stated = language_tag(found.html_language)
    return Stated(value=stated, by="the front page" if stated else "")


def _country(found: Probed) -> Stated:
    """By the address's own top level, else by the region of what the page declares."""
    top = top_level_of(found.url)
    if top == "uk" or (len(top) == 2 and top.isalpha() and top not in _NO_COUNTRY):
        return Stated(value="gb" if top == "uk" else top, by=f"its address ends in .{top}")
    for text, by in ((found.html_language, "the page's language"), (found.locale, "og:locale")):
        region = (language_tag(text) or "").rpartition("-")[2]
        if len(region) == 2 and region.isupper():
            return Stated(value=region.lower(), by=f"{by}, {text}")
    return Stated(value=None)


def _zone(habits: DateHabits, country: str | None) -> Stated:
    """The one clock of the country, or of all, that agrees with what the articles state."""
    zones = habits.known(country or "").zones
    own = [zone for zone in zones_of_country(country or "") if zone in zones]
    chosen = own[0] if own else zones[0] if len(zones) == 1 else None
    if chosen:
        return Stated(value=chosen, by=f"offsets stated by {habits.stating} articles")
    return Stated(value=None, by=f"{len(zones)} time zones fit the offsets that articles state" if zones else "")


def _why(miss: Miss | None) -> str | None:
    return miss.told if miss else None


def _listing_json(listing: Listing) -> dict[str, Any]:
    return {
        "url": listing.url,
        "named_by": listing.named_by,
        "articles": listing.articles,
        "sitemaps": listing.sitemaps,
        "is_news": listing.is_news,
        "newest": utc_stamp(listing.newest) if listing.newest else None,
        "why_not_read": _why(listing.miss),
    }


def _sample_json(sample: Sample) -> dict[str, Any]:
    told_of = {"url": sample.hint.url, "found_by": sample.hint.found_by.value}
    result = sample.result
    if isinstance(result, Miss):
        return told_of | {"why_not_read": result.told}
    if isinstance(result, Refused):
        return told_of | {"refused": result.reason.value, "detail": result.detail}
    dated = result.published
    return told_of | {
        "title": result.title,
        "date": dated.value if dated else None,
        "date_confidence": dated.confidence if dated else None,
        "date_source": dated.source if dated else None,
        "authors": [author.name for author in result.authors],
        "language": result.language,
        "words": words_of(result),
        "confidence": result.confidence,
        "removed": [
            {"kind": kind, "number": n, "first_words": text} for kind, n, text in kinds_removed(result.removed)
        ],
        "rights": result.rights,
        "warnings": list(result.warnings),
    }
