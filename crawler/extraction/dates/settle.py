"""Which day an ambiguous 03/04/2025 means: by the evidence of the page first, by language and region after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from crawler.extraction.dates.claims import View
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.written import dates_in

MONTH_FIRST = frozenset(("us", "ph", "pr", "gu", "fm", "mh", "pw", "as", "vi", "mp"))
UNSETTLED = frozenset(("ca", "bz", "ke", "gh"))  # both orders are in everyday use
_TEXTS, _TEXT_CHARS = 4000, 40  # how many pieces of text are searched for dates that show the order


def settle(reading: Reading, raw: str, view: View, known: Collection[dt.date]) -> tuple[Reading, bool]:
    """The reading with its day decided, and whether evidence decided it.

    ``known`` are days that unambiguous sources of the page gave. Where nothing decides, the readings stay beside
    each other, in the order that is the more frequent one in the page's language.
    """
    if not reading.others:
        return reading, True
    day_first, month_first = reading.day, reading.others[0]
    sound = [day for day in (day_first, month_first) if not is_future(day, view)]
    if len(sound) == 1:
        return _decided(reading, sound[0]), True
    if view.page.site.day_first is not None:
        return _decided(reading, day_first if view.page.site.day_first else month_first), True
    near = [day for day in (day_first, month_first) if any(abs(day - other).days <= 1 for other in known)]
    if len(near) == 1:
        return _decided(reading, near[0]), True
    order = order_of_page(view, raw)
    if order is not None:
        return _decided(reading, day_first if order else month_first), True
    return replace(reading, day=month_first, others=(day_first,)), False  # bare English: mostly American


def is_future(day: dt.date, view: View) -> bool:
    """Whether a day is more than one after the fetch: zones alone make one day of difference."""
    fetched = view.page.fetched_at
    fetched_day = fetched.date() if isinstance(fetched, dt.datetime) else fetched
    return (day - fetched_day).days > 1


def order_of_page(view: View, raw: str) -> bool | None:
    """True for day first, False for month first, None where neither the page nor its language and region tell."""
    if (shown := _order_shown(view, raw)) is not None:
        return shown
    if "." in raw:
        return True  # 3.4.2025 is no American spelling
    return day_first_in(view.language, region_of(view))


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
