"""How far archives were read."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.state.database import Database, storable, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTo:
    """How far a file was read."""

    position: int  # at which a record begins, or the file's size
    beginning: bytes  # a digest of the file's first bytes, by which it is known again


class Archives:
    """The table of archives, by name and by what was wanted of them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def read_to(self, name: str, wanted: str) -> ReadTo | None:
        """How far a file was read by runs that wanted the same of it."""
        row = self._db.one(
            "SELECT position, beginning FROM archives WHERE name = ? AND wanted = ?", (storable(name), storable(wanted))
        )
        return ReadTo(position=row[0], beginning=bytes(row[1])) if row else None

    def keep(self, name: str, wanted: str, read: ReadTo) -> None:
        """Keep how far it is read, in one order with all that ended before: a kill takes back the later first."""
        with self._db.together():
            self._db.do(
                upsert("archives", "name, wanted", "position, beginning"),
                (storable(name), storable(wanted), read.position, read.beginning),
            )
        self._db.noted()
