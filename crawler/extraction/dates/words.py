"""What the languages' data says: the number of a month's name, and whether a label means publication or update."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

Role = Literal["published", "modified"]
_LETTER = re.compile(r"[^\W\d_]")


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


def fold(text: str) -> str:
    """Text without case, accents and dotted-i troubles, so that one spelling stands for all.

    >>> fold("AOÛT"), fold("HAZİRAN"), fold("Kasım")
    ('aout', 'haziran', 'kasim')
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ı", "i")


def month_number(word: str, language: str | None = None) -> int | None:
    """1…12 for a month's name in the page's language, else in any language known; None for other words.

    >>> month_number("April"), month_number("квітня"), month_number("Reading")
    (4, 4, None)
    >>> month_number("listopada", "hr"), month_number("listopada", "pl")
    (10, 11)
    """
    folded = fold(word)
    own = _months(language.split("-")[0].lower()) if language else {}
    return own.get(folded) or _all_months().get(folded)


@lru_cache(maxsize=256)  # the language is a page's own word
def _months(language: str) -> dict[str, int]:
    names = _table("languages").get(language, {}).get("months", [])
    return {fold(form): number for number, forms in enumerate(names, 1) for form in forms.split()}


@cache
def _all_months() -> dict[str, int]:
    merged: dict[str, int] = {}
    for language in _table("languages"):
        merged = {**_months(language), **merged}  # the first language to claim a word keeps it
    return merged


@cache
def _labels() -> re.Pattern[str]:
    """One pattern over folded text; a group's name is the role of the label."""

    def either(key: str) -> str:
        words = {fold(word) for table in _table("languages").values() for word in table[key]}
        return "|".join(
            rf"(?<!\w){re.escape(w)}(?!\w)" if w.isascii() or not _unspaced(w) else re.escape(w)
            for w in sorted(words, key=lambda w: (-len(w), w))
        )

    return re.compile(f"(?P<modified>{either('updated')})|(?P<published>{either('published')})")


def _unspaced(word: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or "\u1100" <= c <= "\u11ff" for c in word)


def label_role(text: str) -> Role | None:
    """What the last label in a text says of the date beside it.

    >>> label_role("Published by J. Smith on"), label_role("Zuletzt aktualisiert:"), label_role("Kyiv,")
    ('published', 'modified', None)
    """
    if not _LETTER.search(text):
        return None
    roles = [match.lastgroup for match in _labels().finditer(fold(text))]
    if not roles:
        return None
    return "modified" if roles[-1] == "modified" else "published"


def zone_named(abbreviation: str) -> int | str | None:
    """Minutes east of Greenwich, or an IANA name, for a zone as pages abbreviate it."""
    found: int | str | None = _table("zones")["abbreviations"].get(abbreviation.upper())
    return found


def zones_of_country(country: str) -> tuple[str, ...]:
    """The IANA names of a country's time zones, where most people live first, then the outermost; () if not known.

    >>> zones_of_country("ua"), zones_of_country("ca")[0]
    (('Europe/Kyiv',), 'America/Toronto')
    """
    found: str | list[str] = _table("zones")["countries"].get(country.lower(), [])
    return (found,) if isinstance(found, str) else tuple(found)


@cache
def all_zones() -> tuple[str, ...]:
    """One IANA name or more for every clock in use, those of countries first."""
    zones = _table("zones")
    kept = [zone for country in zones["countries"] for zone in all_zones_of_country(country)]
    return tuple(dict.fromkeys((*kept, *zones["other"]["zones"])))


def all_zones_of_country(country: str) -> tuple[str, ...]:
    """The IANA names of a country's time zones with those between the outermost; () if not known.

    >>> "America/Denver" in all_zones_of_country("us"), all_zones_of_country("ua")
    (True, ('Europe/Kyiv',))
    """
    return (*zones_of_country(country), *_table("zones")["inner"].get(country.lower(), ()))
