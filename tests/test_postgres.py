"""The state on a PostgreSQL server: leases and their fence, several processes at once, what goes wrong with servers."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from crawler.errors import ConfigError
from crawler.identity import address_digest
from crawler.items import Outcome
from crawler.parts.batch import ALONE
from crawler.parts.manifest import committed_files
from crawler.parts.part_files import PartFiles
from crawler.parts.shelf import LocalShelf
from crawler.polling import SiteFile
from crawler.state import DiskError, Lease, LeaseLostError, OvertakenError, State, Url
from crawler.state.leases import Leases
from crawler.state.postgres import Postgres, told
from crawler.state.reading import is_there, rows_of
from crawler.state.schema_postgres import MIGRATIONS, TABLES
from crawler.state.sqlite import SQLite
from crawler.verdict import Ended, Known
from tests.postgres import GUARDED, address
from tests.test_state import NOW, line_of, save

SITE = "example.org"
AT = dt.datetime(2025, 4, 26, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _lines_go_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the steps of one line can be told apart; tests/test_parts.py has lines that wait for others."""
    monkeypatch.setattr(PartFiles, "batch", ALONE)


@pytest.fixture
def leases(state_url: Url) -> Iterator[Leases]:
    with closing(Leases(state_url)) as table:
        yield table


def taken(leases: Leases, holder: str = "first", for_s: float = 60) -> Lease:
    lease = leases.take(SITE, holder, for_s)
    assert lease is not None
    return lease


def under(url: Url, lease: Lease, folder: Path) -> State:
    return State(folder, url=url, lease=lease)


def counted(folder: Path) -> bytes:
    """What counts of the parts in a folder."""
    sizes = committed_files(LocalShelf(folder))
    return b"".join((folder / name).read_bytes()[:size] for name, size in sorted(sizes.items()))


# leases


def test_a_lease_is_taken_renewed_given_back_and_its_token_grows(leases: Leases) -> None:
    first = taken(leases)
    assert (first.site, first.holder, first.token) == (SITE, "first", 1)
    assert leases.take(SITE, "second", 60) is None
    renewed = leases.renew(first, 600)
    assert (renewed.token, renewed.until > first.until) == (1, True)
    assert leases.held() == [renewed] == [leases.newest(SITE)]
    leases.give_back(renewed)
    assert leases.held() == []
    assert taken(leases, "second").token == 2


def test_a_lease_that_ran_out_is_renewed_unless_it_was_taken(leases: Leases) -> None:
    first = taken(leases, for_s=0)
    assert leases.renew(first, 0).token == 1
    second = taken(leases, "second")
    with pytest.raises(
        LeaseLostError, match=r"the lease of example\.org \(token 1\) is lost by first: second has taken"
    ):
        leases.renew(first, 60)
    leases.give_back(first)
    assert leases.held() == [second]


def test_several_leases_are_renewed_together_and_the_lost_one_is_told(leases: Leases) -> None:
    some = [lease for site in ("a", "b", "c") if (lease := leases.take(site, "first", 0))]
    assert [lease.site for lease in leases.renew_all(some, 0)] == ["a", "b", "c"]
    assert leases.take("b", "second", 60)
    with pytest.raises(LeaseLostError, match="the lease of b "):
        leases.renew_all(some, 60)
    assert [(lease.site, lease.token) for lease in leases.held()] == [("a", 1), ("b", 2), ("c", 1)]


def test_one_of_many_takes_a_lease(state_url: Url, leases: Leases) -> None:
    def take(holder: int) -> Lease | None:
        with closing(Leases(state_url)) as own:
            return own.take(SITE, str(holder), 60)

    with ThreadPoolExecutor(8) as pool:
        won = [lease for lease in pool.map(take, range(8)) if lease]
    assert won == leases.held()


def test_a_lease_is_handed_on_as_text(leases: Leases) -> None:
    lease = taken(leases)
    assert Lease.from_text(lease.as_text()) == lease


# the fence


def test_nothing_is_written_once_the_lease_is_lost(tmp_path: Path, state_url: Url, leases: Leases) -> None:
    first = taken(leases, for_s=0)
    with closing(under(state_url, first, tmp_path)) as state:
        save(state, 1, tmp_path / "day.jsonl")
        taken(leases, "second")
        with pytest.raises(LeaseLostError, match="nothing more is written here"):
            save(state, 2, tmp_path / "day.jsonl")
        ended = Ended(url="https://example.org/2", outcome=Outcome.NOT_AN_ARTICLE, at=NOW)
        for write in (
            lambda: state.end(ended),
            lambda: state.sites.remember(SITE, b"m"),
            lambda: state.sites.keep_waiting("https://example.org/3", SITE, b"p"),
            lambda: state.history.keep([]),
        ):
            with pytest.raises(LeaseLostError):
                write()
        assert [state.is_seen(f"https://example.org/{number}") for number in (1, 2, 3)] == [True, False, False]
        assert state.article("2") is None
    assert counted(tmp_path) == line_of(1)
    assert rows_of(state_url, "pending", "SELECT 1 FROM pending") == []


# A holder that saves articles 1 and 2, pauses for good at a step of the second, and tells how it ended when it wakes.
PAUSED_HOLDER = """
import os, signal, sys
from pathlib import Path
import crawler.parts.shelf, crawler.state.lines
from crawler.parts.batch import ALONE
from crawler.parts.part_files import PartFiles
from crawler.state import Lease, LeaseLostError, State, Url
from crawler.state.postgres import Postgres
from tests.test_state import save

def pausing(owner, name):
    whole = getattr(owner, name)
    def paused(*arguments):
        os.kill(os.getpid(), signal.SIGSTOP)
        return whole(*arguments)
    setattr(owner, name, paused)

folder, step, url, lease = Path(sys.argv[1]), sys.argv[2], Url(sys.argv[3]), Lease.from_text(sys.argv[4])
PartFiles.batch = ALONE
state = State(folder, url=url, lease=lease)
save(state, 1, folder / "day.jsonl")
if step == "before the transaction": os.kill(os.getpid(), signal.SIGSTOP)
if step == "before the commit": pausing(Postgres, "_commit")
if step == "before the line": pausing(crawler.parts.shelf, "append_lines")
if step == "before the settling": pausing(crawler.state.lines.Lines, "_settle")
try:
    save(state, 2, folder / "day.jsonl")
except LeaseLostError:
    state.close()
    sys.exit(7)
"""


@pytest.mark.parametrize(
    "step", ["before the transaction", "before the commit", "before the line", "before the settling"]
)
def test_a_holder_that_wakes_after_another_took_over_writes_nothing(tmp_path: Path, state_url: Url, step: str) -> None:
    url = Url(f"{state_url.secret}%20-cidle_in_transaction_session_timeout%3D1s")
    with closing(Leases(url)) as leases:
        first = taken(leases, for_s=0)
        arguments = [str(tmp_path), step, url.secret, first.as_text()]
        holder = subprocess.Popen([sys.executable, "-c", PAUSED_HOLDER, *arguments])
        try:
            assert os.WIFSTOPPED(os.waitpid(holder.pid, os.WUNTRACED)[1])
            with closing(under(url, taken(leases, "second"), tmp_path)) as state:
                for number in (1, 2, 3):
                    if not state.is_seen(f"https://example.org/{number}"):
                        save(state, number, tmp_path / "day.jsonl")
            holder.send_signal(signal.SIGCONT)
            assert holder.wait(30) == 7
        finally:
            with suppress(ProcessLookupError):
                holder.kill()
            holder.wait()
    assert counted(tmp_path) == line_of(1) + line_of(2) + line_of(3)
    assert rows_of(url, "pending", "SELECT 1 FROM pending") == []


def test_the_next_holder_finishes_what_a_dead_one_left(tmp_path: Path, state_url: Url, leases: Leases) -> None:
    state = under(state_url, taken(leases, for_s=0), tmp_path / "first")
    state.sites.keep_waiting("https://example.org/waits", SITE, b"page")
    save_and_die(state, tmp_path / "first" / "day.jsonl")
    assert leases.unfinished() == [SITE]
    second = taken(leases, "second")
    assert leases.unfinished() == []
    with closing(under(state_url, second, tmp_path / "second")) as state:
        assert list(state.recovered.values()) == [1]
        assert list(state.sites.waiting()) == [b"page"]
        assert state.files() == [tmp_path / "second" / "day" / "example.org.2.jsonl"]
    assert counted(tmp_path / "second") == line_of(1)


def save_and_die(state: State, path: Path) -> None:
    """Commit article 1, and end between the commit and its line as a killed process does."""

    def die(*_: object) -> None:
        state._db._db.close()  # type: ignore[attr-defined]
        raise ProcessLookupError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.parts.shelf.append_lines", die)
        patch.setattr("crawler.state.files.append_lines", die)
        with pytest.raises(DiskError):
            save(state, 1, path)
    state.close()


def test_what_is_anothers_is_left_to_it(tmp_path: Path, state_url: Url) -> None:
    first, second = (State(tmp_path / name, url=state_url) for name in ("first", "second"))
    first.sites.keep_waiting("https://example.org/waits", SITE, b"page")
    save_and_die(first, tmp_path / "first" / "day.jsonl")
    second.close()
    again = State(tmp_path / "second", url=state_url)
    assert (again.recovered, list(again.sites.waiting())) == ({}, [])
    assert again.is_seen("https://example.org/waits")
    assert again.is_seen("https://example.org/1")
    again.close()
    with closing(State(tmp_path / "first", url=state_url)) as first:
        assert first.recovered == {tmp_path / "first" / "day.jsonl": 1}
        assert list(first.sites.waiting()) == [b"page"]


# several processes


def test_a_version_that_another_process_wrote_meanwhile_is_not_written_again(tmp_path: Path, state_url: Url) -> None:
    first, second = (State(tmp_path / name, url=state_url) for name in ("first", "second"))
    with closing(first), closing(second):
        save(first, 1, tmp_path / "first" / "day.jsonl")
        with pytest.raises(OvertakenError):
            save(second, 1, tmp_path / "second" / "day.jsonl")
        save(second, 2, tmp_path / "second" / "day.jsonl")
    assert (tmp_path / "first" / "day.jsonl").read_bytes() == line_of(1)
    assert (tmp_path / "second" / "day.jsonl").read_bytes() == line_of(2)


def test_many_write_the_same_rows_at_once_and_none_waits_for_ever(tmp_path: Path, state_url: Url) -> None:
    """Each notes the same addresses in an order of its own: transactions over several notes would deadlock."""

    def write(writer: int) -> int:
        with closing(State(tmp_path / str(writer), url=state_url)) as state:
            for step in range(40):
                number = step if writer % 2 else 39 - step
                ended = Ended(url=f"https://example.org/{number}", outcome=Outcome.HTTP_STATUS, status=404, at=NOW)
                state.end(ended)
        return writer

    with ThreadPoolExecutor(4) as pool:  # the first of them make the tables, too
        assert sorted(pool.map(write, range(4))) == [0, 1, 2, 3]
    assert rows_of(state_url, "addresses", "SELECT count(*), min(tries), max(tries) FROM addresses") == [(40, 4, 4)]


# the schema and its values


def test_both_kinds_of_state_have_the_same_columns(tmp_path: Path, state_url: Url) -> None:
    with closing(SQLite(tmp_path)) as ours, closing(Postgres(state_url)) as theirs:
        here = ours.all(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
        )
        there = theirs.all(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        )
    assert {name for name, _ in there} == {*TABLES, "state_version"}
    assert {row for row in there if row[0] not in {"leases", "state_version"}} == set(here)


def test_a_state_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path, state_url: Url) -> None:
    State(tmp_path, url=state_url).close()
    with psycopg.connect(state_url.secret) as db:
        db.execute("UPDATE state_version SET version = %s", (len(MIGRATIONS) + 1,))
    with pytest.raises(DiskError, match="written by a newer version of dateline; update dateline"):
        State(tmp_path, url=state_url)
    assert rows_of_version(state_url) == len(MIGRATIONS) + 1


def rows_of_version(url: Url) -> int:
    with psycopg.connect(url.secret) as db:
        row = db.execute("SELECT version FROM state_version").fetchone()
    assert row is not None
    return int(row[0])


def test_a_text_with_nul_is_found_again(tmp_path: Path, state_url: Url) -> None:
    file = SiteFile(url="https://example.org/\0", status=200, body=b"\0", etag="a\0b", last_modified=None, read_at=AT)
    with closing(State(tmp_path, url=state_url)) as state:
        state.site_files.keep_file(file)
        assert state.site_files.file(file.url) == replace(file, etag="a\\x00b")


def test_due_articles_are_those_of_the_sites_that_are_named(tmp_path: Path, url: Url | None) -> None:
    with closing(State(tmp_path, url=url)) as state:
        for number, page in enumerate(("https://a.example.org/1", "https://example.net/2"), start=1):
            known = Known(
                id=str(number),
                version=1,
                content_hash="h",
                address=address_digest(page),
                first_seen=NOW,
                url=page,
                next_look=5,
            )
            state.save(known, Ended(url=page, outcome=Outcome.SAVED, at=NOW), line_of(number), tmp_path / "day.jsonl")
        assert state.due(4) == []
        assert state.due(5) == ["https://a.example.org/1", "https://example.net/2"]
        assert state.due(5, ["example.net"]) == ["https://example.net/2"]
        assert state.due(5, []) == []


# what goes wrong


def test_a_url_that_is_none_is_told_without_its_password() -> None:
    for text in ("mysql://u:geheim@h/d", "postgresql://u:geheim@h/d?nonsense=1", "postgresql://u:ge/heim@h/d", "data"):
        with pytest.raises(ConfigError) as told_of:
            Url.parse(text)
        assert "geheim" not in str(told_of.value)
        assert "heim" not in str(Url(text))


def test_a_url_is_shown_without_its_password() -> None:
    url = Url("postgresql://u:ge%40h@h/d?sslpassword=geheim&connect_timeout=1")
    assert f"{url} {url!r}" == " ".join(["postgresql://u@h/d?sslpassword=…&connect_timeout=1"] * 2)


@pytest.mark.parametrize(
    ("user", "database", "said"),
    [
        ("news", "nowhere", 'database "nowhere" does not exist; make it'),
        ("nobody", "postgres", 'role "nobody" does not exist; make it'),
        (f"{GUARDED}:falsch", "postgres", f'password authentication failed for user "{GUARDED}"; the user or the'),
        (GUARDED, "postgres", "no password supplied; name one in ~/.pgpass, PGPASSWORD or the URL"),
    ],
)
def test_a_server_that_lets_nobody_in_is_a_disk_error(
    tmp_path: Path, postgres: Path, user: str, database: str, said: str
) -> None:
    with psycopg.connect(address(postgres), autocommit=True) as db, suppress(psycopg.errors.DuplicateObject):
        db.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD 'richtig'".encode())
    with pytest.raises(DiskError) as error:
        State(tmp_path, url=Url.parse(address(postgres, user=user, database=database)))
    assert said in str(error.value)
    assert "falsch" not in str(error.value)
    with closing(State(tmp_path)):  # the folder is not held
        pass


def test_a_server_that_is_not_there_is_a_disk_error(tmp_path: Path) -> None:
    url = Url.parse(f"postgresql:///news?host={tmp_path}")
    for ask in (lambda: State(tmp_path, url=url), lambda: is_there(url), lambda: Leases(url)):
        with pytest.raises(DiskError, match="no server listens there: is it running"):
            ask()


def test_a_server_that_goes_is_a_disk_error_and_the_next_run_goes_on(tmp_path: Path, state_url: Url) -> None:
    output = tmp_path / "day.jsonl"
    state = State(tmp_path, url=state_url)
    save(state, 1, output)
    with psycopg.connect(state_url.secret, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dateline'")
    for _ in range(2):
        with pytest.raises(DiskError, match=r"the next run goes on|refused an earlier write"):
            save(state, 2, output)
    state.close()
    with closing(State(tmp_path, url=state_url)) as state:
        save(state, 2, output)
    assert output.read_bytes() == line_of(1) + line_of(2)


def test_a_user_who_may_make_no_tables_is_told_what_it_lacks(tmp_path: Path, postgres: Path) -> None:
    with psycopg.connect(address(postgres), autocommit=True) as db, suppress(psycopg.errors.DuplicateObject):
        db.execute("CREATE ROLE reader LOGIN")
    with pytest.raises(DiskError, match="permission denied for schema public; the user lacks the right"):
        State(tmp_path, url=Url(address(postgres, user="reader")))


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path: Path, postgres: Path) -> None:
    with psycopg.connect(address(postgres), autocommit=True) as db, suppress(psycopg.errors.DuplicateDatabase):
        db.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(DiskError, match="the database is in LATIN1; make one in UTF-8"):
        State(tmp_path, url=Url(address(postgres, database="latin")))


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert told(psycopg.OperationalError()) == "OperationalError"


def test_where_no_state_is_yet_it_is_said(state_url: Url) -> None:
    assert not is_there(state_url)
    with pytest.raises(DiskError, match="there is no state here yet; a crawl with --state makes it"):
        rows_of(state_url, "memories", "SELECT 1 FROM memories")
    with closing(Postgres(state_url)):
        assert is_there(state_url)
