"""Laws of what reads single texts: dates as they are written, addresses, the header of a busy host."""

from __future__ import annotations

import datetime as dt

from benchmarks.fuzzing.laws import FETCHED, URL, is_rfc3339, is_web
from benchmarks.fuzzing.target import as_text, headed, holds
from crawler.extraction.dates.address import date_in_url
from crawler.extraction.dates.written import dates_in, read_date
from crawler.identity import (
    address_digest,
    canonical_key,
    host_of,
    registrable_domain,
    site_of,
    web_address,
    without_tracking,
)
from crawler.middlewares import retry_after_s
from spiders.section import is_trap
from spiders.shape import Shape, may_be_article, shape_of
from spiders.when import day_in, has_clock, latest_day_in, latest_of, moment_of, rfc3339

LONGEST_S = 400 * 366 * 86_400 * 25.0  # up to the end of the calendar, in the year 9999


def check_date_text(data: bytes) -> None:
    """Readings of the calendar, in the order of the text, none on top of another."""
    language, body = headed(data, "language")
    text = as_text(body)
    if reading := read_date(text, language or None):
        is_rfc3339(reading.value)
    end = 0
    for written in dates_in(text, language or None):
        is_rfc3339(written.reading.value)
        is_span = end <= written.start < written.end <= len(text)
        holds(is_span, "dates stand behind each other", told=(end, written))
        holds(
            text[written.start : written.end].strip() == written.raw, "a date stands where it is said to", told=written
        )
        holds(written.reading.day not in written.reading.others, "other days are others", told=written)
        end = written.end


def check_stamp(data: bytes) -> None:
    """A moment with its zone or none, never later than the latest that the text can mean."""
    text = as_text(data)
    said, moment, latest = rfc3339(text), moment_of(text), latest_of(text)
    holds(rfc3339(said) == said or moment_of(said) == moment_of(rfc3339(said)), "a date stays what it is", told=said)
    holds(moment is None or moment.tzinfo is not None, "a moment has a zone", told=moment)
    holds(
        latest is None or (moment is not None and latest >= moment), "the latest is not before", told=(moment, latest)
    )
    holds(isinstance(has_clock(text), bool), "there is a clock or not")


def check_address(data: bytes) -> None:
    """One key for one page, a site and a shape for any text, and only web addresses out."""
    text = as_text(data)
    key = canonical_key(text)
    holds(canonical_key(key) == key, "a key is its own key", told=(key, canonical_key(key)))
    holds(address_digest(key) == address_digest(text), "a digest is the key's", told=key)
    bare = without_tracking(text)
    holds(without_tracking(bare) == bare, "nothing is left to take off", told=bare)
    for name, value in (("host", host_of(text)), ("domain", registrable_domain(text)), ("site", site_of(text))):
        holds(isinstance(value, str), f"a {name} is a text", told=value)
    for base in ("", URL):
        if (url := web_address(base, text)) is not None:
            is_web(url)
            holds(web_address("", url) == url, "a web address is one", told=(url, web_address("", url)))
    _check_shape(text)


def _check_shape(text: str) -> None:
    holds(isinstance(shape_of(text), Shape) and isinstance(is_trap(text), bool), "an address has a shape")
    holds(isinstance(may_be_article(text, is_trusted=False), bool), "an address may be an article or not")
    for day in (day_in(text), latest_day_in(text)):
        holds(day is None or isinstance(day, dt.date), "a day is one", told=day)
    if found := date_in_url(text):
        is_rfc3339(found[1].value)


def check_retry_after(data: bytes) -> None:
    """Seconds that can be waited, or nothing."""
    seconds = retry_after_s(data, FETCHED)
    holds(seconds is None or 0 <= seconds <= LONGEST_S, "a wait is a time within bounds", told=seconds)
