"""What the parts of a cluster cost by themselves: the list of sites, Dask's tasks, leases, the opening of a state."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from distributed import Client

from benchmarks.clustering.workers import clustered
from crawler.cluster.units import due_of, units_of
from crawler.sources import parse_sources
from crawler.state import Lease, State, Url
from crawler.state.leases import Leases

Result = TypeVar("Result")
SITES, TASKS, LEASES, OPENINGS = 100_000, 1_000, 300, 20


def costs(state: str) -> Iterator[tuple[str, str]]:
    """What is measured, and what it takes: CPU of this process, or, where others work, the median of the time."""
    text = "".join(f'[site-{n}]\nurl = "https://news-{n}.example/"\n' for n in range(SITES))
    sources, cpu_s = _cpu_of(lambda: parse_sources(text, Path("sites.toml")).sources)
    yield f"a sources file of {SITES:,} sites read: CPU", f"{cpu_s:.1f} s"
    due, cpu_s = _cpu_of(lambda: due_of(sources, {}, dt.datetime.now(dt.UTC)))
    yield "which of them are due: CPU", f"{cpu_s:.1f} s"
    yield "put into units: CPU", f"{_cpu_of(lambda: units_of(due.sources))[1]:.1f} s"
    yield "a task of Dask that does nothing, by two workers", f"{1000 * _task_s():.2f} ms"
    yield from _leases(Url.parse(state))


def _leases(url: Url) -> Iterator[tuple[str, str]]:
    with closing(Leases(url)) as leases, tempfile.TemporaryDirectory() as folder:
        place = leases.take("measured place", "measuring", 600.0)
        taken: list[Lease] = []

        def take() -> None:
            if lease := leases.take(f"measured {len(taken)}", "measuring", 60.0):
                taken.append(lease)

        again = iter(range(LEASES)), iter(range(LEASES))
        yield "a lease taken", _median_ms(take, LEASES)
        yield "renewed", _median_ms(lambda: leases.renew(taken[next(again[0])], 60.0), LEASES)
        yield "given back", _median_ms(lambda: leases.give_back(taken[next(again[1])]), LEASES)
        opened = _median_ms(lambda: State(Path(folder), url=url, lease=place).close(), OPENINGS)
        yield "a state opened and closed under a lease", opened


def _task_s() -> float:
    with clustered(2) as cluster, Client(cluster.address) as client:
        client.wait_for_workers(2)
        client.gather(client.map(abs, range(10), pure=False))
        began = time.perf_counter()
        client.gather(client.map(abs, range(TASKS), pure=False))
        return (time.perf_counter() - began) / TASKS


def _cpu_of(work: Callable[[], Result]) -> tuple[Result, float]:
    began = time.process_time()
    return work(), time.process_time() - began


def _median_ms(work: Callable[[], object], times: int) -> str:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return f"{1000 * statistics.median(taken):.2f} ms"
