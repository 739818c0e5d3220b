"""How addresses ended: what decides whether a later run asks for them again."""

from __future__ import annotations

import datetime as dt

from crawler.items import Outcome, Reason
from crawler.policy import Policy
from crawler.state.database import Database, key_of, storable
from crawler.verdict import Ended, is_final, is_passing


class Addresses:
    """The table of addresses, by canonical key."""

    def __init__(self, db: Database, policy: Policy) -> None:
        self._db = db
        self._policy = policy

    def is_seen(self, url: str) -> bool:
        """Whether an earlier look at this address was its last word."""
        row = self._db.one("SELECT outcome, reason, status, day, tries FROM addresses WHERE key = ?", (key_of(url),))
        if row is None:
            return False
        outcome, reason, status, day, tries = row
        ended = Ended(
            url=url,
            outcome=Outcome(outcome),
            at="",
            reason=Reason(reason) if reason else None,
            status=status,
            day=dt.date.fromisoformat(day) if day else None,
        )
        return is_final(ended, tries, self._policy)

    def article_at(self, url: str) -> str | None:
        """The id of the article that was written from this address."""
        row = self._db.one("SELECT article FROM addresses WHERE key = ?", (key_of(url),))
        return row[0] if row else None

    def note(self, ended: Ended) -> None:
        """Write down how an address ended; inside ``together``."""
        self._db.do(
            "INSERT INTO addresses (key, outcome, reason, detail, status, day, article, tries, ended_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome,"
            " reason = excluded.reason, detail = excluded.detail, status = excluded.status, day = excluded.day,"
            " article = coalesce(excluded.article, article), tries = tries + excluded.tries,"
            " ended_at = excluded.ended_at",
            (
                key_of(ended.url),
                ended.outcome,
                ended.reason,
                storable(ended.detail),
                ended.status,
                ended.day.isoformat() if ended.day else None,
                ended.article,
                0 if is_passing(ended) else 1,
                ended.at,
            ),
        )
