"""Which articles a reader asks for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from crawler.collection.records import Record, day_of
from crawler.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an article must be; each of these that is not set is no condition."""

    since: dt.date | None = (
        None  # of publication, in the publisher's zone; an undated one counts when it was first seen
    )
    until: dt.date | None = None  # this day included
    sites: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()  # "pt" is "pt-BR", too
    pattern: re.Pattern[str] | None = None  # found in title or text

    def __call__(self, record: Record) -> bool:
        """Whether a record is such an article."""
        return self._is_of_its_days(record) and self._is_of_its_kind(record) and self._is_found(record)

    def _is_of_its_days(self, record: Record) -> bool:
        if self.since is None and self.until is None:
            return True
        day = day_of(record)
        return (self.since is None or self.since.isoformat() <= day) and (
            self.until is None or day <= self.until.isoformat()
        )

    def _is_of_its_kind(self, record: Record) -> bool:
        if self.sites and record["site"] not in self.sites:
            return False
        language = str(record.get("language") or "").lower()
        return not self.languages or any(f"{language}-".startswith(f"{tag.lower()}-") for tag in self.languages)

    def _is_found(self, record: Record) -> bool:
        return self.pattern is None or any(self.pattern.search(record[key]) for key in ("title", "content_text"))


def read_pattern(text: str) -> re.Pattern[str]:
    """A regular expression as a reader writes it, case ignored; ConfigError where it is none.

    >>> bool(read_pattern("evacu.*train").search("The Evacuation train")), bool(read_pattern("(?-i:BBC)").search("bbc"))
    (True, False)
    """
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ConfigError(f"--grep {text!r}: no regular expression: {error}") from None
