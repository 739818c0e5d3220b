"""What is doubtful of a site that was looked at, each with what it means or what to do; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.extraction.confidence import UNSURE
from crawler.extraction.language import language_tag
from crawler.extraction.rulebook import ALIASES, languages_known
from crawler.identity import registrable_domain
from crawler.items import Extract, Outcome, Reason, Refused
from crawler.policy import Policy, accepted
from crawler.probed import Miss, Probed, Sample
from crawler.record import word_count

SHORT_WORDS = 60  # an article that has fewer may be a stub
STALE = dt.timedelta(days=30)
SLOW_S = 10.0  # between two requests, from which on a crawl of a site is felt to be slow
ENOUGH = 3  # articles, to judge a site by


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What is doubtful of a site, and what it means or what to do."""

    kind: str
    said: str


def doubts_of(
    found: Probed, samples: Sequence[Sample], extracts: Sequence[Extract], now: dt.datetime
) -> Iterator[Warned]:
    """What is doubtful; ``extracts`` are those of the samples that are articles."""
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
        yield Warned(kind=_kind_of_miss(found.miss), said=f"{found.url} could not be read: {found.miss.told}")
    if found.is_from_article:
        yield Warned(kind="article", said=f"{found.given} is an article: the front page of its site was taken instead")
    elif registrable_domain(found.given) != registrable_domain(found.url):
        yield Warned(kind="moved", said=f"{found.given} leads to another site, {found.url}: look whether it is meant")
    if (found.crawl_delay_s or 0) >= SLOW_S:
        hourly = 3600 / (found.crawl_delay_s or 1)
        said = f"robots.txt asks for {found.crawl_delay_s:g} s between requests: at most {hourly:.0f} pages an hour"
        yield Warned(kind="slow", said=said)


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
    wall = _REFUSALS.get(found.stands_in.reason) if found.stands_in else None
    if found.stands_in and wall:
        kind, means = wall
        yield Warned(kind=kind, said=f"the page itself is a {found.stands_in.reason.value}{means}")
    elif not found.articles:
        yield Warned(
            kind="no articles", said="no address of an article was found: try the address of a section or feed"
        )


def _of_refusals(samples: Sequence[Sample]) -> Iterator[Warned]:
    missed = Counter((_kind_of_miss(s.result), s.result.told) for s in samples if isinstance(s.result, Miss))
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
            "ask not to be kept: a crawl leaves them out unless --ignore-noindex is given",
            [e for e in extracts if isinstance(accepted(e, Policy(obeys_noindex=True)), Refused)],
        ),
        "reserved": (
            "are reserved from mining: a crawl with --respect-tdm leaves them out",
            [e for e in extracts if isinstance(accepted(e, Policy(respects_tdm=True)), Refused)],
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
    others = read_otherwise(extracts)
    if len(stated) > 1:
        yield Warned(kind="languages", said=f"its articles are in several languages: {', '.join(sorted(stated))}")
    elif stated and front and front not in stated and not others:
        said = f"the front page says that it is in {front}, and its articles are in {', '.join(stated)}"
        yield Warned(kind="wrong language", said=said)
    for (tag, says), number in others.most_common():
        said = f"{_of(number, len(extracts))} read as {tag}, and say that they are in {says}"
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


def read_otherwise(extracts: Sequence[Extract]) -> Counter[tuple[str, str]]:
    """How many articles read as another language than they say, by both."""
    found: Counter[tuple[str, str]] = Counter()
    for extract in extracts:
        if extract.stated_language and extract.language and extract.language != extract.stated_language:
            found[extract.language, extract.stated_language.partition("-")[0]] += 1
    return found


def _kind_of_miss(miss: Miss) -> str:
    if miss.outcome is Outcome.ROBOTS:
        return "robots"
    return "blocked" if miss.outcome is Outcome.HTTP_STATUS and miss.why in {"401", "403", "429"} else "unreachable"


def _of(number: int, whole: int) -> str:
    return f"{number} of {whole} articles"
