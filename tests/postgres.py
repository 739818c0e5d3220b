"""A PostgreSQL server of the tests' own, started once a session, on a socket in a temporary folder."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:  # fixtures for every module: what they need is imported when one is used
    from crawler.state import Url

USER = "news"
GUARDED = "guarded"  # a user who needs a password, once it is made
# what is lost by a crash of the server does not matter here; connections come over the socket alone
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "64MB",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
    "lc_messages": "C",
}


def programs() -> Path | None:
    """The folder of the server's programs: Debian keeps those of each version in a folder that is in no PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = installed[-1] if installed else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def as_server(command: list[str]) -> list[str]:
    """A command of the server, which ends with us, and does not run as root: as its own user then."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=QUIT", *user, *command]


@contextmanager
def running(folder: Path, bin_folder: Path, options: Mapping[str, str]) -> Iterator[Path]:
    """A server whose data and socket are in a folder, with these settings; the folder of its socket."""
    folder.chmod(0o755)
    data, socket = folder / "data", folder / "socket"
    for place in (data, socket):
        place.mkdir()
        if os.geteuid() == 0:
            shutil.chown(place, "postgres", "postgres")
    make = [bin_folder / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(as_server(list(map(str, make))), check=True, capture_output=True, cwd="/")
    (data / "pg_hba.conf").write_text(f"local all {GUARDED} scram-sha-256\nlocal all all trust\n")
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    serve = [bin_folder / "postgres", "-D", data, "-k", socket, *settings]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(as_server(list(map(str, serve))), stdout=log, stderr=log, cwd="/")
    try:
        while b"ready to accept connections" not in (folder / "log").read_bytes():
            assert server.poll() is None, (folder / "log").read_text()
            time.sleep(0.02)
        yield socket
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
        server.wait()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The folder of the socket of a running server."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("there is no PostgreSQL here (on Debian and Ubuntu: apt install postgresql)")
    with ExitStack() as ends:
        # not pytest's own folder, whose path may be too long for a socket
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True)))
        yield ends.enter_context(running(folder, bin_folder, SETTINGS))


def address(server: Path, *, user: str = USER, database: str = "postgres", **options: str) -> str:
    """The URL of a database of the server."""
    more = "".join(f"&{name}={quote(value)}" for name, value in options.items())
    return f"postgresql://{user}@/{database}?host={quote(str(server), safe='')}{more}"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest) -> Url | None:
    """Where the state is, for tests that hold of both: None for the data folder."""
    found: Url | None = request.getfixturevalue("state_url") if request.param == "PostgreSQL" else None
    return found


@pytest.fixture
def state_url(postgres: Path) -> Url:
    """A schema of the test's own, in which there is no state yet."""
    return fresh_url(postgres)


def fresh_url(postgres: Path) -> Url:
    """The same, for fixtures of a wider scope."""
    import psycopg

    from crawler.state import Url

    schema = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(address(postgres), autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}".encode())
    return Url.parse(address(postgres, options=f"-csearch_path={schema}"))
