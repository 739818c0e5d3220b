"""The day that an address names: /2025/04/26/, 2025-04-26, 20250426, /2025/apr/26/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crawler.extraction.dates.claims import Claim, View
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.words import month_number
from crawler.extraction.dates.written import read_date

_URL_DATE = re.compile(
    r"(?<!\d)(?P<y0>(?:19|20)\d\d)(?P<s0>[/_.-]?)(?P<m0>[01]?\d)(?P=s0)(?P<d0>[0-3]?\d)(?![\d])"
    r"|/(?P<y1>(?:19|20)\d\d)/(?P<m1>[a-z]{3,9})/(?P<d1>[0-3]?\d)(?=/)"
    r"|(?<!\d)(?P<d2>[0-3]\d)(?P<s2>[-_.])(?P<m2>[01]\d)(?P=s2)(?P<y2>20\d\d)(?!\d)"
)


def url(view: View) -> Iterator[Claim]:
    """The day in the address: /2025/04/26/, 2025-04-26, 20250426, /2025/apr/26/."""
    if found := date_in_url(view.page.url):
        yield Claim(source="url", raw=found[0], reading=found[1])


def date_in_url(address: str) -> tuple[str, Reading] | None:
    """The one day that an address names, as written and as read; None for a mere month or for an unclear order.

    >>> date_in_url("https://example.org/2025/04/26/slug")[1].value
    '2025-04-26'
    >>> date_in_url("https://example.org/2023/10/3-questions") is None
    True
    """
    try:
        path = urlsplit(address).path[:500].lower()
    except ValueError:
        return None
    for match in _URL_DATE.finditer(path):
        if reading := _url_reading(match, path):
            return match[0], reading
    return None


def _url_reading(match: re.Match[str], path: str) -> Reading | None:
    if match["y1"]:
        return read_date(f"{match['y1']}-{month_number(match['m1']) or 0}-{match['d1']}")
    if match["y2"]:
        reading = read_date(f"{match['d2']}/{match['m2']}/{match['y2']}")
        return reading if reading and not reading.others else None
    year, month, day, separator = match["y0"], match["m0"], match["d0"], match["s0"]
    whole = path[match.end() : match.end() + 1] in ("", "/")
    if separator == "/" and not whole:
        return None  # /2023/10/3-questions: the number belongs to the headline
    if separator != "/" and (len(month) < 2 or len(day) < 2):
        return None
    return read_date(f"{year}-{month}-{day}")
