"""What a state on PostgreSQL costs beside one in SQLite, on this machine: ``python -m benchmarks.states``.

The server is started for it, on a socket, and waits for its disk as a server does; SQLite's file is beside its data.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from benchmarks.table import Table, show
from crawler.identity import address_digest
from crawler.items import Outcome
from crawler.state import State, Url
from crawler.state.leases import Leases
from crawler.verdict import Ended, Known
from tests.postgres import SETTINGS, fresh_url, programs, running

TODAY, AT = dt.date(2025, 4, 26), "2025-04-26T07:00:00Z"
DURABLE = {name: value for name, value in SETTINGS.items() if name not in {"fsync", "full_page_writes"}}
COLUMNS = ("open and close", "miss", "hit", "note", "save")
LINE = b'{"id": "%d", "text": "' + b"x" * 3000 + b'"}\n'


def main(arguments: Sequence[str]) -> int:
    """Print a table, a row a kind of state, times in microseconds; 1 where there is no PostgreSQL."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.states")
    parser.add_argument("--number", type=int, default=3000, help="how often each is done (default: 3000)")
    parser.add_argument("--folder", type=Path, help="on the disk that is measured (default: the temporary folder)")
    options = parser.parse_args(arguments)
    if (programs_folder := programs()) is None:
        print("there is no PostgreSQL here (on Debian and Ubuntu: apt install postgresql)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="pg", dir=options.folder, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running(folder, programs_folder, DURABLE) as socket:
            kinds = {
                "SQLite": partial(State, today=TODAY),
                "PostgreSQL": partial(State, today=TODAY, url=fresh_url(socket)),
                "PostgreSQL, under a lease": partial(_under_lease, fresh_url(socket)),
            }
            rows = [
                (kind, *(f"{cost:,}" for cost in _costs(make, folder / str(at), options.number)))
                for at, (kind, make) in enumerate(kinds.items())
            ]
    title = f"Microseconds, the middle one of {options.number:,}"
    show([Table(title=title, columns=("state", *COLUMNS), rows=rows)], Console())
    return 0


def _under_lease(url: Url, folder: Path) -> State:
    with closing(Leases(url)) as leases:
        lease = leases.take("example.org", "benchmark", 600) or leases.newest("example.org")
    return State(folder, today=TODAY, url=url, lease=lease)


def _costs(make: Callable[[Path], State], folder: Path, number: int) -> tuple[int, ...]:
    """The microseconds of each thing, in the order of the columns."""
    make(folder).close()  # the tables are there
    opening = _middle_us(lambda _: make(folder).close(), range(20))
    urls = [f"https://example.org/news/{at}" for at in range(number)]
    with closing(make(folder)) as state:
        miss = _middle_us(state.is_seen, urls)
        note = _middle_us(lambda url: state.end(Ended(url=url, outcome=Outcome.NOT_AN_ARTICLE, at=AT)), urls)
        hit = _middle_us(state.is_seen, urls)
        save = _middle_us(lambda at: _save(state, at, folder / "articles" / "day.jsonl"), range(number))
    return opening, miss, hit, note, save


def _save(state: State, number: int, path: Path) -> None:
    url = f"https://example.org/articles/{number}"
    article = Known(
        id=f"{number:020x}", version=1, content_hash="0f" * 16, address=address_digest(url), first_seen=AT, url=url
    )
    state.save(article, Ended(url=url, outcome=Outcome.SAVED, at=AT, article=article.id), LINE % number, path)


def _middle_us(do: Callable[[Any], object], things: Iterable[Any]) -> int:
    """How long it takes for one of them; the middle one, as others use the machine, too."""
    taken = []
    for thing in things:
        started = time.perf_counter()
        do(thing)
        taken.append(time.perf_counter() - started)
    return round(median(taken) * 1e6)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
