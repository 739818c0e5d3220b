"""What a site's look comes to: what its source would be, the articles it would give, and what is doubtful; pure."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.extraction.confidence import UNSURE
from crawler.extraction.dates.settle import GENERIC_TOP_LEVELS, top_level_of
from crawler.extraction.dates.words import zones_of_country
from crawler.extraction.language import language_tag
from crawler.extraction.rulebook import ALIASES, languages_known
from crawler.identity import registrable_domain
from crawler.items import Author, Extract, Hint, Outcome, Reason, Refused, Removed
from crawler.memory.dates import DateHabits
from crawler.probed import Listing, Miss, Probed
from crawler.record import utc_stamp, word_count

FIRST_WORDS = 10  # of a removed notice
SHORT_WORDS = 60  # an article that has fewer may be a stub
STALE = dt.timedelta(days=30)
SLOW_S = 10.0  # between two requests, from which on a crawl of a site is felt to be slow
ENOUGH = 3  # articles, to judge a site by
_NO_COUNTRY = GENERIC_TOP_LEVELS | {"uk"}
# Words that are the most common in one language and rare in the others of the Latin script
_COMMON = {
    "de": "der die und das nicht ist mit den auf von",
    "en": "the and of to that was for with his has",
    "es": "el los las que una por con del su más",
    "fr": "le les des et une est dans pour qui sur",
    "it": "il di che della per una sono gli nel più",
    "nl": "het een van en dat niet zijn voor met naar",
    "pl": "nie się na że jest do to jak po oraz",
    "pt": "os que não uma com para dos em mais ao",
    "tr": "bir ve bu için ile da de olarak daha gibi",
}
_WORD = re.compile(r"[^\W\d_]+")
Result = Extract | Refused | Miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page of the site that was taken for an article."""

    hint: Hint
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What is doubtful of a site, and what it means or what to do."""

    kind: str
    said: str


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
        warnings=tuple(_warnings(found, samples, extracts, now)),
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


def written_language(text: str) -> str | None:
    """The language of the Latin script that a text reads as, by its most common words; None where that is not plain.

    >>> written_language("Der Rat hat die Brücke nicht repariert, und das ist mit den Jahren auf die Stadt gefallen.")
    'de'
    >>> written_language("Kaksi siltaa suljettiin")
    """
    words = Counter(word.lower() for word in _WORD.findall(text[:20_000]))
    scores = Counter({tag: sum(words[word] for word in common.split()) for tag, common in _COMMON.items()})
    (first, most), (_, second) = scores.most_common(2)
    return first if most >= 5 and most >= 2 * second and most >= 0.06 * words.total() else None


def _language(found: Probed, extracts: Sequence[Extract]) -> Stated:
    """The language of the articles, where they agree; else what the front page says."""
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


def _warnings(
    found: Probed, samples: Sequence[Sample], extracts: Sequence[Extract], now: dt.datetime
) -> Iterator[Warned]:
    yield from _of_access(found)
    yield from _of_finding(found, now)
    yield from _of_refusals(samples)
    yield from _of_articles(found, extracts)


def _of_access(found: Probed) -> Iterator[Warned]:
    if found.robots:
        yield Warned(kind="unreachable", said=f"{found.url} cannot be read now: {found.robots.why}")
    elif not found.is_allowed:
        yield Warned(
            kind="robots", said=f"robots.txt does not allow {found.url} to be read; a crawl will not ask for it"
        )
    elif found.miss:
        yield Warned(kind=_kind_of_miss(found.miss), said=f"{found.url} could not be read: {told(found.miss)}")
    if found.is_from_article:
        yield Warned(kind="article", said=f"{found.given} is an article: the front page of its site was taken instead")
    elif registrable_domain(found.given) != registrable_domain(found.url):
        yield Warned(kind="moved", said=f"{found.given} leads to another site, {found.url}: look whether it is meant")
    if (found.crawl_delay_s or 0) >= SLOW_S:
        hourly = 3600 / (found.crawl_delay_s or 1)
        said = f"robots.txt asks for {found.crawl_delay_s:g} s between requests: at most {hourly:.0f} pages an hour"
        yield Warned(kind="slow", said=said)
    if found.rights.get("tdm_reservation") == "1":
        yield Warned(
            kind="reserved", said="the site reserves text and data mining (tdmrep.json): see --respect-tdm of a crawl"
        )


def _of_finding(found: Probed, now: dt.datetime) -> Iterator[Warned]:
    listings = [*found.feeds, *found.sitemaps]
    if not found.is_open:
        return
    if found.feeds and not any(feed.articles for feed in found.feeds):
        yield Warned(kind="no feed", said="no feed of it names articles that can be read")
    elif not found.feeds and found.kind != "sitemap":
        others = "sitemaps name its articles" if any(s.articles for s in found.sitemaps) else "its links are followed"
        yield Warned(kind="no feed", said=f"no feed was found; {others}")
    newest = max((listing.newest for listing in listings if listing.newest), default=None)
    if newest and now - newest > STALE:
        yield Warned(kind="stale", said=f"the newest article that feeds and sitemaps date is of {newest:%Y-%m-%d}")
    if not found.articles:
        yield Warned(
            kind="no articles", said="no address of an article was found: try the address of a section or feed"
        )


def _of_refusals(samples: Sequence[Sample]) -> Iterator[Warned]:
    missed = Counter((_kind_of_miss(s.result), told(s.result)) for s in samples if isinstance(s.result, Miss))
    for (kind, why), number in missed.most_common():
        yield Warned(kind=kind, said=f"{_of(number, len(samples))} could not be read: {why}")
    refused = Counter(s.result.reason for s in samples if isinstance(s.result, Refused))
    for reason, number in refused.most_common():
        kind, means = _REFUSALS.get(reason, ("no article", ""))
        yield Warned(kind=kind, said=f"{_of(number, len(samples))} gave a {reason.value}{means}")


_REFUSALS = {
    Reason.CONSENT: ("consent wall", ": it asks for consent before it shows anything"),
    Reason.BLOCK: ("blocked", ": it takes us for a robot and shows us out"),
    Reason.PAYWALL: ("paywall", ": only the beginning is shown"),
}


def _of_articles(found: Probed, extracts: Sequence[Extract]) -> Iterator[Warned]:
    number = len(extracts)
    if 0 < number < ENOUGH:
        yield Warned(kind="few articles", said=f"only {number} could be looked at: too few to judge the site by")
    counted = {
        "undated": ("have no date", [e for e in extracts if e.published is None]),
        "unsure dates": (
            "have a date that is not sure",
            [e for e in extracts if e.published and e.published.confidence == "low"],
        ),
        "paywall": (
            "are not free to read, by what they declare",
            [e for e in extracts if e.is_accessible_for_free is False],
        ),
        "short": (f"have less than {SHORT_WORDS} words", [e for e in extracts if words_of(e) < SHORT_WORDS]),
        "unsure texts": ("have a text that may be wrong", [e for e in extracts if e.confidence < UNSURE]),
        "noindex": (
            "ask not to be kept (noindex): a crawl leaves them out unless --ignore-noindex is given",
            [e for e in extracts if _asks_not_to_be_kept(e)],
        ),
        "no author": ("name no author", [e for e in extracts if not e.authors] if number >= ENOUGH else []),
    }
    for kind, (what, those) in counted.items():
        if those and (kind != "no author" or len(those) == number):
            yield Warned(kind=kind, said=f"{_of(len(those), number)} {what}")
    yield from _of_language(found, extracts)


def _of_language(found: Probed, extracts: Sequence[Extract]) -> Iterator[Warned]:
    stated = {tag.partition("-")[0] for e in extracts if (tag := e.language)}
    front = (language_tag(found.html_language) or "").partition("-")[0]
    if len(stated) > 1:
        yield Warned(kind="languages", said=f"its articles are in several languages: {', '.join(sorted(stated))}")
    elif stated and front and front not in stated:
        said = f"the front page says that it is in {front}, and its articles are in {', '.join(stated)}"
        yield Warned(kind="wrong language", said=said)
    read = Counter(tag for e in extracts if (tag := written_language(" ".join(e.paragraphs))))
    wrong = {tag: n for tag, n in read.items() if len(stated) == 1 and tag not in stated}
    for tag, number in wrong.items():
        said = f"{_of(number, len(extracts))} read as {tag}, and say that they are in {', '.join(stated)}"
        yield Warned(kind="wrong language", said=said)
    without = sorted(tag for tag in stated if ALIASES.get(tag, tag) not in languages_known())
    if without:
        said = f"there are no rules for notices in {', '.join(without)} yet: only what repeats over its pages is cut"
        yield Warned(kind="no rules", said=said)
    if extracts and not stated:
        yield Warned(kind="no language", said="its articles do not tell their language; name it in the sources file")


def words_of(extract: Extract) -> int:
    """How many words an article has."""
    return word_count("\n\n".join(extract.paragraphs))


def told(miss: Miss) -> str:
    """Why something could not be read, in words.

    >>> told(Miss(outcome=Outcome.HTTP_STATUS, why="403"))
    'HTTP status 403 (it shuts us out)'
    """
    if miss.outcome is not Outcome.HTTP_STATUS:
        return miss.why
    means = {"401": "it wants a login", "403": "it shuts us out", "404": "there is none", "429": "it is busy"}
    return f"HTTP status {miss.why}" + (f" ({means[miss.why]})" if miss.why in means else "")


def _kind_of_miss(miss: Miss) -> str:
    if miss.outcome is Outcome.ROBOTS:
        return "robots"
    return "blocked" if miss.outcome is Outcome.HTTP_STATUS and miss.why in {"401", "403", "429"} else "unreachable"


def _asks_not_to_be_kept(extract: Extract) -> bool:
    return bool({"noindex", "noarchive", "none"} & set(extract.rights.get("robots", "").split(", ")))


def _of(number: int, whole: int) -> str:
    return f"{number} of {whole} articles"


def _why(miss: Miss | None) -> str | None:
    return told(miss) if miss else None


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
        return told_of | {"why_not_read": told(result)}
    if isinstance(result, Refused):
        return told_of | {"refused": result.reason.value, "detail": result.detail}
    dated = result.published
    return told_of | {
        "title": result.title,
        "date": dated.value if dated else None,
        "date_confidence": dated.confidence if dated else None,
        "date_source": dated.source if dated else None,
        "authors": _names(result.authors),
        "language": result.language,
        "words": words_of(result),
        "confidence": result.confidence,
        "removed": [
            {"kind": kind, "number": n, "first_words": text} for kind, n, text in kinds_removed(result.removed)
        ],
        "rights": result.rights,
        "warnings": list(result.warnings),
    }


def _names(authors: Iterable[Author]) -> list[str]:
    return [author.name for author in authors]
