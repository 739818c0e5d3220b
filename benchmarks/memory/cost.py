"""What a memory costs: CPU a page, beside extraction in the same run, and its size after very many pages."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.memory.judging import judged_alone, traces_of
from benchmarks.memory.small import page_of
from benchmarks.table import Table
from crawler.extraction.extract import extract
from crawler.items import Page
from crawler.memory.site_memory import SiteMemory
from crawler.site import Sighting, Trace
from tests.small_sites import small_sites

PAGES = 100_000
SIGHTINGS = 90  # texts of a page; the median of the bench's news pages
REPEATED = 8  # of them from the site's own, which change by and by
MOST_BYTES = 200_000
MOST_MS = 2.0
SEED = 20_251_126


def cost_table(pages: int = PAGES) -> Table:
    traces = _traces(pages)
    memory = SiteMemory("large.example")
    learning = [_cpu_ms(lambda: memory.learn([next(traces)])) for _ in range(pages)]
    size = len(memory.as_bytes())
    writing = _cpu_ms(memory.as_bytes)
    alone, known = _reading()
    return Table(
        title=f"The cost of a memory, of a site of {pages:,} pages",
        columns=("what", "measured", "limit"),
        rows=[
            ("learning from a page, CPU ms: median", f"{statistics.median(learning):.2f}", f"{MOST_MS:g}"),
            ("… 99th percentile", f"{statistics.quantiles(learning, n=100)[98]:.2f}", ""),
            ("reading a page with what is known, CPU ms more", f"{known - alone:+.2f}", ""),
            ("writing it down, CPU ms, once in ten pages", f"{writing:.1f}", ""),
            ("size, bytes", f"{size:,}", f"{MOST_BYTES:,}"),
        ],
    )


def _reading() -> tuple[float, float]:
    """CPU milliseconds of a small site's pages, alone and with its memory: medians of interleaved rounds."""
    site = small_sites()[0]
    pages = [page_of(page) for page in site.pages()]
    memory = SiteMemory(site.host)
    memory.learn(traces_of(alone.result for alone in judged_alone(pages)))
    told = [replace(page, site=memory.told(page.site)) for page in pages]
    rounds = [(_read_ms(pages), _read_ms(told)) for _ in range(5)]
    return statistics.median(alone for alone, _ in rounds), statistics.median(known for _, known in rounds)


def _read_ms(pages: list[Page]) -> float:
    return _cpu_ms(lambda: [extract(page) for page in pages]) / len(pages)


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _traces(pages: int) -> Iterator[Trace]:
    """Pages of a large site: most texts their own, some that come back for a season, a few for ever."""
    chance = random.Random(SEED)  # noqa: S311  pages, not secrets
    for number in range(pages):
        own = [_sighting(chance.getrandbits(63), chance) for _ in range(SIGHTINGS - REPEATED)]
        season = number // 500
        back = [_sighting(1 + i + (season * 10 if i > 3 else 0), random.Random(i)) for i in range(REPEATED)]  # noqa: S311
        yield Trace(
            page=f"https://large.example/{number}",
            day="2025-01-01",
            title=tuple(chance.getrandbits(32) for _ in range(6)),
            author=chance.randrange(1, 60),
            section=chance.randrange(1, 12),
            sightings=(*own, *back),
            places=(),
            is_sure=True,
        )


def _sighting(text: int, chance: random.Random) -> Sighting:
    return Sighting(
        text=text,
        exact=text & 0xFFFFFFFF,
        place=chance.randrange(30),
        terms=tuple(chance.randrange(40_000) for _ in range(9)),
        is_label=False,
        names_author=False,
        example="x" * 100,
    )
