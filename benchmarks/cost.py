"""CPU a page: the whole extraction beside trafilatura with metadata, on the same bytes, page by page in one process.

    python -m benchmarks.cost [--sets fundus_eval] [--rounds 6] [--warm] [--teaching] [--profile]

Each round extracts every page once with each of the two, taking turns at who is first, and begins with empty caches,
so that no page is known from the round before; a page's cost is its least over the rounds. ``--profile`` tells what
share each step of ``crawler.extraction`` takes. ``--teaching`` reads pages as a crawl does, with their traces.
``--warm`` reads each page with what the other pages of its site have taught, as a crawl reads those of a site that it
knows; pages that have no other are left out. Exit code 2: there is no bench, and nothing was measured.
"""

from __future__ import annotations

import argparse
import functools
import gc
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trafilatura
from trafilatura.meta import reset_caches

from benchmarks.bench import BENCH, Bench, no_bench
from benchmarks.memory.judging import judged_alone, memory_of, others_of
from benchmarks.peers import peer_name
from benchmarks.table import Table, show
from crawler.extraction import extract as whole
from crawler.identity import site_of
from crawler.items import Page
from crawler.steps import Clock, timed_extraction
from crawler.terminal import stdout_console

ROUNDS = 6  # even, so that each is first as often as the other
LOADED_ONCE = frozenset(("crawler.extraction.rulebook", "crawler.extraction.model.weights"))  # in a process
CACHED = type(functools.lru_cache(lambda: None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU milliseconds a page, ours and trafilatura's, in the same order of pages."""

    ours: Sequence[float]
    peer: Sequence[float]

    @property
    def ratio(self) -> float:
        """Our median page over trafilatura's."""
        return statistics.median(self.ours) / statistics.median(self.peer)

    @property
    def page_ratio(self) -> float:
        """The median over the pages of how many times trafilatura's cost ours is."""
        return statistics.median(own / other for own, other in zip(self.ours, self.peer, strict=True))


def main() -> int:
    """Measure and print."""
    options = _options()
    bench = Bench(folder=options.bench)
    if not bench.is_there:
        return no_bench("cost", bench)
    pages = pages_of(bench, options.sets, teaches=options.teaching)
    if options.warm:
        pages = [replace(page, teaches=options.teaching) for page in warmed(pages)]
    tables = [cost_table(measure_cost(pages, options.rounds), options.rounds)]
    if options.profile:
        tables.append(profile_table(profile(pages, options.rounds)))
    show(tables, stdout_console())
    return 0


def pages_of(bench: Bench, sets: str, *, teaches: bool = False) -> list[Page]:
    """The bench's pages in memory; those that cannot be read are left out. In a crawl pages teach their site."""
    pages = bench.pages(bench.manifest(sets))
    return [replace(page, teaches=teaches) for page in pages if isinstance(page, Page)]


def warmed(pages: Sequence[Page]) -> list[Page]:
    """Each page with what is known of its site from its other pages; those that have none are left out."""
    sites: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        sites[site_of(page.url)].append(replace(page, teaches=True))
    known = []
    for alone in (judged_alone(site) for site in sites.values() if len(site) > 1):
        for number, one in enumerate(alone):
            memory = memory_of(others_of(alone, number, len(alone) - 1))
            known.append(replace(one.page, site=memory.told(one.page.site)))
    return known


def measure_cost(pages: Sequence[Page], rounds: int = ROUNDS) -> Cost:
    """The least CPU that each page took over the rounds."""
    ours: list[list[float]] = [[] for _ in pages]
    peer: list[list[float]] = [[] for _ in pages]
    for turn in range(rounds):
        with _fresh():
            for page, own, other in zip(pages, ours, peer, strict=True):
                both = ((own, _ours), (other, _peer))
                for times, run in both if turn % 2 == 0 else reversed(both):
                    times.append(_cpu_ms(run, page))
    return Cost(ours=list(map(min, ours)), peer=list(map(min, peer)))


def profile(pages: Sequence[Page], rounds: int = ROUNDS) -> dict[str, float]:
    """CPU milliseconds a page of each step of the extraction, the dearest first, and of the rest of it."""
    clock, spent_in_all = Clock(), 0.0
    with timed_extraction(clock):
        for _ in range(rounds):
            with _fresh():
                spent_in_all += sum(_cpu_ms(_ours, page) for page in pages)
    runs = rounds * len(pages)
    shares = sorted(clock.spent_ms.items(), key=lambda step: -step[1])
    return {name: ms / runs for name, ms in [*shares, ("the rest", spent_in_all - sum(clock.spent_ms.values()))]}


def cost_table(cost: Cost, rounds: int) -> Table:
    """Median, mean and 95th percentile of both, and how many times the one the other is."""
    rows = [(name, *map(_ms, _spread(values))) for name, values in (("Dateline", cost.ours), (peer_name(), cost.peer))]
    ratios = [own / other for own, other in zip(_spread(cost.ours), _spread(cost.peer), strict=True)]
    rows.append(("times", *(f"{ratio:.2f}" for ratio in ratios)))
    return Table(
        title=f"CPU ms a page: {len(cost.ours)} pages, the least of {rounds} rounds",
        columns=("", "median", "mean", "95 %"),
        rows=rows,
        notes=(f"ratio of the medians {cost.ratio:.2f}; median ratio of a page {cost.page_ratio:.2f}",),
    )


def profile_table(steps_ms: Mapping[str, float]) -> Table:
    """Each step's mean cost and share."""
    whole = sum(steps_ms.values())
    rows = [(name, _ms(ms), f"{ms / whole:.1%}") for name, ms in steps_ms.items()]
    return Table(title="Where our CPU goes", columns=("step", "ms a page", "share"), rows=rows)


def _ours(page: Page) -> object:
    return whole.extract(page)


def _peer(page: Page) -> object:
    return trafilatura.bare_extraction(page.body, url=page.url, include_comments=False, with_metadata=True)


def _cpu_ms(run: Callable[[Page], object], page: Page) -> float:
    began = time.process_time()
    run(page)
    return 1000 * (time.process_time() - began)


@contextmanager
def _fresh() -> Iterator[None]:
    """Caches without what was seen of a page; rules, which a process loads once, stay."""
    reset_caches()  # trafilatura's, with those of the packages it uses
    for cached in gc.get_objects():
        if (
            isinstance(cached, CACHED)
            and cached.__module__.startswith("crawler.")
            and cached.__module__ not in LOADED_ONCE
        ):
            cached.cache_clear()
    yield


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Median, mean, 95th percentile."""
    ordered = sorted(values)
    return (
        statistics.median(ordered),
        statistics.mean(ordered),
        ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
    )


def _ms(value: float) -> str:
    return f"{value:.1f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH, help="the bench's folder")
    parser.add_argument("--sets", default="fundus_eval", help="the sets to measure on, comma-separated")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="how often each page is extracted (default: %(default)s)"
    )
    parser.add_argument("--teaching", action="store_true", help="with what each page shows of its site, as in a crawl")
    parser.add_argument("--warm", action="store_true", help="with what the other pages of each site have taught")
    parser.add_argument("--profile", action="store_true", help="tell what share each step takes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
