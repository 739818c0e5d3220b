"""Dates as a reader sees them: around the headline, or alone on a line of the page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from lxml.html import HtmlElement

from crawler.extraction.dates.claims import Claim, View
from crawler.extraction.dates.headline import LONG_LINE, Line, lines_of, text_of
from crawler.extraction.dates.words import Role, label_role
from crawler.extraction.dates.written import Written, dates_in, read_date

SHORT_LINE = 160  # characters: a line of the byline; dates in longer ones belong to sentences
BARE = 20  # characters beside the date on a line that says little else
LABEL = 40  # characters: a line that may label the one below it
AFTER = 24  # characters behind a date in which a label may stand, if no other figure does
OPENING = 70  # characters of a paragraph in which a dateline stands: "KYIV, 26 April 2025 –"
LABEL_IS_WORTH = 4  # lines: a date labelled as publication may stand so much farther from the headline
PARAGRAPH_IS_WORTH = 6  # lines
IN_BYLINE = 8  # lines from the headline: a standfirst, then a byline of two
BYLINE = 60  # characters beside a date on a line of the byline, such as names
FARTHEST = 14  # lines from the headline where a date still is the article's own
_UPDATED_CLASS = re.compile(r"updated|modif|lastmod|last-mod", re.IGNORECASE)
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|post-date|posted|created|pubdate|article-date", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_DATELINE_END = re.compile(r"\s?[)\].]{0,2}\s?(?:[|:–—/]|-\s|\([^)]{2,40}\)|$)|\s?[)\]]|\.\s|\s?[„“«]")
_SENTENCE = re.compile(r"[.!?]\s|(?:\w+\s){5}")


def near_headline(view: View) -> Iterator[Claim]:
    """``<time>`` elements and written dates around the headline that are not labelled as an update, nearest first."""
    found = [
        (distance - LABEL_IS_WORTH * (role == "published"), c)
        for distance, role, c in _near(view, FARTHEST + LABEL_IS_WORTH)
        if role != "modified"
    ]
    yield from (claim for far, claim in sorted(found, key=lambda pair: pair[0]) if far <= FARTHEST)


def near_headline_modified(view: View) -> Iterator[Claim]:
    """Dates around the headline that are labelled as an update."""
    yield from (claim for _, role, claim in _near(view) if role == "modified")


def lone(view: View) -> Iterator[Claim]:
    """The one day that the page's date lines name, where there is no headline to go by or no date near it.

    A date labelled as publication counts before those that merely stand alone on a line.
    """
    found: dict[bool, dict[dt.date, Claim]] = {True: {}, False: {}}
    for label, line in _with_labels(lines_of(view.tree)):
        if len(line.text) > SHORT_LINE:
            continue
        for role, claim in (*_times(view, label, line), *_visible(view, label, line)):
            is_bare = claim.source == "visible" and len(line.text) - len(claim.raw) <= BARE
            if role == "published" or (role is None and is_bare):
                found[role == "published"].setdefault(claim.reading.day, replace(claim, source="page text"))
    for claims in (found[True], found[False]):
        if claims:
            yield from claims.values() if len(claims) == 1 else ()
            return


def _near(view: View, farthest: float = inf) -> Iterator[tuple[int, Role | None, Claim]]:
    """The dates around the headline with their distance to it in lines, a paragraph counting as several."""
    after, before = view.lines().sides()
    for lines in (_with_labels(after), (("", line) for line in before)):
        distance = 0
        for label, line in lines:
            for role, claim in (*_times(view, label, line), *_visible(view, label, line)):
                is_far = distance > IN_BYLINE or len(line.text) - len(claim.raw) > BYLINE
                yield distance, role, replace(claim, is_in_text=is_far and role is None)
            distance += 1 if len(line.text) < LONG_LINE else PARAGRAPH_IS_WORTH
            if distance > farthest:
                break


def _with_labels(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Lines in reading order, each with the line above it where that is short enough to be its label."""
    label = ""
    for line in lines:
        yield label, line
        label = line.text if len(line.text) < LABEL else ""


def _times(view: View, label: str, line: Line) -> Iterator[tuple[Role | None, Claim]]:
    left = 0
    for position, element in line.times if len(line.text) <= SHORT_LINE else ():
        raw = element.get("datetime") or ""
        if reading := read_date(raw, view.language):
            role = _time_role(element, line.text[left:position], label)
            yield role, Claim(source="time", raw=raw, reading=reading)
        left = position


def _time_role(element: HtmlElement, before: str, label: str) -> Role | None:
    """What a ``time`` element dates: by its words, its mark-up, the words before it, its class, the line above."""
    return (
        label_role(text_of(element))
        or _marked_role(element)
        or label_role(before)
        or _named_role(element.get("class", ""))
        or label_role(label)
    )


def _marked_role(element: HtmlElement) -> Role | None:
    if element.get("pubdate") is not None:
        return "published"
    return _named_role(f"{element.get('itemprop', '')} {element.get('property', '')}")


def _named_role(names: str) -> Role | None:
    """What names in the mark-up say; both at once is how templates mark a page that was never changed."""
    if _PUBLISHED_CLASS.search(names):
        return "published"
    return "modified" if _UPDATED_CLASS.search(names) else None


def _visible(view: View, label: str, line: Line) -> Iterator[tuple[Role | None, Claim]]:
    """Written dates of a short line; of a paragraph only one that opens it, as a dateline does."""
    if not _FIGURE.search(line.text):
        return
    if len(line.text) <= SHORT_LINE:
        marked = {position: _marked_role(element) for position, element in line.times}
        for role, written in labelled(label, line.text, view.language):
            told = role or marked.get(written.start) or marked.get(written.start - 1)  # a space may stand before it
            yield told, Claim(source="visible", raw=written.raw, reading=written.reading)
        return
    opening = next(dates_in(line.text[:OPENING], view.language), None)
    if opening and _is_dateline(line.text, opening):
        role = label_role(line.text[: opening.start])
        yield role, Claim(source="visible", raw=opening.raw, reading=opening.reading)


def _is_dateline(text: str, written: Written) -> bool:
    """Whether a date that opens a paragraph is set off from its first sentence: "Oslo (26 April 2025) – The …"."""
    return bool(_DATELINE_END.match(text[written.end :])) and not _SENTENCE.search(text[: written.start])


def labelled(before: str, line: str, language: str | None) -> Iterator[tuple[Role | None, Written]]:
    """The dates of a line, each with what the label before it (or, at the end of the line, after it) says.

    >>> [(role, w.reading.value) for role, w in labelled("", "26 April 2025, updated 27 April 2025", "en")]
    [(None, '2025-04-26'), ('modified', '2025-04-27')]
    """
    left = 0
    found = list(dates_in(line, language))
    for number, written in enumerate(found):
        role = label_role(line[left : written.start])
        if role is None and number == 0:
            role = label_role(before) if not any(c.isdigit() for c in before) else None
        if role is None and number == len(found) - 1:
            role = _role_after(line[written.end :])
        left = written.end
        yield role, written


def _role_after(text: str) -> Role | None:
    """What a label at the end of a line says of the date before it, unless a time follows that is its own.

    >>> _role_after(" (updated)"), _role_after(" / Updated 8 hours ago")
    ('modified', None)
    """
    return None if any(c.isdigit() for c in text[:AFTER]) else label_role(text[:14])
