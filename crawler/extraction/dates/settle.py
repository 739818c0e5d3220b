"""Which day an ambiguous 03/04/2025 means: by the page's evidence, then by its site's, by language and region last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from crawler.extraction.dates.claims import Claim, View
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.written import dates_in

MONTH_FIRST = frozenset(("us", "ph", "pr", "gu", "fm", "mh", "pw", "as", "vi", "mp"))
UNSETTLED = frozenset(("ca", "bz", "ke", "gh"))  # both orders are in everyday use
ENOUGH_PAGES = 2  # of the site, against what is usual in the page's language and region
_TEXTS, _TEXT_CHARS = 4000, 40  # how many pieces of text are searched for dates that show the order


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A reading with its day decided; where that is open, the readings stay beside each other, the likelier first."""

    reading: Reading
    is_open: bool = False
    decided_by: str = ""  # what the site's other pages showed, where that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    day_first: bool | None
    is_open: bool
    decided_by: str = ""


def settle(claim: Claim, view: View, known: Collection[dt.date]) -> Settled:
    """The claim's reading with its day decided. ``known`` are days that unambiguous sources of the page gave."""
    reading = claim.reading
    if not reading.others:
        return Settled(reading=reading)
    own = day_not_after_fetch(reading, view) or day_near(reading, known)
    if own is not None:
        return Settled(reading=_decided(reading, own))
    order = _order(view, claim)
    days = (reading.day, reading.others[0])
    first, second = days if order.day_first else reversed(days)  # bare English: mostly American
    if order.is_open:
        return Settled(reading=replace(reading, day=first, others=(second,)), is_open=True)
    return Settled(reading=_decided(reading, first), decided_by=order.decided_by)


def day_not_after_fetch(reading: Reading, view: View) -> dt.date | None:
    """The one of an ambiguous date's days that is not in the future."""
    return _only(day for day in (reading.day, *reading.others) if not is_future(day, view))


def day_near(reading: Reading, known: Collection[dt.date]) -> dt.date | None:
    """The one of an ambiguous date's days that is known, give or take a zone."""
    days = (reading.day, *reading.others)
    return _only(day for day in days if any(abs(day - other).days <= 1 for other in known))


def _only(days: Iterable[dt.date]) -> dt.date | None:
    found = list(days)
    return found[0] if len(found) == 1 else None


def is_future(day: dt.date, view: View) -> bool:
    """Whether a day is more than one after the fetch: zones alone make one day of difference."""
    return (day - view.fetched_day).days > 1


def _order(view: View, claim: Claim) -> _Order:
    """What is configured, else what the site's pages show, this one among them, else what is usual.

    The order is open where this page shows another than the site's, and where a single page speaks against the usual.
    """
    site, raw = view.page.site, claim.raw
    if site.day_first is not None:
        return _Order(day_first=site.day_first, is_open=False)
    shown, told = _order_shown(view, raw), site.dates.order_of(claim.source)
    usual = True if "." in raw else day_first_in(view.language, region_of(view))  # 3.4.2025 is no American spelling
    if told is None:
        own = usual if shown is None else shown
        return _Order(day_first=own, is_open=own is None)
    other = usual if shown is None and told.pages < ENOUGH_PAGES else shown
    is_open = other is not None and other != told.day_first
    return _Order(day_first=told.day_first, is_open=is_open, decided_by=str(told) if shown is None else "")


def day_first_in(language: str | None, region: str | None) -> bool | None:
    """How a language writes all-figure dates in a region; None for English without one.

    >>> day_first_in("uk", None), day_first_in("en-US", "us"), day_first_in("en", None)
    (True, False, None)
    """
    base = (language or "").lower().split("-")[0]
    if region in UNSETTLED or not base:
        return None
    if base in ("en", "es", "fil", "tl") and region in MONTH_FIRST:
        return False
    if base == "en":
        return True if region else None
    return base not in ("fil", "tl")


def region_of(view: View) -> str | None:
    """The country that a page is written for: as told, by its top-level domain, by its language tag."""
    if view.page.site.country:
        return view.page.site.country.lower()
    top = top_level_of(view.page.url)
    if len(top) == 2 and top not in GENERIC_TOP_LEVELS:
        return top
    for tag in (view.page.site.language, view.declared.html_lang, view.declared.first("og:locale")):
        parts = (tag or "").replace("_", "-").lower().split("-")
        if len(parts) > 1 and len(parts[-1]) == 2:
            return parts[-1]
    return None


def top_level_of(address: str) -> str:
    """The last label of an address's host, lower case; "" where there is none.

    >>> top_level_of("https://news.example.de/a"), top_level_of("https://[broken")
    ('de', '')
    """
    try:
        return (urlsplit(address).hostname or "").rpartition(".")[2]
    except ValueError:
        return ""


# country codes that are sold to everyone
GENERIC_TOP_LEVELS = frozenset(
    "ai am cc co cx eu fm gg io is la li ly me mn mp ms nu pw re sc sh so st su to tv vc ws".split()
)


def _order_shown(view: View, raw: str) -> bool | None:
    """The order that other all-figure dates of the page with the same separator show, where they agree."""
    separator = next((c for c in raw if c in "/.-"), "/")
    shown: set[bool] = set()
    for text in islice(view.tree.itertext(), _TEXTS):
        if separator in text and text[:1] != "{" and any(c.isdigit() for c in text):
            for written in dates_in(text.strip()[:_TEXT_CHARS], view.language):
                shown |= _order_of(written.raw, separator)
    return shown.pop() if len(shown) == 1 else None


def _order_of(raw: str, separator: str) -> set[bool]:
    parts = raw.split()[0].split(separator) if raw else []
    if len(parts) != 3 or not all(part.isdecimal() for part in parts) or len(parts[0]) > 2:
        return set()
    first, second = int(parts[0]), int(parts[1])
    return {first > second} if max(first, second) > 12 else set()


def _decided(reading: Reading, day: dt.date) -> Reading:
    return replace(reading, day=day, others=())
