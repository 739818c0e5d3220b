"""The newest written version of each article, and when it is to be looked at again.

Ids, hashes and addresses are bytes and times are integers, so that a settled article, one that is never to be looked at
again, takes some 100 bytes. The others have their URL and their shape (crawler.edits) as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from crawler.state.codes import id_bytes, id_text, number_of_site, seconds, site_number
from crawler.state.database import Database, upsert
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
        found = self._db.one(f"SELECT {', '.join(_NAMES)} FROM articles WHERE id = ?", (id_bytes(article_id),))  # noqa: S608  own names
        if found is None:
            return None
        row = dict(zip(_NAMES, found, strict=True))
        hashes = {name: None if row[name] is None else id_text(row[name]) for name in _HASHES}
        return Known(id=article_id, **row | hashes | {"first_seen": stamp_of(row["first_seen"])})

    def titled(self, title_hash: str, url: str) -> list[Known]:
        """The articles with this title of the site that an address belongs to; a few of them."""
        found = self._db.all(
            "SELECT id FROM articles WHERE title_hash = ? AND site = ? LIMIT 20",
            (id_bytes(title_hash), site_number(url)),
        )
        return [article for (article_id,) in found if (article := self.get(id_text(article_id)))]

    def move(self, article_id: str, address: bytes, url: str) -> None:
        """An article has another address now; inside ``together``."""
        self._db.do(
            "UPDATE articles SET address = ?, site = ?, url = CASE WHEN next_look IS NOT NULL THEN ? END WHERE id = ?",
            (address, site_number(url), url, id_bytes(article_id)),
        )

    def forget(self, article_id: str) -> None:
        """Drop what is known of an article; inside ``together``."""
        self._db.do("DELETE FROM articles WHERE id = ?", (id_bytes(article_id),))

    def note(self, article: Known) -> bool:
        """Write down a version; inside ``together``. False, and nothing is written, where it is known already."""
        row = {name: getattr(article, name) for name in _NAMES}
        row |= {name: row[name] and id_bytes(row[name]) for name in _HASHES}
        row |= {
            "id": id_bytes(article.id),
            "first_seen": seconds(article.first_seen),
            "site": site_number(article.url) if article.url else None,
            "url": article.url if article.next_look is not None else None,
        }
        names = ", ".join(name for name in row if name != "id")
        written = self._db.do(
            upsert("articles", "id", names) + " WHERE articles.version < excluded.version",
            (row.pop("id"), *row.values()),
        )
        return written > 0

    def looked(self, article_id: str, looked: int | None, next_look: int | None) -> None:
        """An article was last looked at then, and is to be at ``next_look`` (Unix time or never); in ``together``."""
        self._db.do(
            "UPDATE articles SET looked = ?, next_look = ?, url = CASE WHEN ? = 1 THEN url END WHERE id = ?",
            (looked, next_look, int(next_look is not None), id_bytes(article_id)),
        )

    def looked_at(self, article_id: str) -> int | None:
        """When an article was last looked at; None for what early versions of dateline wrote."""
        row = self._db.one("SELECT looked FROM articles WHERE id = ?", (id_bytes(article_id),))
        return row[0] if row else None

    def due(self, now: int, sites: Collection[str] | None = None) -> list[str]:
        """The addresses of articles that are to be looked at by now, those that have waited longest first.

        Where sites are named, those of theirs alone, as nearly as a site's number tells.
        """
        if sites is not None and not sites:
            return []
        numbers = [number_of_site(site) for site in sorted(sites)] if sites is not None else []
        of_sites = f" AND site IN ({', '.join('?' * len(numbers))})" if sites is not None else ""
        rows = self._db.all(
            f"SELECT url FROM articles WHERE next_look <= ? AND url IS NOT NULL{of_sites} ORDER BY next_look LIMIT ?",  # noqa: S608
            (now, *numbers, MOST_DUE),
        )
        return [url for (url,) in rows]

    def drop_shapes(self, before: dt.date) -> int:
        """Drop what tells an edit from other changes, of articles last looked at before this day and settled; how many.

        What is left tells whether title or text are others, and that the article is written.
        """
        start = int(dt.datetime.combine(before, dt.time(), dt.UTC).timestamp())
        with self._db.durably():
            return self._db.do(
                "UPDATE articles SET shape = NULL, born = NULL"
                " WHERE next_look IS NULL AND shape IS NOT NULL AND coalesce(looked, first_seen) < ?",
                (start,),
            )
