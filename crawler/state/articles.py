"""The newest written version of each article, and when it is to be looked at again."""

from __future__ import annotations

from crawler.state.database import Database
from crawler.verdict import Known

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
MOST_DUE = 20_000  # articles that a run looks at again; the others have their turn in the next


class Articles:
    """The table of articles, by id."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, article_id: str) -> Known | None:
        """The newest version of an article."""
        row = self._db.one(f"SELECT {', '.join(_NAMES)} FROM articles WHERE id = ?", (article_id,))  # noqa: S608  own names
        return Known(id=article_id, **dict(zip(_NAMES, row, strict=True))) if row else None

    def titled(self, title_hash: str) -> list[Known]:
        """The articles with this title, of any site; a few of them."""
        found = self._db.all("SELECT id FROM articles WHERE title_hash = ? LIMIT 20", (title_hash,))
        return [article for (article_id,) in found if (article := self.get(article_id))]

    def move(self, article_id: str, address: str, url: str) -> None:
        """An article has another address now; inside ``together``."""
        self._db.do("UPDATE articles SET address = ?, url = ? WHERE id = ?", (address, url, article_id))

    def forget(self, article_id: str) -> None:
        """Drop what is known of an article; inside ``together``."""
        self._db.do("DELETE FROM articles WHERE id = ?", (article_id,))

    def note(self, article: Known, at: str) -> None:
        """Write down a version; inside ``together``."""
        names = ("id", *_NAMES, "updated_at")
        values = (article.id, *(getattr(article, name) for name in _NAMES), at)
        self._db.do(
            f"INSERT OR REPLACE INTO articles ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608
            values,
        )

    def looked(self, article_id: str, now: int, next_look: int | None) -> None:
        """An article was looked at now, and is to be at ``next_look`` (Unix time), None for never; in ``together``."""
        self._db.do("UPDATE articles SET looked = ?, next_look = ? WHERE id = ?", (now, next_look, article_id))

    def looked_at(self, article_id: str) -> int | None:
        """When an article was last looked at; None for what early versions of dateline wrote."""
        row = self._db.one("SELECT looked FROM articles WHERE id = ?", (article_id,))
        return row[0] if row else None

    def due(self, now: int) -> list[str]:
        """The addresses of articles that are to be looked at by now, those that have waited longest first."""
        rows = self._db.all(
            "SELECT url FROM articles WHERE next_look <= ? AND url IS NOT NULL ORDER BY next_look LIMIT ?",
            (now, MOST_DUE),
        )
        return [url for (url,) in rows]
