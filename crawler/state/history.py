"""The history of sources: a row a source and day of crawling, so that a source can be held against its own past."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from crawler.history import KEPT_DAYS, Account, Alarm, Day, Memory
from crawler.state.database import Database, storable, upsert
from crawler.state.reading import rows_of
from crawler.state.url import Place

_EPOCH = dt.date(1970, 1, 1)
_ROW = "source, day, asked_at, newest, memory, account, alarms"
_KEEP = upsert("history", "source, day", "asked_at, newest, memory, account, alarms")


class History:
    """The table of days."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def days(self, source: str, since: dt.date | None = None) -> list[Day]:
        """The days of a source in their order, from one on; none of those on which it was not asked."""
        rows = self._db.all(
            f"SELECT {_ROW} FROM history WHERE source = ? AND day >= ? ORDER BY day",  # noqa: S608  own names
            (storable(source), _number(since)),
        )
        return [_day(*row) for row in rows]

    def newest(self, source: str) -> Day | None:
        """The last day of a source."""
        row = self._db.one(
            f"SELECT {_ROW} FROM history WHERE source = ? ORDER BY day DESC LIMIT 1",  # noqa: S608
            (storable(source),),
        )
        return _day(*row) if row else None

    def keep(self, days: Iterable[Day]) -> None:
        """Keep days, each in place of what was kept of it; what is older than KEPT_DAYS goes."""
        with self._db.together():
            for day in days:
                self._db.do(_KEEP, _row(day))
                before = _number(day.day) - KEPT_DAYS
                self._db.do("DELETE FROM history WHERE source = ? AND day < ?", (storable(day.source), before))

    def drop(self, before: dt.date) -> int:
        """Drop all days before one, also those of sources that are asked no more; how many they were."""
        with self._db.durably():
            return self._db.do("DELETE FROM history WHERE day < ?", (_number(before),))


class Row(NamedTuple):
    """A source on one day of crawling (UTC), as the table has it."""

    source: str
    day: int  # since 1970
    asked_at: int  # Unix time
    newest: int | None
    memory: Memory | None
    account: str  # Account.as_text
    alarms: str | None  # JSON


def kept_history(place: Place, since: dt.date | None = None) -> dict[str, list[Day]]:
    """The days of every source of a state, in their order; only read, also while a run is using it.

    Raises DiskError where there is no state, or it cannot be read.
    """
    found: defaultdict[str, list[Day]] = defaultdict(list)
    for row in kept_rows(place, since):
        found[row.source].append(_day(*row))
    return dict(found)


def kept_rows(place: Place, since: dt.date | None = None) -> Iterator[Row]:
    """The same as the table has it, by source and day: for who needs all days, and little of each."""
    question = f"SELECT {_ROW} FROM history WHERE day >= ? ORDER BY source, day"  # noqa: S608  own names
    yield from map(Row._make, rows_of(place, "history", question, (_number(since),)))


def _number(day: dt.date | None) -> int:
    return (day - _EPOCH).days if day else 0


def _row(day: Day) -> tuple[Any, ...]:
    return (
        storable(day.source),
        _number(day.day),
        round(day.asked_at.timestamp()),
        round(day.newest.timestamp()) if day.newest else None,
        day.memory,
        storable(day.account.as_text()),
        storable(json.dumps([alarm.as_json() for alarm in day.alarms], ensure_ascii=False)) if day.alarms else None,
    )


def _day(
    source: str, day: int, asked_at: int, newest: int | None, memory: Any, account: str, alarms: str | None
) -> Day:
    return Day(
        source=source,
        day=_EPOCH + dt.timedelta(days=day),
        asked_at=dt.datetime.fromtimestamp(asked_at, dt.UTC),
        newest=dt.datetime.fromtimestamp(newest, dt.UTC) if newest is not None else None,
        memory=memory,
        account=Account.from_text(account),
        alarms=tuple(map(Alarm.from_json, json.loads(alarms))) if alarms else (),
    )
