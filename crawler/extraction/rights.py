"""What is said of the rights in a page: by the page, by its answer's headers, and by its site's files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from crawler.extraction.declared import Declared
from crawler.extraction.outlet import plain
from crawler.items import Page

AGENT = "dateline"  # what a rule for us alone calls us
UNAVAILABLE_AFTER = "unavailable_after"
MOST_CHARS = 500  # of each entry

# what is asked of those who keep pages; how a page is to be shown in results of a search is no matter of ours
_KEPT = frozenset("noai noimageai noarchive nosnippet noindex nocache noml none".split())
_WITH_VALUE = frozenset({UNAVAILABLE_AFTER, "max-snippet", "max-image-preview", "max-video-preview"})
_WEEKDAY = re.compile(r"\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*$", re.IGNORECASE)

Rule = tuple[str, str]  # a rule for robots, and its value where it has one


def read_rights(declared: Declared, page: Page) -> tuple[dict[str, str], str]:
    """Licence, holder and notice; what robots and text miners are asked; and where all that was read.

    Of the reservation of text and data mining the page's own word goes before its header's, and that before the word of
    the site's file (TDM Reservation Protocol, “Processing priority”). Rules for robots add up.
    """
    in_headers, of_site = _headers(page), dict(page.site_rights)
    found = {**_stated(declared), **_robots(declared, in_headers, page.fetched_at), **_reserved(declared, page)}
    found["content_signal"] = of_site.get("content_signal", "")
    rights = {name: value[:MOST_CHARS] for name, value in found.items() if value}
    if not rights:
        return {}, ""
    places = {
        "declared": bool(_stated(declared) or _of_meta(declared) or _tdm(declared)),
        "header": bool(in_headers),
        "site": bool(of_site),
    }
    return rights, ", ".join(place for place, is_one in places.items() if is_one)


def robots_rules(value: str) -> Iterator[Rule]:
    """The rules of an X-Robots-Tag header that are for all crawlers or for us.

    A name with a colon before a rule is that of the crawler that it and those behind it are for.

    >>> list(robots_rules("noai, otherbot: noindex, nofollow"))
    [('noai', '')]
    >>> list(robots_rules("dateline: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noarchive"))
    [('unavailable_after', 'Fri, 25 Jun 2010 15:00:00 GMT'), ('noarchive', '')]
    """
    is_ours, parts = True, value.split(",")
    while parts:
        part = parts.pop(0).strip()
        name, colon, rest = part.partition(":")
        if colon and name.strip().lower() not in _WITH_VALUE:
            is_ours = name.strip().lower() in {AGENT, "*"}
            parts.insert(0, rest)
            continue
        if colon and parts and _WEEKDAY.match(rest):  # the comma of a date
            rest = f"{rest},{parts.pop(0)}"
        if is_ours and name.strip():
            yield name.strip().lower(), rest.strip()


def _headers(page: Page) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in page.headers]


def _stated(declared: Declared) -> dict[str, str]:
    article = declared.article
    found = {
        "license": _text_or_address(article.get("license")) or next(iter(declared.links.get("license", ())), ""),
        "copyright_holder": _text_or_address(declared.resolve(article.get("copyrightHolder"))),
        "copyright_notice": _text_or_address(
            article.get("copyrightNotice") or declared.first("copyright", "dc.rights")
        ),
    }
    return {name: value for name, value in found.items() if value}


def _text_or_address(value: Any) -> str:
    """The text of a value, or of the first in a list; of a node its name or address."""
    for item in value[:100] if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            item = item.get("name") or item.get("@value") or item.get("url") or item.get("@id")
        if text := plain(item):
            return text
    return ""


def _robots(declared: Declared, headers: Iterable[tuple[str, str]], day: dt.date) -> dict[str, str]:
    """The rules of meta elements and headers, by the alphabet; one that its moment has brought into force, too."""
    rules = [
        *_of_meta(declared),
        *(rule for name, value in headers if name == "x-robots-tag" for rule in robots_rules(value)),
    ]
    kept = {name for name, _ in rules if name in _KEPT}
    until = next((value for name, value in rules if name == UNAVAILABLE_AFTER and value), "")
    if until and _is_over(until, day):
        kept.add(UNAVAILABLE_AFTER)
    return {"robots": ", ".join(sorted(kept)), UNAVAILABLE_AFTER: until}


def _of_meta(declared: Declared) -> list[Rule]:
    said = (*declared.meta.get("robots", ()), *declared.meta.get(AGENT, ()))
    rules = [rule for value in said for rule in robots_rules(value)]
    for value in said:  # blanks between rules, where commas were meant
        rules += [(word, "") for word in value.lower().split() if word in _KEPT]
    return [rule for rule in rules if rule[0] in _KEPT or rule[0] == UNAVAILABLE_AFTER]


def _is_over(moment: str, day: dt.date) -> bool:
    """Whether a moment, in a form of RFC 822, RFC 850 or ISO 8601, lies before the page was fetched."""
    for read in (parsedate_to_datetime, dt.datetime.fromisoformat):
        try:
            until = read(moment)
        except ValueError:
            continue
        until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
        return until < day if isinstance(day, dt.datetime) else until.date() < day
    return False


def _reserved(declared: Declared, page: Page) -> dict[str, str]:
    """The reservation of the most particular place that states one, with the policy of that place."""
    headers = {
        name.replace("-", "_"): value.strip() for name, value in reversed(_headers(page)) if name.startswith("tdm-")
    }
    places = (_tdm(declared), headers, {n: v for n, v in page.site_rights if n.startswith("tdm_")})
    stated = next((place for place in places if place.get("tdm_reservation")), {})
    policy = stated or next((place for place in places if place.get("tdm_policy")), {})
    return {"tdm_reservation": stated.get("tdm_reservation", ""), "tdm_policy": policy.get("tdm_policy", "")}


def _tdm(declared: Declared) -> dict[str, str]:
    found = {name: plain(declared.first(name.replace("_", "-"))) for name in ("tdm_reservation", "tdm_policy")}
    return {name: value for name, value in found.items() if value}
