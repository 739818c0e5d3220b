"""What a state with millions of addresses costs a crawl beside an empty one: the same pages, in interleaved rounds."""

from __future__ import annotations

import json
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import BENCH
from benchmarks.replayed import PAGES, crawl_command, replayed
from benchmarks.table import Table
from crawler.terminal import say

ARTICLES, HOSTS = 2 * PAGES, 7
MOST = 1.03

Rounds = Sequence[tuple[float, float]]  # CPU seconds of the whole tree, with an empty state and with the full one


def beside_empty(full: Path, folder: Path, rounds: int) -> Rounds:
    """CPU seconds of crawls with an empty state and with a copy of a full one, taking turns at who is first."""
    found = []
    with replayed(ARTICLES, HOSTS) as sitemaps:
        for number in range(rounds):
            used = {}
            for state in (None, full) if number % 2 == 0 else (full, None):
                used[state] = _cpu_s(sitemaps, state, folder)
            found.append((used[None], used[full]))
            say(f"round {number + 1}: empty {used[None]:.2f} CPU s, full {used[full]:.2f}")
    return found


def _cpu_s(sitemaps: Sequence[str], state: Path | None, folder: Path) -> float:
    """The CPU seconds of one crawl and of all that comes of it, as the bench measures those of other crawlers."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        data, output = Path(place) / "data", Path(place) / "out.jsonl"
        if state:
            shutil.copytree(state, data)
        command = shlex.join(crawl_command(sitemaps, data, output))
        measured = [sys.executable, str(BENCH / "crawl_peers.py"), "--one", command]
        done = subprocess.run(measured, stdout=subprocess.PIPE, text=True, check=True)
        code, _, cpu_s = json.loads(done.stdout)
        if code:
            raise OSError(f"the crawl ended with {code}")
        return float(cpu_s)


def state_table(found: Rounds, addresses: int) -> Table:
    """The cost of both and their ratio, round by round."""
    ratios = [full / empty for empty, full in found]
    return Table(
        title=f"A crawl of {ARTICLES} articles with {addresses:,} addresses in the state, beside an empty one",
        columns=("CPU s, empty", "full", "times: median", "least", "most", "limit"),
        rows=[
            (
                f"{statistics.median(empty for empty, _ in found):.2f}",
                f"{statistics.median(full for _, full in found):.2f}",
                f"{statistics.median(ratios):.3f}",
                f"{min(ratios):.3f}",
                f"{max(ratios):.3f}",
                f"{MOST:g}",
            )
        ],
        words=0,
        notes=(f"Medians of {len(found)} interleaved rounds; all processes of a crawl together.",),
    )


def is_held(found: Rounds) -> bool:
    """Whether the full state costs no more than it may."""
    return statistics.median(full / empty for empty, full in found) <= MOST
