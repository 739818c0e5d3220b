"""Where a crawl's milliseconds of CPU go (``--profile``): by stage in this process, by step in the workers.

This module is imported only where a profile is asked for; without one nothing is timed, nor replaced.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.items import Extract, Page, Refused
from crawler.steps import Clock, timed_extraction
from crawler.workers import Workers

Work = Callable[[Page], Extract | Refused]

# Stage → the classes whose public methods are counted for it, or their methods by name; as strings, as settings have
# them: most of these rooms are above this one. What nests counts for the innermost.
STAGES: Mapping[str, tuple[str, ...]] = {
    "finding": (
        "spiders.news:NewsSpider start parse_start parse_feed parse_sitemap parse_section finding_failed idle",
        "spiders.news:NewsSpider parse_article article_failed",
    ),
    "unpacking": ("crawler.middlewares:Unpacking _unpacked",),
    "workers asked": ("crawler.workers:Workers extract", "pipelines.extract:ExtractPage process_item"),
    "memory of sites": ("crawler.memories:Memories",),
    "record": ("pipelines.accept:AcceptArticle process_item", "pipelines.jsonl:WriteArticle process_item"),
    "state": (
        "crawler.state.store:State is_seen is_stale due article_at titled move article end save flush close",
        "crawler.state.sites:Sites",
        "crawler.state.sources:Sources",
        "crawler.state.site_files:SiteFiles",
    ),
    "file": ("crawler.state.lines:Lines deliver",),
}
START = "start"  # until the run begins: imports, settings
FETCHING = "fetching (Scrapy, Twisted)"  # all else that the reactor's thread does
THREADS = "other threads (pages to workers and back)"
STEPS_REST = "the rest of extraction"
WORKERS_REST = "besides extraction"  # unpacking pages, packing results, pages that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """What a worker made of a page, and the CPU that it took; ``process_ms`` is all that its process has used."""

    result: Extract | Refused
    spent_ms: Mapping[str, float]
    in_all_ms: float
    worker: int
    process_ms: float


class Profile:
    """The profile of one crawl, from its making to its end."""

    def __init__(self) -> None:
        self.pages = 0  # read by workers; those of a new site twice
        self.steps_ms: defaultdict[str, float] = defaultdict(float)
        self._clock = Clock()
        self._workers_ms: dict[int, float] = {}
        self._extraction_ms = 0.0
        self._start_ms = 1000 * time.process_time()
        self._start_thread_ms = 1000 * time.thread_time()
        self._undo = ExitStack()
        for stage, places in STAGES.items():
            for place in places:
                names, *only = place.split()
                module, name = names.split(":")
                room = getattr(importlib.import_module(module), name)
                watching = self._clock.watching(room, name=stage, only=frozenset(only) or None)
                self._undo.enter_context(watching)

    def workers(self, work: Work) -> Workers[Extract]:
        """Workers that tell what each page took."""
        return _ProfiledWorkers(work, self)

    def read(self, page: Profiled) -> None:
        """A worker has read a page."""
        self.pages += 1
        for step, ms in page.spent_ms.items():
            self.steps_ms[step] += ms
        self.steps_ms[STEPS_REST] += page.in_all_ms - sum(page.spent_ms.values())
        self._extraction_ms += page.in_all_ms
        self._workers_ms[page.worker] = page.process_ms

    def write(self, path: Path) -> None:
        """End it, and write it down."""
        self._undo.close()
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(self.as_json(), indent=1) + "\n", "utf-8")
        draft.replace(path)

    def as_json(self) -> dict[str, Any]:
        """Milliseconds of CPU in all, by stage and step, the dearest first."""
        steps = self.steps_ms | {WORKERS_REST: sum(self._workers_ms.values()) - self._extraction_ms}
        return {"pages_read": self.pages, "crawl_ms": _sorted(self._stages_ms()), "workers_ms": _sorted(steps)}

    def _stages_ms(self) -> dict[str, float]:
        process_ms, thread_ms = 1000 * time.process_time(), 1000 * time.thread_time()
        spent = dict(self._clock.spent_ms)
        fetching = thread_ms - self._start_thread_ms - sum(spent.values())
        threads = process_ms - self._start_ms - (thread_ms - self._start_thread_ms)
        return {START: self._start_ms, FETCHING: fetching, THREADS: threads, **spent}


class _ProfiledWorkers(Workers[Extract]):
    def __init__(self, work: Work, profile: Profile) -> None:
        super().__init__(_Timed(work))  # type: ignore[arg-type]  # undone in extract
        self._profile = profile

    async def extract(self, page: Page) -> Extract | Refused:
        answer: object = await super().extract(page)
        if isinstance(answer, Profiled):
            self._profile.read(answer)
            return answer.result
        assert isinstance(answer, Refused)  # noqa: S101  a page that cost its worker has no profile
        return answer


@dataclass(frozen=True, slots=True)
class _Timed:
    """The work on a page, timed, in a worker."""

    work: Work

    def __call__(self, page: Page) -> Profiled:
        clock, began = Clock(), time.thread_time()
        with timed_extraction(clock):
            result = self.work(page)
        return Profiled(
            result=result,
            spent_ms=clock.spent_ms,
            in_all_ms=1000 * (time.thread_time() - began),
            worker=os.getpid(),
            process_ms=1000 * time.process_time(),
        )


def _sorted(spent_ms: Mapping[str, float]) -> dict[str, float]:
    return {name: round(ms, 1) for name, ms in sorted(spent_ms.items(), key=lambda item: -item[1])}
