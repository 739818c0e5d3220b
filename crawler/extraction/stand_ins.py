"""What stands where an article was asked for: an error, a block, a consent wall, a paywall's stub, a script's shell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.extraction.patterns import compiled, expand
from crawler.extraction.sentences import masked
from crawler.items import Reason

LINE_SHARE = 0.4  # of a title or heading that the words must be: a headline that merely has them in it is longer
WHOLE_SHARE = 0.7  # likewise, where something else says that the page is an article
MAX_TEXT_CHARS = 1_500  # of a text that is looked at; what stands in for an article comes to the point
MAX_LINE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """One kind of page that is no article, and how it speaks."""

    name: str
    reason: Reason
    title: re.Pattern[str] | None
    text: re.Pattern[str] | None
    hint: re.Pattern[str] | None

    def headed(self, lines: Sequence[str], share: float = LINE_SHARE) -> str:
        """The first of the lines, a title and headings, of which such words are that share; or nothing."""
        return next((line for line in lines if self.title and _is_mostly(self.title, line, share)), "")

    def said(self, text: str) -> tuple[str, ...]:
        """What the text says as such a page does, outside quotation marks; each thing once."""
        return _different(self.text, text)

    def hinted(self, text: str) -> tuple[str, ...]:
        """Words of such a page in the text that mean nothing where anything speaks for an article."""
        return _different(self.hint, text)


def _different(words: re.Pattern[str] | None, text: str) -> tuple[str, ...]:
    if words is None:
        return ()
    plain = masked(text[:MAX_TEXT_CHARS]).replace("’", "'")
    return tuple(dict.fromkeys(found[0].casefold() for found in words.finditer(plain)))


def _is_mostly(words: re.Pattern[str], line: str, share: float) -> bool:
    """Whether the words make most of a line, however often they are found in it."""
    if not line or len(line) > MAX_LINE_CHARS:
        return False
    plain = line.replace("’", "'")
    return sum(len(found[0]) for found in words.finditer(plain)) >= share * len(plain)


@cache
def stand_in(name: str) -> StandIn:
    """The kind of this name in page_type.toml.

    >>> stand_in("error").headed(["Page not found"]), stand_in("error").headed(["Ring not found since 1911 turns up"])
    ('Page not found', '')
    >>> stand_in("block").said("Your IP address has been blocked.")
    ('your ip address has been blocked',)
    """
    table = _tables()[name]
    return StandIn(
        name=name,
        reason=Reason(table["reason"]),
        title=_pattern(table["title"]),
        text=_pattern(table["text"]),
        hint=_pattern(table.get("hint", ())),
    )


@cache
def _static_titles() -> re.Pattern[str]:
    return re.compile("|".join(_tables()["static"]["whole"]), re.IGNORECASE)


def is_static_title(title: str) -> bool:
    """Whether a title is nothing but the name of a page about the site.

    >>> is_static_title("Privacy policy"), is_static_title("Privacy policy of the county under fire")
    (True, False)
    """
    return bool(_static_titles().fullmatch(title.strip().replace("’", "'")))


def _pattern(patterns: Sequence[str]) -> re.Pattern[str] | None:
    words: dict[str, str] = _tables()["words"]
    return compiled([expand(pattern, words) for pattern in patterns]) if patterns else None


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((files("crawler.extraction") / "page_type.toml").read_text(encoding="utf-8"))
