"""What ``dateline export`` costs, on made-up records: lines a second, memory, size, beside DuckDB's own way.

    python -m benchmarks.exports                   100,000 lines, 1 in 20 an edited version
    python -m benchmarks.exports --lines 1000000

DuckDB is the peer where it is installed: it reads the same lines with the same types, takes the last versions and
writes the same folders. It is measured in the same run, in a process of its own, as all are.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.table import Table, show
from crawler.record import id_of_address, json_line
from crawler.terminal import stdout_console

LINES, DAYS, SITES = 100_000, 100, 10
EDITED = 20  # one line in so many is a later version of an article
FIRST_DAY = dt.date(2025, 1, 1)
WORDS = 120_000  # of which texts are made
LETTERS = "etaoinshrdlucmfwypvbgk"
PEER = """
import sys, duckdb
lines, out, threads = sys.argv[1:]
duckdb.execute(f"SET threads = {threads}")
date = "STRUCT(source VARCHAR, raw VARCHAR, precision VARCHAR, confidence VARCHAR, alternatives VARCHAR[])"
about = f'''STRUCT(schema_version BIGINT, version BIGINT, content_hash VARCHAR, changed VARCHAR[],
    previous_hash VARCHAR, date_crawled VARCHAR, first_seen VARCHAR, http_status BIGINT, found_by VARCHAR, run VARCHAR,
    extractor STRUCT(name VARCHAR, version VARCHAR), confidence DOUBLE, date {date}, sources MAP(VARCHAR, VARCHAR),
    removed STRUCT(kind VARCHAR, "text" VARCHAR, reason VARCHAR)[], corrections VARCHAR[],
    rights MAP(VARCHAR, VARCHAR), duplicate_of STRUCT(id VARCHAR, kind VARCHAR, score DOUBLE), story VARCHAR,
    warnings VARCHAR[])'''
texts = ("id", "url", "canonical_url", "title", "content_text", "summary", "date_published", "date_modified",
    "language", "image", "section", "site", "publisher")
columns = {**dict.fromkeys(texts, "VARCHAR"), "authors": "STRUCT(name VARCHAR, url VARCHAR)[]", "tags": "VARCHAR[]",
    "is_accessible_for_free": "BOOLEAN", "word_count": "BIGINT", "_dateline": about}
listed = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
duckdb.execute(f'''COPY (
    SELECT *, left(coalesce(date_published, _dateline.first_seen), 10)::DATE AS date
    FROM read_json('{lines}/articles/*.jsonl', format = 'newline_delimited', columns = {{{listed}}})
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY _dateline.version DESC) = 1
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (date, site))''')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one way of exporting took."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    size_mb: float
    files: int


def made_records(lines: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Records as long as those of news, in the order in which they are crawled; their words are made up."""
    chance = random.Random(seed)  # noqa: S311  nothing is kept secret by it
    words = ["".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(WORDS)]
    weights = [1 / (rank + 3) for rank in range(WORDS)]
    pool = chance.choices(words, weights, k=1_000_000)
    recent: list[dict[str, Any]] = []
    for number in range(lines):
        day = FIRST_DAY + dt.timedelta(days=number * DAYS // lines)
        if recent and number % EDITED == EDITED - 1:
            record = _edited(chance.choice(recent), day, pool, chance)
        else:
            record = _record(number, day, pool, chance)
        recent = [*recent[-200:], record] if number % 10 == 0 else recent
        yield record


def _record(number: int, day: dt.date, pool: Sequence[str], chance: random.Random) -> dict[str, Any]:
    site = f"site{chance.randrange(SITES)}.example"
    url = f"https://{site}/{day:%Y/%m}/{'-'.join(_words(pool, chance, 6))}-{number}"
    published = f"{day}T{number % 24:02}:{number % 60:02}:00+02:00"
    paragraphs = [_sentence(pool, chance, chance.randint(20, 90)) for _ in range(chance.randint(4, 14))]
    removed = [
        {"kind": "related links", "text": _sentence(pool, chance, 12), "reason": "links to other pages"}
        for _ in range(chance.randint(0, 8))
    ]
    digest = f"{chance.getrandbits(128):032x}"
    return {
        "id": id_of_address(url),
        "url": url,
        "canonical_url": url,
        "title": _sentence(pool, chance, 9),
        "content_text": "\n\n".join(paragraphs),
        "summary": _sentence(pool, chance, 20),
        "authors": [{"name": _sentence(pool, chance, 2)}],
        "date_published": published,
        "date_modified": None,
        "language": "en",
        "image": f"https://{site}/images/{number}.jpg",
        "tags": _words(pool, chance, 3),
        "section": chance.choice(["News", "Sport", "Town"]),
        "site": site,
        "publisher": site.title(),
        "is_accessible_for_free": None,
        "word_count": 500,
        "_dateline": {
            "schema_version": 1,
            "version": 1,
            "content_hash": digest,
            "changed": [],
            "previous_hash": None,
            "date_crawled": f"{day}T23:00:00Z",
            "first_seen": f"{day}T23:00:00Z",
            "http_status": 200,
            "found_by": "feed",
            "run": f"{day:%Y%m%d}T230000Z-1",
            "extractor": {"name": "dateline", "version": "0.1.0"},
            "confidence": 0.97,
            "date": {
                "source": "JSON-LD datePublished",
                "raw": published,
                "precision": "second",
                "confidence": "high",
                "alternatives": [],
            },
            "sources": {"authors": "JSON-LD author", "content_text": "block model", "title": "headline"},
            "removed": removed,
            "corrections": [],
            "rights": {},
            "duplicate_of": None,
            "story": None,
            "warnings": [],
        },
    }


def _edited(before: dict[str, Any], day: dt.date, pool: Sequence[str], chance: random.Random) -> dict[str, Any]:
    about = before["_dateline"]
    later = {
        **about,
        "version": about["version"] + 1,
        "content_hash": f"{chance.getrandbits(128):032x}",
        "changed": ["title"],
        "previous_hash": about["content_hash"],
        "date_crawled": f"{day}T23:00:00Z",
    }
    return {**before, "title": _sentence(pool, chance, 9), "_dateline": later}


def _words(pool: Sequence[str], chance: random.Random, count: int) -> list[str]:
    start = chance.randrange(len(pool) - count)
    return list(pool[start : start + count])


def _sentence(pool: Sequence[str], chance: random.Random, count: int) -> str:
    return f"{' '.join(_words(pool, chance, count)).capitalize()}."


def write_lines(folder: Path, lines: int) -> int:
    """Write made-up records into the files of days; their size in bytes.

    It is done in another process: what this one held would count for those that it starts afterwards.
    """
    code = "import sys; from benchmarks.exports import *; print(lines_in(Path(sys.argv[1]), int(sys.argv[2])))"
    made = subprocess.run([sys.executable, "-c", code, folder, str(lines)], check=True, capture_output=True, text=True)
    return int(made.stdout)


def lines_in(folder: Path, lines: int) -> int:
    """Write them here."""
    (folder / "articles").mkdir(parents=True)
    size = 0
    for record in made_records(lines):
        line = json_line(record)
        size += len(line)
        with (folder / "articles" / f"{record['_dateline']['date_crawled'][:10]}.jsonl").open("ab") as file:
            file.write(line)
    return size


def cost_of(name: str, command: Sequence[str | Path], out: Path) -> Cost:
    """Run a way of exporting; raises CalledProcessError where it fails."""
    started = time.perf_counter()
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    files = [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out]
    return Cost(
        name=name,
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1000,
        size_mb=sum(path.stat().st_size for path in files) / 1e6,
        files=len(files),
    )


def costs(folder: Path, data: Path) -> Iterator[Cost]:
    """What each way costs on the lines of a data folder."""
    ours = [sys.executable, "-m", "crawler.cli", "export", "--data", data, "--to"]
    for name, options in (
        ("parquet", ["parquet"]),
        ("parquet again, nothing new", ["parquet"]),
        ("csv", ["csv", "--exact"]),
        ("sqlite", ["sqlite"]),
    ):
        out = folder / f"dateline.{options[0]}"
        yield cost_of(f"dateline export --to {name}", [*ours, *options, "--output", out], out)
    for threads in (1, 2) if find_spec("duckdb") else ():
        out = folder / f"duckdb.{threads}"
        yield cost_of(
            f"DuckDB, {threads} thread{'s' if threads > 1 else ''}, parquet",
            [sys.executable, "-c", PEER, data, out, str(threads)],
            out,
        )


def cost_table(found: Sequence[Cost], lines: int, size: int) -> Table:
    """The costs, side by side."""
    return Table(
        title=f"Export of {lines:,} lines ({size / 1e6:,.0f} MB) of {DAYS} days and {SITES} sites",
        columns=("", "lines/s", "s", "CPU s", "peak MB", "files", "MB"),
        rows=[
            (
                cost.name,
                f"{lines / cost.wall_s:,.0f}",
                f"{cost.wall_s:.1f}",
                f"{cost.cpu_s:.1f}",
                f"{cost.peak_mb:,.0f}",
                f"{cost.files:,}",
                f"{cost.size_mb:,.0f}",
            )
            for cost in found
        ],
        notes=("Each in a process of its own, with the start of the interpreter; the last versions alone.",),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the lines, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        size = write_lines(folder / "data", options.lines)
        found = list(costs(folder, folder / "data"))
    show([cost_table(found, options.lines, size)], stdout_console())


if __name__ == "__main__":
    main()
