"""How the cost of crawling grows: with the addresses that the state knows, and with the pages crawled before.

    python -m benchmarks.growth [--part state,full,long] [--millions 1,5] [--articles 10000] [--folder DIR]

Parts: ``state`` (its size, and the time of a lookup and an insert, with a million addresses and with five), ``full`` (a
crawl with the largest of these states beside one with an empty state) and ``long`` (a crawl of ten thousand replayed
articles: its memory, and CPU a page early and at the end). The last two need the bench, and take some ten minutes each.

Addresses go through the state's own rooms, in batches of one commit each, in an order that no digest follows. The same
keys go into the smallest table that SQLite can hold them in, and into a set, in the same run: what the state could cost
at best. Lookups are of addresses spread over all, in a shuffled order. Exit codes: 1 where a limit
is not held, 2 where there is no bench.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import full_state, long_crawl
from benchmarks.bench import BENCH, Bench, no_bench
from benchmarks.table import Table, show
from crawler.edits import Shape
from crawler.identity import address_digest, canonical_key
from crawler.items import Outcome, Reason
from crawler.policy import Policy
from crawler.state.addresses import Addresses
from crawler.state.articles import Articles
from crawler.state.codes import digest
from crawler.state.compaction import compact, size_of
from crawler.state.sqlite import SQLite
from crawler.terminal import stdout_console
from crawler.verdict import Ended, Known, unix_time

PARTS = ("state", "full", "long")
NEED_BENCH = frozenset(("full", "long"))
MILLION = 1_000_000
ROUNDS = 7  # of crawls with a full state and an empty one
BATCH = 50_000
LOOKUPS = 20_000
MOST_MB_PER_MILLION = 150.0
SENTENCES = 42  # of an article: the mean of 309 real ones
SHARE_OF_ARTICLES = 0.7  # of all addresses, see ended_of
AT = "2025-04-26T07:00:00Z"
TODAY = dt.date(2025, 4, 27)
SEED = 20_251_126


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A state of so many addresses: its bytes, and microseconds an address."""

    addresses: int
    state_bytes: int
    bare_bytes: int
    insert_us: float
    bare_insert_us: float
    hit_us: float
    miss_us: float
    bare_hit_us: float
    set_hit_us: float
    key_us: float

    @property
    def mb_per_million(self) -> float:
        """What a million addresses cost on the disk."""
        return self.state_bytes / self.addresses


def url_of(number: int) -> str:
    """An address as news sites have them, of one of 400 sites."""
    return f"https://www.paper{number % 400}.example/2025/04/{number}/the-bridge-over-the-river-is-closed-until-may"


def ended_of(number: int) -> Ended:
    """How it ended: of ten, seven are articles, one a list, one gone, one too old."""
    url = url_of(number)
    if number % 10 < 7:
        return Ended(url=url, outcome=Outcome.SAVED, at=AT, article=digest(url).hex()[:20])
    if number % 10 == 7:
        return Ended(url=url, outcome=Outcome.NOT_AN_ARTICLE, at=AT, reason=Reason.INDEX)
    if number % 10 == 8:
        return Ended(url=url, outcome=Outcome.HTTP_STATUS, at=AT, status=410)
    return Ended(url=url, outcome=Outcome.TOO_OLD, at=AT, reason=Reason.TOO_OLD, day=dt.date(2024, 1, 2))


def grow(folder: Path, steps: Sequence[int]) -> Iterator[Grown]:
    """Fill a state up to each number of addresses in turn, and measure it there."""
    held: set[bytes] = set()
    done = 0
    with closing(SQLite(folder / "state")) as db, closing(_bare_table(folder / "bare.sqlite")) as bare:
        addresses = Addresses(db, Policy(since=dt.date(2025, 1, 1)), TODAY)
        for number in steps:
            seconds = _fill(db, addresses, range(done, number)), _fill_bare(bare, held, range(done, number))
            for pages in (db.one, bare.execute):
                pages("PRAGMA wal_checkpoint(TRUNCATE)")  # the size at rest, as closing leaves it
            yield _measured(folder, addresses, bare, held, number, [1e6 * s / (number - done) for s in seconds])
            done = number


def _fill(db: SQLite, addresses: Addresses, numbers: range) -> float:
    began = time.perf_counter()
    for batch in _batches(numbers):
        with db.together():
            for number in batch:
                addresses.note(ended_of(number))
        db.flush()
    return time.perf_counter() - began


def _fill_bare(bare: sqlite3.Connection, held: set[bytes], numbers: range) -> float:
    seconds = 0.0
    for batch in _batches(numbers):
        keys = [digest(canonical_key(url_of(number))) for number in batch]
        held.update(keys)
        began = time.perf_counter()
        with bare:
            bare.executemany("INSERT INTO addresses VALUES (?)", [(key,) for key in keys])
        seconds += time.perf_counter() - began
    return seconds


def _measured(
    folder: Path, addresses: Addresses, bare: sqlite3.Connection, held: set[bytes], number: int, insert_us: list[float]
) -> Grown:
    shuffled = random.Random(SEED)  # noqa: S311  no secret
    known = [url_of(shuffled.randrange(number)) for _ in range(LOOKUPS)]
    unknown = [url_of(number + shuffled.randrange(number)) for _ in range(LOOKUPS)]
    keys = [digest(canonical_key(url)) for url in known]
    question = "SELECT 1 FROM addresses WHERE key = ?"
    canonical_key.cache_clear()
    return Grown(
        addresses=number,
        state_bytes=size_of(folder / "state"),
        bare_bytes=(folder / "bare.sqlite").stat().st_size,
        insert_us=insert_us[0],
        bare_insert_us=insert_us[1],
        hit_us=_us_each(addresses.is_seen, known),
        miss_us=_us_each(addresses.is_seen, unknown),
        bare_hit_us=_us_each(lambda key: bare.execute(question, (key,)).fetchone(), keys),
        set_hit_us=_us_each(held.__contains__, keys),
        key_us=_us_each(lambda url: digest(canonical_key(url)), unknown[: LOOKUPS // 2]),
    )


def _us_each(look: Callable[[str], object] | Callable[[bytes], object], values: Sequence[object]) -> float:
    """Median microseconds a value, of five equal parts of them."""
    part = len(values) // 5
    took = []
    for at in range(0, part * 5, part):
        began = time.perf_counter()
        for value in values[at : at + part]:
            look(value)  # type: ignore[arg-type]
        took.append(1e6 * (time.perf_counter() - began) / part)
    return statistics.median(took)


def articles_bytes(folder: Path, count: int) -> tuple[float, float]:
    """Bytes of a written article beside its address: while it is looked at again, and when it is settled."""
    shape = Shape(title=1, authors=(2,), published=AT, sentences=tuple(range(SENTENCES))).as_bytes()
    written = unix_time(AT)
    with closing(SQLite(folder)) as db:
        articles = Articles(db)
        for batch in _batches(range(count)):
            with db.together():
                for number in batch:
                    url, name = url_of(number), digest(url_of(number)).hex()
                    article = Known(
                        id=name[:20],
                        version=1,
                        content_hash=name,
                        title_hash=name[:12],
                        text_hash=name[:12],
                        address=address_digest(url),
                        first_seen=AT,
                        url=url,
                        shape=shape,
                        born=written,
                        looked=written,
                        next_look=written + 3600,
                    )
                    articles.note(article)
            db.flush()
        db.one("PRAGMA wal_checkpoint(TRUNCATE)")
        fresh = size_of(folder) / count
        with db.together():
            for number in range(count):
                articles.looked(digest(url_of(number)).hex()[:20], written, None)
        db.flush()
    compact(folder, TODAY, TODAY + dt.timedelta(days=100))
    return fresh, size_of(folder) / count


def growth_table(grown: Sequence[Grown]) -> Table:
    """Size and time by the number of addresses."""
    return Table(
        title="The state by the number of its addresses",
        columns=(
            "addresses",
            "MB",
            "MB a million",
            "bare table",
            "insert µs",
            "bare",
            "hit µs",
            "miss µs",
            "bare hit",
            "set hit",
            "the key alone",
        ),
        rows=[
            (
                f"{g.addresses:,}",
                f"{g.state_bytes / 1e6:,.1f}",
                f"{g.mb_per_million:.1f}",
                f"{g.bare_bytes / g.addresses:.1f}",
                f"{g.insert_us:.1f}",
                f"{g.bare_insert_us:.1f}",
                f"{g.hit_us:.1f}",
                f"{g.miss_us:.1f}",
                f"{g.bare_hit_us:.1f}",
                f"{g.set_hit_us:.2f}",
                f"{g.key_us:.1f}",
            )
            for g in grown
        ],
        notes=(
            f"The limit is {MOST_MB_PER_MILLION:g} MB a million. A bare table holds the digests alone.",
            "Insert, hit and miss hold the making of the key, which the bare table and the set are spared.",
        ),
    )


def compaction_table(folder: Path) -> Table:
    """What compacting the filled state takes and gives."""
    began = time.perf_counter()
    done = compact(folder / "state", dt.date(2026, 12, 1), TODAY)
    seconds = time.perf_counter() - began
    return Table(
        title="Compacted, with all that holds no article dropped",
        columns=("dropped", "kept", "MB before", "MB after", "seconds"),
        rows=[
            (
                f"{done.dropped:,}",
                f"{done.kept:,}",
                f"{done.before / 1e6:,.1f}",
                f"{done.after / 1e6:,.1f}",
                f"{seconds:.1f}",
            )
        ],
        words=0,
    )


def main() -> int:
    """Measure and print; the exit code: 1 where a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default=",".join(PARTS), help="parts to measure, with commas (default: all)")
    parser.add_argument("--articles", type=int, default=10_000, help="of the long crawl (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the full state's crawls (default: %(default)s)")
    parser.add_argument("--millions", default="1,5", help="of addresses, with commas (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to make the states (default: the system's, for a while)")
    options = parser.parse_args()
    steps = sorted(int(float(number) * MILLION) for number in options.millions.split(","))
    parts = options.part.split(",")
    bench = Bench(folder=BENCH)
    if NEED_BENCH & set(parts) and not bench.is_there:
        return no_bench("benchmarks.growth", bench)
    is_held = [_state(steps, options.folder)] if "state" in parts else []
    if "full" in parts:
        is_held.append(_full(steps[-1], options.folder, options.rounds))
    if "long" in parts:
        found = long_crawl.watched_crawl(options.articles, options.folder)
        show([long_crawl.crawl_table(found, options.articles)], stdout_console())
        is_held.append(found.is_held)
    return int(not all(is_held))


def _state(steps: Sequence[int], place: Path | None) -> bool:
    """Measure the state alone; whether its limit is held."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        grown = list(grow(Path(folder), steps))
        fresh, settled = articles_bytes(Path(folder) / "articles", min(steps[0], MILLION))
        address = max(g.mb_per_million for g in grown)
        show([growth_table(grown), compaction_table(Path(folder))], stdout_console())
    first, later = (address + SHARE_OF_ARTICLES * each for each in (fresh, settled))
    stdout_console().print(
        f"beside its address a written article costs {fresh:.0f} bytes, settled and compacted {settled:.0f}: with "
        f"{SHARE_OF_ARTICLES:.0%} articles {first:.0f} MB a million addresses of the last two months, {later:.0f} MB a "
        "million older ones",
        soft_wrap=True,
    )
    return later <= MOST_MB_PER_MILLION


def _full(number: int, place: Path | None, rounds: int) -> bool:
    """Measure crawls with a state of so many addresses; whether the limit is held."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        state = Path(folder) / "state"
        with closing(SQLite(state)) as db:
            _fill(db, Addresses(db, Policy(), TODAY), range(number))
        found = full_state.beside_empty(state, Path(folder), rounds)
    show([full_state.state_table(found, number)], stdout_console())
    return full_state.is_held(found)


def _bare_table(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE addresses (key BLOB PRIMARY KEY) WITHOUT ROWID")
    return db


def _batches(numbers: range) -> Iterator[range]:
    for at in range(numbers.start, numbers.stop, BATCH):
        yield range(at, min(at + BATCH, numbers.stop))


if __name__ == "__main__":
    sys.exit(main())
