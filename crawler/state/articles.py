"""The newest written version of each article."""

from __future__ import annotations

from crawler.state.database import Database
from crawler.verdict import Known

_NAMES = ("version", "content_hash", "address", "first_seen", "title_hash", "text_hash")


class Articles:
    """The table of articles, by id."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, article_id: str) -> Known | None:
        """The newest version of an article."""
        row = self._db.one(f"SELECT {', '.join(_NAMES)} FROM articles WHERE id = ?", (article_id,))  # noqa: S608  own names
        return Known(id=article_id, **dict(zip(_NAMES, row, strict=True))) if row else None

    def forget(self, article_id: str) -> None:
        """Drop what is known of an article; inside ``together``."""
        self._db.do("DELETE FROM articles WHERE id = ?", (article_id,))

    def note(self, article: Known, at: str) -> None:
        """Write down a version; inside ``together``."""
        self._db.do(
            "INSERT INTO articles (id, version, content_hash, title_hash, text_hash, address, first_seen, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
            " content_hash = excluded.content_hash, title_hash = excluded.title_hash, text_hash = excluded.text_hash,"
            " address = excluded.address, updated_at = excluded.updated_at",
            (
                article.id,
                article.version,
                article.content_hash,
                article.title_hash,
                article.text_hash,
                article.address,
                article.first_seen,
                at,
            ),
        )
