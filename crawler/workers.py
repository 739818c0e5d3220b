"""Extraction in worker processes, each page under a deadline and a memory limit: a bad page costs itself alone."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from crawler.deadline import DeadlineError, deadline
from crawler.extraction.rule import RuleError
from crawler.items import Extract, Page, Reason, Refused

if TYPE_CHECKING:
    from crawler.extraction.model.weights import Weights

Result = TypeVar("Result")

MAX_WORKERS = 3  # each holds some 95 MB of its own after a few pages, beside 200 MB of the crawl: 500 MB in all
LARGE_BYTES = (
    1_000_000  # of a page: such are read one at a time, each in a process of its own, which keeps what it took
)
_WARM = "crawler.warm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one page may cost."""

    deadline_s: float = 10.0
    grace_s: float = (
        5.0  # after the deadline, for code that does not come back to the interpreter; then the worker ends
    )
    memory_bytes: int = 180_000_000  # of address space, above what a warm worker has


def extract_page(page: Page, model: Path | None = None) -> Extract | Refused:
    """What the page says, by the pure extraction; imported at first use, for a caller's quick start.

    ``model`` is a file of weights for the block model, in place of those that ship.
    """
    from crawler.extraction.extract import extract

    return extract(page, _weights(model) if model else None)


@cache
def _weights(model: Path) -> Weights:
    from crawler.extraction.model.judge import read

    return read(model.read_bytes())


def worker_count() -> int:
    """One worker for each core that this process may use, three at most."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(MAX_WORKERS, cores)


class Workers(Generic[Result]):
    """A pool of extraction processes, started at the first page; a crash costs the page that caused it."""

    def __init__(
        self, work: Callable[[Page], Result | Refused], limits: Limits | None = None, size: int | None = None
    ) -> None:
        self.size = size or worker_count()
        self._work = work
        self._limits = limits or Limits()
        self._pool: ProcessPoolExecutor | None = None
        self._cell: ProcessPoolExecutor | None = None  # one worker, for pages that were in flight when another crashed
        self._cell_is_free = asyncio.Lock()

    async def extract(self, page: Page) -> Result | Refused:
        """What the page says; a page that crashes its worker, or takes too long or too much, is refused as failed.

        Raises RuleError when the program's own rules are broken, which is no page's fault.
        """
        if len(page.body) > LARGE_BYTES:
            return await self._extract_alone(page)
        pool = self._pool = self._pool or self._start(self.size)
        try:
            return await self._run(pool, page)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            return await self._extract_alone(page)

    async def _extract_alone(self, page: Page) -> Result | Refused:
        """The last try, where a crash is only this page's own; a process that a large page has grown is let go."""
        async with self._cell_is_free:
            self._cell = cell = self._cell or self._start(1)
            try:
                return await self._run(cell, page)
            except BrokenProcessPool:
                self._cell = None
                return Refused(reason=Reason.FAILED, detail=f"the extraction process ended {self._tries(page)}")
            finally:
                if len(page.body) > LARGE_BYTES:
                    cell.shutdown(wait=False)
                    self._cell = None

    def _tries(self, page: Page) -> str:
        return "on this large page" if len(page.body) > LARGE_BYTES else "twice on this page"

    async def _run(self, pool: ProcessPoolExecutor, page: Page) -> Result | Refused:
        return await asyncio.get_running_loop().run_in_executor(pool, _guarded, self._work, self._limits, page)

    def close(self) -> None:
        """Let the processes go; they end with the page they are at."""
        for pool in (self._pool, self._cell):
            if pool:
                pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._cell = None

    def _start(self, size: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([_WARM])  # read once and shared by the workers
        return ProcessPoolExecutor(size, mp_context=context, initializer=_prepare, initargs=(self._limits,))


def _prepare(limits: Limits) -> None:
    """Make this process a worker: deaf to the terminal, gone with its parent, bounded in memory."""
    for name in ("trafilatura", "htmldate"):  # they log single pages; a page's end is told by our own outcome
        logging.getLogger(name).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere (macOS) the kernel does not hold this limit anyway
        used = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + limits.memory_bytes,) * 2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _guarded(work: Callable[[Page], Result | Refused], limits: Limits, page: Page) -> Result | Refused:
    """Run the extraction of one page; whatever it raises is an answer about the page."""
    try:
        with _ended_after(limits), deadline(limits.deadline_s):
            return work(page)
    except DeadlineError:
        return Refused(reason=Reason.FAILED, detail=f"took more than {limits.deadline_s:g} s")
    except MemoryError:
        return Refused(reason=Reason.FAILED, detail="took too much memory")
    except RecursionError:
        return Refused(reason=Reason.FAILED, detail="nested too deeply")
    except RuleError:
        raise
    except Exception as error:  # noqa: BLE001  the one place where an error of the pure code is its page's fate
        return Refused(reason=Reason.FAILED, detail=f"{type(error).__name__}: {error}"[:300])


@contextlib.contextmanager
def _ended_after(limits: Limits) -> Iterator[None]:
    """End the process if the block does not hear its deadline."""
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(limits.deadline_s + limits.grace_s, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
