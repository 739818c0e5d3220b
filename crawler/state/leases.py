"""The table of leases: who may crawl a site, by the server's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from crawler.state.errors import DiskError, LeaseLostError
from crawler.state.lease import LEASE_OWNER, Lease, lost
from crawler.state.postgres import connect, told
from crawler.state.schema_postgres import migrate
from crawler.state.url import Url

_ROW = "site, holder, token, until"


class Leases:
    """A connection of its own, which may be used from any thread; the tables are made where there are none.

    Every method raises DiskError where the server cannot be used.
    """

    def __init__(self, url: Url) -> None:
        self._place = str(url)
        with self._errors():
            self._db = connect(url)
            try:
                migrate(self._db, self._place)
            except BaseException:
                self._db.close()
                raise

    def take(self, site: str, holder: str, for_s: float) -> Lease | None:
        """The lease of a site, with a token greater than any before; None while somebody holds it.

        Waits for the transaction that a former holder is in: for one that is paused, as long as the server lets it.
        """
        return self._one(
            f"INSERT INTO leases AS held ({_ROW}) VALUES (%s, %s, 1, clock_timestamp() + make_interval(secs => %s))"  # noqa: S608
            " ON CONFLICT (site) DO UPDATE SET holder = excluded.holder, token = held.token + 1,"
            " until = excluded.until WHERE held.until <= clock_timestamp()"
            f" RETURNING {_ROW}",
            (site, holder, for_s),
        )

    def renew(self, lease: Lease, for_s: float) -> Lease:
        """The lease, to run out so long from now; one that ran out and that nobody took can be renewed, too.

        Raises LeaseLostError where another holder has taken it.
        """
        return self.renew_all([lease], for_s)[0]

    def renew_all(self, leases: Sequence[Lease], for_s: float) -> list[Lease]:
        """The same of several in one statement; LeaseLostError, where any was lost, renews the others all the same."""
        rows = self._rows(
            "UPDATE leases AS held SET until = clock_timestamp() + make_interval(secs => %s)"  # noqa: S608  own names
            " FROM unnest(%s::text[], %s::bigint[]) AS ours (name, number)"
            f" WHERE held.site = ours.name AND held.token = ours.number RETURNING {_ROW}",
            (for_s, *_columns(leases)),
        )
        renewed = {lease.site: lease for lease in map(_lease, rows)}
        for lease in leases:
            if lease.site not in renewed:
                raise LeaseLostError(lost(self._place, lease, self.newest(lease.site)))
        return [renewed[lease.site] for lease in leases]

    def give_back(self, *leases: Lease) -> None:
        """Let others take them at once; nothing where one was lost."""
        self._rows(
            "UPDATE leases SET until = least(until, clock_timestamp())"
            " FROM unnest(%s::text[], %s::bigint[]) AS ours (name, number)"
            " WHERE site = ours.name AND token = ours.number",
            _columns(leases),
        )

    def newest(self, site: str) -> Lease | None:
        """The lease that was last taken of a site, also one that has run out or was given back."""
        return self._one(f"SELECT {_ROW} FROM leases WHERE site = %s", (site,))  # noqa: S608  own names

    def held(self) -> list[Lease]:
        """Those that have not run out, by site."""
        question = f"SELECT {_ROW} FROM leases WHERE until > clock_timestamp() ORDER BY site"  # noqa: S608
        return [_lease(row) for row in self._rows(question)]

    def unfinished(self) -> list[str]:
        """The sites of which lines, files or pages are left to finish, and that nobody holds."""
        rows = self._rows(
            "SELECT owner FROM"
            " (SELECT owner FROM pending UNION SELECT owner FROM files UNION SELECT owner FROM waiting) AS left_over"
            " WHERE starts_with(owner, %s) AND NOT EXISTS (SELECT 1 FROM leases"
            " WHERE %s || site = owner AND until > clock_timestamp()) ORDER BY owner",
            (LEASE_OWNER, LEASE_OWNER),
        )
        return [owner.removeprefix(LEASE_OWNER) for (owner,) in rows]

    def close(self) -> None:
        """Let the connection go; leases that are held stay so until they run out."""
        self._db.close()

    def _one(self, statement: str, values: tuple[Any, ...]) -> Lease | None:
        rows = self._rows(statement, values)
        return _lease(rows[0]) if rows else None

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._errors():
            cursor = self._db.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise DiskError(f"{self._place}: {told(error)}") from error


def _columns(leases: Sequence[Lease]) -> tuple[list[str], list[int]]:
    return [lease.site for lease in leases], [lease.token for lease in leases]


def _lease(row: tuple[Any, ...]) -> Lease:
    site, holder, token, until = row
    return Lease(site=site, holder=holder, token=token, until=until.astimezone(dt.UTC))
