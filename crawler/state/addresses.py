"""How addresses ended: what decides whether a later run asks for them again.

A row holds a digest in place of the address, and numbers in place of words: some 50 bytes, whatever the address. What a
person wants to read of an address is in the run's report.
"""

from __future__ import annotations

import datetime as dt

from crawler.items import OUTCOME_NUMBERS, REASON_NUMBERS, Outcome
from crawler.policy import Policy
from crawler.state.codes import OUTCOMES, REASONS, day_number, day_of, digest, id_bytes, id_text, seconds
from crawler.state.database import Database, key_of
from crawler.verdict import Ended, is_final, is_passing

RENAMED_DAYS = 30  # as exact as it is known when a source last named an address: a write of 30 times it is asked for
_HELD = tuple(OUTCOME_NUMBERS[outcome] for outcome in (Outcome.SAVED, Outcome.UPDATED, Outcome.UNCHANGED))

# addresses that say that they hold an article which the table of articles does not have
WITHOUT_ARTICLE = "article IS NOT NULL AND NOT EXISTS (SELECT 1 FROM articles WHERE id = addresses.article)"


class Addresses:
    """The table of addresses, by the digest of their canonical key."""

    def __init__(self, db: Database, policy: Policy, today: dt.date) -> None:
        self._db = db
        self._policy = policy
        self._today = day_number(today)

    def is_seen(self, url: str) -> bool:
        """Whether an earlier look at this address was its last word. That it is asked for is noted now and then."""
        key = digest(key_of(url))
        row = self._db.one(
            "SELECT outcome, reason, status, day, tries, article, named_on FROM addresses WHERE key = ?", (key,)
        )
        if row is None:
            return False
        outcome, reason, status, day, tries, article, named_on = row
        ended = Ended(
            url=url,
            outcome=OUTCOMES[outcome],
            at="",
            reason=REASONS[reason] if reason else None,
            status=status,
            day=None if day is None else day_of(day),
        )
        if not is_final(ended, tries, self._policy):
            return False
        if article is None and named_on < self._today - RENAMED_DAYS:
            self._named(key)
        return True

    def article_at(self, url: str) -> str | None:
        """The id of the article that was written from this address."""
        row = self._db.one("SELECT article FROM addresses WHERE key = ?", (digest(key_of(url)),))
        return id_text(row[0]) if row and row[0] else None

    def note(self, ended: Ended) -> None:
        """Write down how an address ended; inside ``together``."""
        at = seconds(ended.at)
        self._db.do(
            "INSERT INTO addresses (key, outcome, reason, status, day, article, tries, ended_at, named_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome,"
            " reason = excluded.reason, status = excluded.status, day = excluded.day,"
            " article = coalesce(excluded.article, addresses.article), tries = addresses.tries + excluded.tries,"
            " ended_at = excluded.ended_at, named_on = CASE WHEN addresses.named_on > excluded.named_on"
            " THEN addresses.named_on ELSE excluded.named_on END",
            (
                digest(key_of(ended.url)),
                OUTCOME_NUMBERS[ended.outcome],
                REASON_NUMBERS[ended.reason] if ended.reason else None,
                ended.status,
                day_number(ended.day) if ended.day else None,
                id_bytes(ended.article) if ended.article else None,
                0 if is_passing(ended) else 1,
                at,
                at // 86400,
            ),
        )

    def drop(self, before: dt.date) -> int:
        """Drop addresses that hold no article and that no source has named since before this day; how many.

        Whether an article is written is decided by the table of articles, so none of them is written again by that.
        """
        with self._db.durably():
            return self._db.do(
                "DELETE FROM addresses WHERE article IS NULL AND outcome NOT IN (?, ?, ?) AND named_on < ?",
                (*_HELD, day_number(before) - RENAMED_DAYS),
            )

    def drop_without_article(self) -> int:
        """Drop the addresses of articles that the state does not know, so that they are asked for again; how many."""
        with self._db.together():
            return self._db.do(f"DELETE FROM addresses WHERE {WITHOUT_ARTICLE}")  # noqa: S608  own words

    def count(self) -> int:
        """How many addresses are held."""
        ((number,),) = self._db.all("SELECT count(*) FROM addresses")
        return int(number)

    def _named(self, key: bytes) -> None:
        with self._db.together():
            self._db.do("UPDATE addresses SET named_on = ? WHERE key = ?", (self._today, key))
        self._db.noted()
