"""The state on a PostgreSQL server, which many processes write to at once.

No transaction is held over several notes, so that none waits long for another. Notes are committed without waiting for
the server's disk, in their order; a crash of the server, not of a crawl, may take the last of them back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from crawler.state.database import Database, Row
from crawler.state.errors import DiskError, LeaseLostError
from crawler.state.folder import FolderLock
from crawler.state.lease import Lease, lost
from crawler.state.schema_postgres import MIGRATIONS, TABLES, migrate, version_of
from crawler.state.url import Url

# a peer that has gone without a word is noticed within half a minute; what the URL says comes first
_CONNECTION = {
    "application_name": "dateline",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# Who is paused within a transaction holds its rows: the server ends such a one, so that others wait so long at most.
PAUSED_S = 10
_OPTIONS = {
    "idle_in_transaction_session_timeout": f"{PAUSED_S}s",
    "lock_timeout": f"{3 * PAUSED_S}s",
    "client_min_messages": "warning",
    "TimeZone": "UTC",
}
_SNAPSHOT = (  # it holds no rows, so it may take its time
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0"
)
_NEWEST = sql.SQL("SELECT token, holder FROM leases WHERE site = {} FOR SHARE")  # who takes it waits for our commit


class Postgres(Database):
    """One connection; each ``together`` is a transaction.

    ``lease`` is what the state is written under, ``lock`` that of its data folder, which ends with it. Raises DiskError
    where the server cannot be used.
    """

    newest = len(MIGRATIONS)

    def __init__(
        self, url: Url, owner: str = "", *, lease: Lease | None = None, lock: FolderLock | None = None
    ) -> None:
        self.place = str(url)
        self.owner = owner
        self._lease = lease
        self._lock = lock
        self._depth = 0
        self._is_flushed = True
        self._db: psycopg.Connection[Row] | None = None
        try:
            with self.disk_errors():
                self._db = connect(url)
                self._prepare()
        except BaseException:  # whatever it was, an interrupt too: the lock must not outlive it
            self.close()
            raise

    def all(self, question: str, values: Sequence[Any] = ()) -> list[Row]:
        with self.disk_errors():
            return self._execute(question, values).fetchall()

    def do(self, command: str, values: Sequence[Any] = ()) -> int:
        return self._execute(command, values).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._writing(), self._transaction(is_durable=False):
            yield
        self._is_flushed = False

    @contextmanager
    def durably(self) -> Iterator[None]:
        with self._writing(), self._transaction(is_durable=True):
            yield
        self._is_flushed = True  # all that was committed before it stands before it in the server's log

    def unhurried(self) -> Any:
        return self.together()

    def flush(self) -> None:
        if not self._is_flushed:
            with self._writing():  # a commit that has nothing to write would not wait for the disk
                self._execute("SELECT pg_logical_emit_message(true, 'dateline', '')")
            self._is_flushed = True

    def check(self, lease: Lease) -> None:
        self._verify(lease, self._connected.execute(_NEWEST.format(lease.site)).fetchone())

    def _verify(self, lease: Lease, found: Row | None) -> None:
        newest = Lease(site=lease.site, holder=found[1], token=found[0], until=lease.until) if found else None
        if newest is None or newest.token != lease.token:
            raise LeaseLostError(f"{lost(self.place, lease, newest)}; nothing more is written here")

    def damage(self) -> str | None:
        return None

    def version(self) -> int:
        with self.disk_errors():
            return version_of(self._connected, self.place)

    def size_bytes(self) -> int:
        """What the tables take of the server's disk, with their indexes."""
        names = ", ".join(f"coalesce(pg_total_relation_size(to_regclass('{name}')), 0)" for name in TABLES)
        ((size,),) = self.all(f"SELECT {names.replace(', coalesce', ' + coalesce')}")
        return int(size)

    def shrink(self) -> None:
        """Let the room of dropped rows be used again; who writes meanwhile is not stopped."""
        self.flush()
        with self._writing():
            for name in TABLES:
                self._execute(f"VACUUM (ANALYZE) {name}")

    def close(self) -> None:
        try:
            if self._db is not None and not self._is_broken:
                self.flush()
        finally:
            if self._db is not None:
                with suppress(psycopg.Error):
                    self._db.close()
            if self._lock:
                self._lock.close()

    @contextmanager
    def disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._is_broken = True
            raise DiskError.of(error, self.place) from error
        except psycopg.Error as error:
            self._is_broken = True
            if self._lease and isinstance(error, errors.IdleInTransactionSessionTimeout):
                said = f"{self.place}: this process was paused for {PAUSED_S} s within a write, and the server ended it"
                raise LeaseLostError(said) from error
            raise DiskError(f"{self.place}: {told(error)}") from error

    @property
    def _connected(self) -> psycopg.Connection[Row]:
        if self._db is None:
            raise DiskError(f"{self.place}: not connected")
        return self._db

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Row]:
        return self._connected.execute(translated(statement), [storable(value) for value in values])

    @contextmanager
    def _transaction(self, *, is_durable: bool) -> Iterator[None]:
        """A transaction, or one within it."""
        name = f"together_{self._depth}"
        if self._depth:
            self._connected.execute(f"SAVEPOINT {name}".encode())
        else:
            found = self._begin(is_durable=is_durable)
        self._depth += 1
        try:
            if self._lease and self._depth == 1:
                self._verify(self._lease, found)
            yield
        except BaseException:  # whatever it was, an interrupt too: no half may stay
            with suppress(psycopg.Error):  # the server has taken it back by itself
                self._connected.execute(f"ROLLBACK TO {name}".encode() if self._depth > 1 else b"ROLLBACK")
            raise
        else:
            if self._depth > 1:
                self._connected.execute(f"RELEASE {name}".encode())
            else:
                self._commit()
        finally:
            self._depth -= 1

    def _begin(self, *, is_durable: bool) -> Row | None:
        """Begin a transaction, in one word to the server; the newest holder of our lease, where we are under one."""
        statements = [sql.SQL("BEGIN")]
        if not is_durable:
            statements.append(sql.SQL("SET LOCAL synchronous_commit = off"))
        if self._lease is None:
            self._connected.execute(sql.SQL("; ").join(statements), prepare=False)
            return None
        asked = sql.SQL("; ").join([*statements, _NEWEST.format(self._lease.site)])
        answer = self._connected.execute(asked, prepare=False)
        while answer.nextset():
            pass
        return answer.fetchone()

    def _commit(self) -> None:
        self._connected.execute(b"COMMIT")

    def _prepare(self) -> None:
        self.version()
        migrate(self._connected, self.place)


class ReadPostgres(Postgres):
    """A database as it stands: nothing is brought up to date."""

    def _prepare(self) -> None:
        if not self.version():
            raise DiskError(f"{self.place}: there is no state here yet; a crawl with --state makes it")


Rows = Callable[[str, Sequence[Any]], list[Row]]


@contextmanager
def reading_postgres(url: Url) -> Iterator[tuple[int, Rows]]:
    """One moment of a database, only read: its version, and what answers a question. DiskError where it does not."""
    try:
        with closing(connect(url)) as db:
            db.execute(_SNAPSHOT.encode(), prepare=False)
            version = version_of(db, str(url))
            yield (
                version,
                lambda question, values: db.execute(translated(question), list(map(storable, values))).fetchall(),
            )
    except psycopg.Error as error:
        raise DiskError(f"{url}: {told(error)}") from error


def connect(url: Url) -> psycopg.Connection[Row]:
    """A connection to a database, each statement of which is a transaction, unless one is begun. psycopg.Error."""
    named = conninfo_to_dict(url.secret)
    options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
    more = {"options": f"{options} {named.get('options', '')}"}
    return psycopg.connect(**_CONNECTION | named | more, autocommit=True)  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def translated(statement: str) -> Any:
    """A statement of the rooms as psycopg takes it.

    >>> translated("SELECT line FROM pending WHERE path = ?")
    'SELECT line FROM pending WHERE path = %s'
    """
    return statement.replace("%", "%%").replace("?", "%s").replace(" BLOB", " bytea")


def storable(value: Any) -> Any:
    """A value as PostgreSQL can hold it: NUL, which no text may have there, is spelled out."""
    return value.replace("\0", "\\x00") if isinstance(value, str) and "\0" in value else value


_ADVICE = (  # what libpq and servers say in English, and what to do; others are told as they are
    ("no password supplied", "name one in ~/.pgpass, PGPASSWORD or the URL"),
    ("password authentication failed", "the user or the password is wrong: see the URL, PGPASSWORD and ~/.pgpass"),
    (r'(database|role) ".*" does not exist', "make it (createdb, createuser), or name another"),
    ("Connection refused", "no server listens there: is it running, and on this port?"),
    ("No such file or directory", "no server listens there: is it running, and with its socket in this folder?"),
    ("could not translate host name", "the host has no address: is its name right?"),
    ("failed to resolve host", "the host has no address: is its name right?"),
    ("timeout expired", "the server does not answer"),
    ("no pg_hba.conf entry", "the server lets in nobody of that name from here: see its pg_hba.conf"),
    ("permission denied", "the user lacks the right: let it make tables in the schema (GRANT CREATE ON SCHEMA …)"),
    ("server closed the connection", "it was stopped, or has crashed; the next run goes on where this one stopped"),
    ("terminating connection", "the server was stopped; the next run goes on where this one stopped"),
)


def told(error: psycopg.Error) -> str:
    """What has gone wrong, in a line, and what to do about it."""
    said = " ".join((error.diag.message_primary or str(error)).split()) or type(error).__name__
    advice = next((advice for words, advice in _ADVICE if re.search(words, said)), None)
    return f"{said}; {advice}" if advice else said
