"""What an archive's pages cost beside their extraction alone: pages a second and core of ``dateline archive``.

    python -m benchmarks.archive [--pages 300] [--sites 5] [--sets fundus_eval]

Pages of the bench, each under an address of one of a few sites, are written to two WARC files of our own. The first
makes the sites known; the second is measured: the CPU of all processes of the command, less that of a run with nothing
to read, against that of extracting the same pages from memory, with what is known of their sites, in one process,
before and after it. Both are CPU seconds, so that other work on the machine changes little. Exit code 2: there is no
bench.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import BENCH, Bench, no_bench
from crawler.items import Page
from crawler.memories import Memories
from crawler.state import State
from crawler.warcs import Exchange, WarcFolder
from crawler.workers import extract_page

AT = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
GOAL = 0.95
PR_SET_CHILD_SUBREAPER = 36  # of Linux, prctl(2): who outlives the command is waited for by us, and counted


def main() -> int:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300, help="that are measured; as many go before them")
    parser.add_argument("--sites", type=int, default=5)
    parser.add_argument("--sets", default="", help="of the bench; all, if none is named")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    bench = Bench(folder=BENCH)
    if not bench.is_there:
        return no_bench()
    rows = bench.manifest(options.sets)[: 2 * options.pages]
    pages = [
        replace(page, url=f"https://site{number % options.sites}.example/news/{number}", fetched_at=AT)
        for number, page in enumerate(bench.pages(rows))
        if isinstance(page, Page)
    ]
    first, second = pages[: len(pages) // 2], pages[len(pages) // 2 :]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [written(folder / part, half) for part, half in (("one", first), ("two", second))]
        nothing = written(folder / "none", [replace(first[0], body=b"<p>x")])
        cold_s = archive_s(folder, files[0])
        start_s = archive_s(folder, nothing)
        extract_all(first[:20])  # warm
        known = told(folder / "data", second)
        before_s = extract_all(known)
        warm_s = archive_s(folder, files[1])
        after_s = extract_all(known)
    limit_s = (before_s + after_s) / 2
    mean_kb = sum(len(page.body) for page in second) / len(second) / 1e3
    print(f"{len(second)} pages of {options.sites} sites, {mean_kb:.0f} KB each")
    print(f"from memory           {len(second) / limit_s:6.1f} pages/s and core ({before_s:.1f} s, {after_s:.1f} s)")
    for what, count, spent_s in (("known sites", len(second), warm_s), ("unknown sites", len(first), cold_s)):
        rate = count / (spent_s - start_s)
        print(f"archive, {what:13}{rate:6.1f} pages/s and core, {rate * limit_s / len(second):.2f} of it")
    print(f"start and end of a run {start_s:5.1f} s; goal: {GOAL} with known sites")
    return 0


def written(folder: Path, pages: Sequence[Page]) -> Path:
    """The pages in a WARC file of our own."""
    warcs = WarcFolder(folder)
    for page in pages:
        kind = f"text/html; charset={page.encoding}" if page.encoding else "text/html"
        exchange = Exchange(
            url=page.url,
            at=AT,
            request_line="GET / HTTP/1.1",
            request_headers=(),
            status_line="HTTP/1.1 200 OK",
            headers=[(b"Content-Type", kind.encode())],
            body=page.body,
        )
        warcs.add(exchange)
    warcs.close()
    (file,) = folder.iterdir()
    return file


def archive_s(folder: Path, file: Path) -> float:
    """The CPU seconds of the command and all of its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "crawler.cli", "archive", str(file), "--data", str(folder / "data"), "--quiet"]
    subprocess.run(command, check=True)
    with suppress(ChildProcessError):  # its workers, which are ours now, end after it
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def told(data: Path, pages: Sequence[Page]) -> list[Page]:
    """The pages with what the first file has taught of their sites, as the command reads them."""
    with closing(State(data)) as state:
        memories = Memories(state)
        return [memories.told(page) or page for page in pages]


def extract_all(pages: Sequence[Page]) -> float:
    """The CPU seconds of their extraction in this process."""
    start = time.process_time()
    for page in pages:
        extract_page(page)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
