"""What came of a run in a cluster: the lines that count, held against what was served, and the servers' own log."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clustering.sites import Asked
from crawler.collection.files import collection_files

SLACK_S = 0.002  # of clocks and their rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found; all but the counts should be empty."""

    articles: int  # that were served
    lines: int
    requests: int
    again: int  # requests for an address that had been answered before
    lost: tuple[str, ...]  # addresses of articles without a line
    twice: tuple[str, ...]  # addresses with two
    torn: int
    together: tuple[str, ...]  # hosts that were asked two things at once
    early: tuple[str, ...]  # hosts that were asked sooner than their delay after an answer, with how soon

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.torn or self.together or self.early)


def audit(lines: Iterable[bytes], log: Sequence[Asked], articles: set[str], delay_s: float) -> Audit:
    """Hold the lines and the log against the addresses that were served, and the delay that was asked for."""
    records, torn = [], 0
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            torn += 1
    written = Counter(record["url"] for record in records)
    asked = Counter((one.host, one.path) for one in log)
    together, early = _impolite(log, delay_s)
    return Audit(
        articles=len(articles),
        lines=len(records),
        requests=len(log),
        again=sum(number - 1 for number in asked.values()),
        lost=tuple(sorted(articles - written.keys())),
        twice=tuple(sorted(url for url, number in written.items() if number > 1)),
        torn=torn,
        together=together,
        early=early,
    )


def _impolite(log: Sequence[Asked], delay_s: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    by_host: defaultdict[str, list[Asked]] = defaultdict(list)
    for asked in log:
        by_host[asked.host].append(asked)
    together, early = [], []
    for host, of_host in by_host.items():
        for before, after in itertools.pairwise(of_host):
            gap_s = after.began - before.ended
            if gap_s < 0:
                together.append(f"{host}: {before.path} and {after.path}")
            elif gap_s < delay_s - SLACK_S:
                early.append(f"{host}: {after.path} {gap_s:.3f} s after {before.path}")
    return tuple(together), tuple(early)


def counting_lines(data: Path) -> list[bytes]:
    """The lines of a collection that count."""
    lines: list[bytes] = []
    for file in collection_files(data):
        with file.open() as stream:
            lines += stream
    return lines


def as_counts(found: Audit) -> dict[str, Any]:
    """The counts alone."""
    names = ("articles", "lines", "requests", "again", "torn")
    lists = ("lost", "twice", "together", "early")
    return {name: getattr(found, name) for name in names} | {name: len(getattr(found, name)) for name in lists}
