"""What a run asks of an article beyond being one: how old it may be, whether it must have a date, and whose it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from crawler.errors import ConfigError
from crawler.items import Extract, Reason, Refused

Undated = Literal["flag", "refuse"]
UNDATED_WARNING = "undated"

RECHECK = (dt.timedelta(hours=3), dt.timedelta(days=1), dt.timedelta(days=7), dt.timedelta(days=30))

# rules for robots that ask not to keep a page; the last has been brought into force by its moment
NOT_TO_KEEP = ("noindex", "noarchive", "none", "unavailable_after")
NOT_TO_MINE = ("noai", "noml")

UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}  # letters of lengths of time, in seconds

_DAYS_AGO = re.compile(r"(\d{1,4}) ?d(?:ays?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What to do with articles that are old, have no date of publication, or are not to be kept."""

    since: dt.date | None = None
    until: dt.date | None = None  # the last day
    languages: frozenset[str] = frozenset()  # primary subtags; empty for all
    undated: Undated = "flag"
    recheck: tuple[dt.timedelta, ...] = RECHECK  # ages at which a written article is looked at again
    obeys_noindex: bool = False  # a page that is asked not to be kept is not
    respects_tdm: bool = False  # nor one whose site reserves the mining of it


def accepted(extract: Extract, policy: Policy) -> Extract | Refused:
    """The article as it may be written, or why this run does not want it."""
    if (refused := reserved(extract.rights, policy)) is not None:
        return refused
    if policy.languages and primary_language(extract.language or "") not in policy.languages:
        return Refused(reason=Reason.LANGUAGE, detail=extract.language or "not known")
    if extract.published is None:
        if policy.undated == "refuse":
            return Refused(reason=Reason.UNDATED, detail="no date of publication was found")
        if UNDATED_WARNING in extract.warnings:
            return extract
        return replace(extract, warnings=(*extract.warnings, UNDATED_WARNING))
    if policy.since and extract.published.day < policy.since:
        day = extract.published.day
        return Refused(reason=Reason.TOO_OLD, detail=day.isoformat(), day=day)
    if policy.until and extract.published.day > policy.until:
        day = extract.published.day
        return Refused(reason=Reason.TOO_NEW, detail=day.isoformat(), day=day)
    return extract


def primary_language(tag: str) -> str:
    """The language of a tag (BCP 47) without its region or script.

    >>> primary_language("pt-BR")
    'pt'
    """
    return tag.partition("-")[0].lower()


def reserved(rights: Mapping[str, str], policy: Policy) -> Refused | None:
    """Why a page may not be kept, by what a record says of its rights, where the run obeys that."""
    rules = rights.get("robots", "").split(", ")
    if policy.obeys_noindex and (said := [rule for rule in NOT_TO_KEEP if rule in rules]):
        return Refused(reason=Reason.NOINDEX, detail=", ".join(said))
    if not policy.respects_tdm:
        return None
    is_reserved = rights.get("tdm_reservation") == "1"
    said = [*(["tdm-reservation"] if is_reserved else []), *(rule for rule in NOT_TO_MINE if rule in rules)]
    said += [signal for signal in rights.get("content_signal", "").split(", ") if signal.endswith("=no")]
    return Refused(reason=Reason.RESERVED, detail=", ".join(said)) if said else None


def read_since(text: str, today: dt.date) -> dt.date:
    """A day as ``--since`` takes it: YYYY-MM-DD, or a number of days before today.

    >>> read_since("2025-04-26", dt.date(2025, 5, 1)), read_since("7d", dt.date(2025, 5, 1))
    (datetime.date(2025, 4, 26), datetime.date(2025, 4, 24))
    """
    try:
        if ago := _DAYS_AGO.fullmatch(text.strip()):
            return today - dt.timedelta(days=int(ago[1]))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return dt.date.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        pass
    raise ConfigError(f"since: {text!r} is not a day: write YYYY-MM-DD, or a number of days such as 7d")


def read_undated(text: str) -> Undated:
    """The way to treat undated articles as a setting names it; ConfigError for another word."""
    if text not in get_args(Undated):
        raise ConfigError(f"undated: {text!r} is not known: write flag or refuse")
    return cast(Undated, text)


def read_recheck(text: str) -> tuple[dt.timedelta, ...]:
    """The ages at which an article is looked at again, as a setting writes them: ``3h, 1d, 7d, 30d``, or ``never``.

    Raises ConfigError for what cannot be read.

    >>> [age.total_seconds() / 3600 for age in read_recheck("3h, 1d")], read_recheck("never")
    ([3.0, 24.0], ())
    """
    if text.strip() in ("", "never"):
        return ()
    return tuple(sorted(_age(part.strip()) for part in text.split(",")))


def _age(text: str) -> dt.timedelta:
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in UNIT_S or not 0 < int(number) * UNIT_S[unit] <= 10 * 366 * 86400:
        raise ConfigError(
            f"recheck: {text!r} is no age: write numbers with s, m, h, d or w, such as 3h,1d,7d, or never"
        )
    return dt.timedelta(seconds=int(number) * UNIT_S[unit])
