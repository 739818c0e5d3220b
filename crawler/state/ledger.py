"""The lines that stand in files, counted beside the articles that the state says were written."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.state.addresses import WITHOUT_ARTICLE
from crawler.state.codes import id_bytes, id_text
from crawler.state.database import Database, storable

NAMED = 3  # ids that are told as examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """How many there are, and the ids of a few."""

    number: int
    ids: tuple[str, ...]


class Ledger:
    """A table of versions by id, temporary and on the disk, so that millions of lines take no memory."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.lines = 0
        columns = "id BLOB, version BIGINT, times BIGINT NOT NULL, PRIMARY KEY (id, version)"
        with db.disk_errors():
            db.do(f"CREATE TEMP TABLE stands ({columns})")

    def add(self, article_id: str, version: int) -> None:
        """A line with this version of an article stands in a file."""
        self.lines += 1
        with self._db.disk_errors():
            self._db.do(
                "INSERT INTO stands VALUES (?, ?, 1) ON CONFLICT (id, version) DO UPDATE SET times = stands.times + 1",
                (id_bytes(storable(article_id)), version),
            )

    def twice(self) -> Some:
        """Versions that stand more than once."""
        return self._some("SELECT id FROM stands WHERE times > 1")

    def unknown(self) -> Some:
        """Versions that stand in files and are none that the state says were written."""
        return self._some(
            "SELECT id FROM stands s WHERE version > coalesce((SELECT version FROM articles a WHERE a.id = s.id), 0)"
        )

    def missing(self) -> Some:
        """Articles of which a version that the state says was written stands in no file."""
        return self._some(
            "SELECT id FROM articles a WHERE version >"
            " (SELECT count(*) FROM stands s WHERE s.id = a.id AND s.version BETWEEN 1 AND a.version)"
        )

    def without_newest(self) -> list[str]:
        """The ids of articles of which the newest version stands in no file."""
        rows = self._db.all(
            "SELECT id FROM articles a WHERE NOT EXISTS"
            " (SELECT 1 FROM stands s WHERE s.id = a.id AND s.version = a.version)"
        )
        return [id_text(article_id) for (article_id,) in rows]

    def addresses_without_article(self) -> int:
        """How many addresses say that they hold an article which the state does not know."""
        ((number,),) = self._db.all(f"SELECT count(*) FROM addresses WHERE {WITHOUT_ARTICLE}")  # noqa: S608  own words
        return int(number)

    def _some(self, question: str) -> Some:
        ((number,),) = self._db.all(f"SELECT count(*) FROM ({question}) AS found")  # noqa: S608  own words
        rows = self._db.all(f"{question} ORDER BY id LIMIT {NAMED}")
        return Some(number=number, ids=tuple(id_text(article_id) for (article_id,) in rows))
