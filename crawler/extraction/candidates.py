"""What a page states for a field, weighed once more: asked for only where a page is explained to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from crawler.extraction.text import text_key

MAX_CANDIDATES = 40  # of a field; strangers choose how many they state
MAX_CHARS = 300  # of one
SAME = "says the same"


class Stated(NamedTuple):
    """A value that is stated for a field, and where; ``unfit`` says why it cannot be the field's."""

    value: str
    source: str
    unfit: str = ""
    written: str = ""  # as it stands there, where that is more


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A value that is stated for a field, where it stands, and why it was not taken: "" for the one that was."""

    value: str
    source: str
    why_not: str
    written: str = ""


def weighed(stated: Iterable[Stated], value: str, source: str) -> tuple[Candidate, ...]:
    """A field's values, in the order of trust, beside the one that was taken from ``source``.

    >>> pairs = (("Rain", "title"), ("rain", "meta"), ("Sun", "url"))
    >>> stated = [Stated("Home", "h1", "an outlet"), *(Stated(*pair) for pair in pairs)]
    >>> [f"{c.value}: {c.why_not}" for c in weighed(stated, "Rain", "title")]
    ['Home: an outlet', 'Rain: ', 'rain: says the same', 'Sun: comes after “title”, which was taken']
    """
    return merged(_weighed(stated, value, source))


def merged(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Candidates in their order; those of one value that were not taken for one reason are told once."""
    told: dict[tuple[str, str], Candidate] = {}
    for candidate in islice(candidates, MAX_CANDIDATES):
        key = text_key(candidate.value), candidate.why_not
        if key not in told:
            told[key] = candidate
        elif candidate.source not in (sources := told[key].source).split(", "):
            told[key] = replace(told[key], source=f"{sources}, {candidate.source}")
    return tuple(told.values())


def _weighed(stated: Iterable[Stated], value: str, source: str) -> Iterator[Candidate]:
    place = source.split(", less ")[0]
    is_open = bool(place)  # whether the taken one is still to come
    told: set[Stated] = set()
    for found in stated:
        if not found.value or found in told:
            continue
        told.add(found)
        is_same, why = text_key(found.value) == text_key(value), found.unfit
        if is_open and found.source == place and (is_same or not why):  # the outlet signs where nobody else does
            is_open, why = False, ""
        elif not why and is_same:
            why = SAME
        elif not why:
            why = "not taken"
            if place:
                why = f"gives way to “{place}”" if is_open else f"comes after “{place}”, which was taken"
        written = found.written or found.value
        is_other = written != (found.value if why else value)  # what was taken may have been corrected by others
        written = shortened(written) if is_other else ""
        yield Candidate(value=shortened(found.value), source=found.source, why_not=why, written=written)


def shortened(text: str) -> str:
    """A text as long as it may be shown.

    >>> shortened("ab" * 400)[-3:], len(shortened("ab" * 400))
    ('ba…', 300)
    """
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
