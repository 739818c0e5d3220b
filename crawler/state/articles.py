"""The newest written version of each article, and when it is to be looked at again.

Ids, hashes and addresses are bytes and times are integers, so that a settled article, one that is never to be looked at
again, takes some 100 bytes. The others have their URL and their shape (crawler.edits) as well.
"""

from __future__ import annotations

import datetime as dt

from crawler.state.codes import packed_id, seconds, site_number, unpacked_id
from crawler.state.database import Database
from crawler.verdict import Known, stamp_of

_NAMES = (
    "version",
    "content_hash",
    "title_hash",
    "text_hash",
    "address",
    "first_seen",
    "url",
    "shape",
    "born",
    "looked",
    "next_look",
)
_HASHES = ("content_hash", "title_hash", "text_hash")
MOST_DUE = 20_000  # articles that a run looks at again; the others have their turn in the next


class Articles:
    """The table of articles, by id."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, article_id: str) -> Known | None:
        """The newest version of an article."""
        found = self._db.one(f"SELECT {', '.join(_NAMES)} FROM articles WHERE id = ?", (packed_id(article_id),))  # noqa: S608  own names
        if found is None:
            return None
        row = dict(zip(_NAMES, found, strict=True))
        hashes = {name: None if row[name] is None else unpacked_id(row[name]) for name in _HASHES}
        return Known(id=article_id, **row | hashes | {"first_seen": stamp_of(row["first_seen"])})

    def titled(self, title_hash: str, url: str) -> list[Known]:
        """The articles with this title of the site that an address belongs to; a few of them."""
        found = self._db.all(
            "SELECT id FROM articles WHERE title_hash = ? AND site = ? LIMIT 20",
            (packed_id(title_hash), site_number(url)),
        )
        return [article for (article_id,) in found if (article := self.get(unpacked_id(article_id)))]

    def move(self, article_id: str, address: bytes, url: str) -> None:
        """An article has another address now; inside ``together``."""
        self._db.do(
            "UPDATE articles SET address = ?, site = ?, url = CASE WHEN next_look IS NOT NULL THEN ? END WHERE id = ?",
            (address, site_number(url), url, packed_id(article_id)),
        )

    def forget(self, article_id: str) -> None:
        """Drop what is known of an article; inside ``together``."""
        self._db.do("DELETE FROM articles WHERE id = ?", (packed_id(article_id),))

    def note(self, article: Known) -> None:
        """Write down a version; inside ``together``."""
        row = {name: getattr(article, name) for name in _NAMES}
        row |= {name: packed_id(row[name]) for name in _HASHES}
        row |= {
            "id": packed_id(article.id),
            "first_seen": seconds(article.first_seen),
            "site": site_number(article.url) if article.url else None,
            "url": article.url if article.next_look is not None else None,
        }
        self._db.do(
            f"INSERT OR REPLACE INTO articles ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
            tuple(row.values()),
        )

    def looked(self, article_id: str, looked: int | None, next_look: int | None) -> None:
        """An article was last looked at then, and is to be at ``next_look`` (Unix time or never); in ``together``."""
        self._db.do(
            "UPDATE articles SET looked = ?1, next_look = ?2, url = CASE WHEN ?2 IS NOT NULL THEN url END"
            " WHERE id = ?3",
            (looked, next_look, packed_id(article_id)),
        )

    def looked_at(self, article_id: str) -> int | None:
        """When an article was last looked at; None for what early versions of dateline wrote."""
        row = self._db.one("SELECT looked FROM articles WHERE id = ?", (packed_id(article_id),))
        return row[0] if row else None

    def due(self, now: int) -> list[str]:
        """The addresses of articles that are to be looked at by now, those that have waited longest first."""
        rows = self._db.all(
            "SELECT url FROM articles WHERE next_look <= ? AND url IS NOT NULL ORDER BY next_look LIMIT ?",
            (now, MOST_DUE),
        )
        return [url for (url,) in rows]

    def drop_shapes(self, before: dt.date) -> int:
        """Drop what tells an edit from other changes, of articles last looked at before this day and settled; how many.

        What is left tells whether title or text are others, and that the article is written.
        """
        start = int(dt.datetime.combine(before, dt.time(), dt.UTC).timestamp())
        with self._db.together():
            dropped = self._db.do(
                "UPDATE articles SET shape = NULL, born = NULL"
                " WHERE next_look IS NULL AND shape IS NOT NULL AND coalesce(looked, first_seen) < ?",
                (start,),
            )
        self._db.flush()
        return dropped
