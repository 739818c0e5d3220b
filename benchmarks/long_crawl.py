"""A long crawl watched: what a page costs after a thousand and after ten thousand, and what memory the crawl takes."""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Sample, samples
from benchmarks.replayed import PAGES, crawl_command, replayed
from benchmarks.table import Table
from crawler.terminal import say

HOSTS = 71  # above articles / 146, so that no page's text returns on a host
EARLY = 1_000  # pages, from which on the first window reaches; the first seven pages of each site are done by then
WINDOW = 7 * PAGES
MEMORY_AT = 2_000
TOLD_EVERY = 500
MOST_MB, MOST_GROWTH, MOST_COST = 600, 1.05, 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """CPU milliseconds a page in a window of the same pages, early and at the end; peaks of memory in MB."""

    lines: int
    early_ms: float
    late_ms: float
    early_mb: float
    peak_mb: float

    @property
    def is_held(self) -> bool:
        """Whether the limits are."""
        is_flat = self.peak_mb <= MOST_MB and self.peak_mb <= MOST_GROWTH * self.early_mb
        return is_flat and self.late_ms <= MOST_COST * self.early_ms


def watched_crawl(articles: int, folder: Path | None = None, *, nice: int = 0) -> Watched:
    """Crawl so many replayed articles and watch the whole tree of processes; it tells how it goes."""
    seen: list[Sample] = []
    with tempfile.TemporaryDirectory(dir=folder) as place, replayed(articles, HOSTS) as sitemaps:
        output = Path(place) / "out.jsonl"
        told = 0
        for sample in samples(crawl_command(sitemaps, Path(place) / "data", output), output, nice=nice):
            seen.append(sample)
            if sample.lines >= told:
                told += TOLD_EVERY
                peak = max(sample.resident_bytes for sample in seen) / 1e6
                say(f"{sample.lines} lines, {sample.cpu_s:.1f} CPU s, peak {peak:.0f} MB")
    return watched(seen, articles)


def watched(seen: Sequence[Sample], articles: int) -> Watched:
    """What the samples of a crawl say; a window is of so many articles, written or not."""
    lines = seen[-1].lines
    window = WINDOW * lines / articles
    early = [sample.resident_bytes for sample in seen if sample.lines <= MEMORY_AT]
    return Watched(
        lines=lines,
        early_ms=1000 * (_cpu_at(seen, EARLY + window) - _cpu_at(seen, EARLY)) / window,
        late_ms=1000 * (_cpu_at(seen, lines) - _cpu_at(seen, lines - window)) / window,
        early_mb=max(early) / 1e6,
        peak_mb=max(sample.resident_bytes for sample in seen) / 1e6,
    )


def _cpu_at(seen: Sequence[Sample], lines: float) -> float:
    """CPU seconds when so many lines were written: on the line between two samples."""
    at = bisect_left(seen, lines, key=lambda sample: sample.lines)
    before, after = seen[max(at - 1, 0)], seen[min(at, len(seen) - 1)]
    if after.lines == before.lines:
        return after.cpu_s
    share = (lines - before.lines) / (after.lines - before.lines)
    return before.cpu_s + share * (after.cpu_s - before.cpu_s)


def crawl_table(found: Watched, articles: int) -> Table:
    """The windows and the peaks, with their limits."""
    return Table(
        title=f"A crawl of {articles:,} articles on {HOSTS} hosts: {found.lines:,} lines",
        columns=("", "early", "at the end", "times", "limit"),
        rows=[
            (
                f"CPU ms a page, in {WINDOW:,} pages",
                f"{found.early_ms:.1f}",
                f"{found.late_ms:.1f}",
                f"{found.late_ms / found.early_ms:.3f}",
                f"{MOST_COST:g}",
            ),
            (
                "peak of memory, MB",
                f"{found.early_mb:.0f}",
                f"{found.peak_mb:.0f}",
                f"{found.peak_mb / found.early_mb:.3f}",
                f"{MOST_GROWTH:g}; {MOST_MB} MB",
            ),
        ],
        notes=(
            f"Early: CPU from line {EARLY:,} on, memory up to line {MEMORY_AT:,}.",
            "All processes of the crawl together; what they share counts for each.",
        ),
    )
