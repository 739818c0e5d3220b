"""Extraction in worker processes, each page under a deadline and a memory limit: a bad page costs itself alone."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import math
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from crawler.again import ReadBefore, says_the_same
from crawler.deadline import DeadlineError, deadline
from crawler.extraction.rule import RuleError
from crawler.heap import give_back
from crawler.items import Extract, Page, Reason, Refused
from crawler.policy import Policy, reserved

if TYPE_CHECKING:
    from crawler.extraction.model.weights import Weights

Result = TypeVar("Result")

MAX_WORKERS = 3  # each holds some 95 MB of its own after a few pages, beside 200 MB of the crawl: 500 MB in all
BYTES_OF_BYTE, BYTES_OF_TAG = 10, 1_000  # what the reading of a page takes of memory, at most and roughly
LARGE = 40_000_000  # a page that takes more is read alone, in a process that ends with it
MOST = 60_000_000  # that the pages take which are read at a time
TRIMMED = 20_000_000  # bytes by which a worker may have grown before it gives back what is free, and again after that
STARTS = 5  # of a pool, before it is given up
SETTLING_S = 0.1  # between them: a fork server that was killed is not gone at once
TRIES = 2  # of a page whose process has ended: another may have been why, or the system
_WARM, _SWEPT = "crawler.warm", "crawler.swept"  # what the fork server imports
_trimmed_to = [0]  # bytes by which this worker had grown when it had last given back what was free


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one page may cost.

    The deadline is of CPU time, so that a busy machine loses no page; for a page that waits it is ``patience`` times as
    long. Code that does not come back to the interpreter has ``grace_s`` more; then the worker ends.
    """

    deadline_s: float = 10.0
    grace_s: float = 5.0
    patience: float = 3.0
    memory_bytes: int = 150_000_000  # of data, above what a warm worker has
    grown_bytes: int = 70_000_000  # by which a worker may have grown and stay


def extract_page(page: Page, model: Path | None = None, policy: Policy | None = None) -> Extract | Refused:
    """What the page says, by the pure extraction; imported at first use, for a caller's quick start.

    ``model`` is a file of weights for the block model, in place of those that ship. A page that the ``policy`` does not
    keep for its rights is not read to its end, nor is one that says what it said before its site was known.
    """
    if isinstance(page, ReadBefore) and says_the_same(page):
        return page.first
    from crawler.extraction.extract import extract

    return extract(page, _weights(model) if model else None, partial(reserved, policy=policy) if policy else None)


@cache
def _weights(model: Path) -> Weights:
    from crawler.extraction.model.judge import read

    return read(model.read_bytes())


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def worker_count() -> int:
    """One worker for each core that this process may use, three at most."""
    return min(MAX_WORKERS, cores())


def memory_of(page: Page) -> int:
    """What the reading of a page takes of memory, in bytes: roughly, by its length and its tags.

    >>> from datetime import date
    >>> memory_of(Page(url="", body=b"<p>" * 100_000, fetched_at=date(2025, 4, 26)))
    103000000
    """
    return BYTES_OF_BYTE * len(page.body) + BYTES_OF_TAG * page.body.count(b"<")


class Memory:
    """Bounds what the pages take that are read at a time; they have their turns in the order of asking."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0
        self._line = asyncio.Lock()
        self._changed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def turn(self, count: int) -> AsyncIterator[None]:
        """Wait until so many more fit; what is larger than all that may be is read alone."""
        async with self._line:
            while self._under_way and self._under_way + count > self._most:
                self._changed.clear()
                await self._changed.wait()
            self._under_way += count
        try:
            yield
        finally:
            self._under_way -= count
            self._changed.set()


class Workers(Generic[Result]):
    """A pool of extraction processes, started at the first page; a crash costs the page that caused it."""

    def __init__(
        self, work: Callable[[Page], Result | Refused], limits: Limits | None = None, size: int | None = None
    ) -> None:
        self.size = size or worker_count()
        self._work = work
        self._limits = limits or Limits()
        self._pool: ProcessPoolExecutor | None = None
        self._cell: ProcessPoolExecutor | None = None  # one worker, for a page that may cost it
        self._memory = Memory(MOST)
        self._starting = asyncio.Lock()
        self.under_way = 0  # pages that are read, or wait for a process

    def prepare(self) -> None:
        """Let what workers share begin to load, as pages are on their way; it does not wait for that."""
        if self._pool is None:
            load_ahead()

    async def extract(self, page: Page) -> Result | Refused:
        """What the page says; a page that crashes its worker, or takes too long or too much, is refused as failed.

        Raises RuleError when the program's own rules are broken, which is no page's fault.
        """
        self.under_way += 1
        try:
            return await self._extract(page)
        finally:
            self.under_way -= 1

    async def _extract(self, page: Page) -> Result | Refused:
        if (cost := memory_of(page)) > LARGE:
            return await self._extract_alone(page, TRIES)
        pool: ProcessPoolExecutor | None = None
        try:
            async with self._memory.turn(cost):
                pool = await self._running_pool()
                return await self._run(pool, page)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            return await self._extract_alone(page, TRIES - 1)

    async def _running_pool(self) -> ProcessPoolExecutor:
        """The pool; a first one waits in a thread for what workers share to load, and the crawl goes on."""
        async with self._starting:
            if self._pool is None:
                self._pool = await asyncio.to_thread(self._start, self.size)
            return self._pool

    async def _extract_alone(self, page: Page, tries: int) -> Result | Refused:
        """In a process of the page's own, where a crash can only be this page's; the memory it took goes with it."""
        async with self._memory.turn(MOST):
            self._let_pool_go()  # it is idle now, and what its processes have grown to is needed
            for _ in range(tries):
                cell = self._cell = self._start(1)
                try:
                    return await self._run(cell, page)
                except BrokenProcessPool:
                    continue
                finally:
                    self._cell = None
                    cell.shutdown(wait=False, cancel_futures=True)
        return Refused(reason=Reason.FAILED, detail="the extraction process ended twice on this page")

    async def _run(self, pool: ProcessPoolExecutor, page: Page) -> Result | Refused:
        read = partial(_guarded, self._work, self._limits, page)
        result, held_bytes = await asyncio.get_running_loop().run_in_executor(pool, read)
        if pool is self._pool and held_bytes > self._limits.grown_bytes:
            self._let_pool_go()  # it ends when it has done what it was given; the next page starts another
        return result

    def close(self) -> None:
        """Let the processes go; they end with the page they are at."""
        self._let_pool_go(is_over=True)
        if self._cell:
            self._cell.shutdown(wait=False, cancel_futures=True)
            self._cell = None

    def _let_pool_go(self, *, is_over: bool = False) -> None:
        """What it was given it does to the end, unless all is over."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=is_over)
            self._pool = None

    def _start(self, size: int) -> ProcessPoolExecutor:
        """A pool whose processes run; a fork server that was killed meanwhile is started anew."""
        context = _context()
        for _ in range(STARTS):
            pool = ProcessPoolExecutor(size, mp_context=context, initializer=_prepare, initargs=(self._limits,))
            try:
                pool.submit(os.getpid)  # the first call starts all of them
            except (EOFError, OSError):
                time.sleep(SETTLING_S)
                continue
            return pool
        raise OSError("no extraction process can be started")


def load_ahead() -> None:
    """Let what workers share begin to load in the process that they are forked from."""
    _context()
    ensure_running()


def leave_nothing() -> None:
    """Remove the folder of the fork server's socket; for an end by ``os._exit``, where the server may be gone."""
    if _has_own_folder():
        shutil.rmtree(get_temp_dir(), ignore_errors=True)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_WARM, _SWEPT] if _has_own_folder() else [_WARM])
    return context


def _has_own_folder() -> bool:
    """Whether multiprocessing's temporary folder is this process's; its child processes have that of their parent."""
    return multiprocessing.parent_process() is None


def _prepare(limits: Limits) -> None:
    """Make this process a worker: deaf to the terminal, gone with its parent, bounded in memory."""
    for name in ("trafilatura", "htmldate"):  # they log single pages; a page's end is told by our own outcome
        logging.getLogger(name).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is told by us, and leaves no file
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _resident_bytes_at_first()
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere (macOS) the kernel does not hold this limit anyway
        used = int(statm.read_text().split()[5]) * resource.getpagesize()  # data and stack, see proc(5)
        resource.setrlimit(resource.RLIMIT_DATA, (used + limits.memory_bytes,) * 2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _guarded(work: Callable[[Page], Result | Refused], limits: Limits, page: Page) -> tuple[Result | Refused, int]:
    """What comes of one page, and the bytes by which this process has grown since it began."""
    result = _answer(work, limits, page)
    grown = _grown_bytes()
    if grown > min(_trimmed_to[0] + TRIMMED, limits.grown_bytes):
        _forget_word_lists()
        give_back()
        grown = _trimmed_to[0] = _grown_bytes()
    return result, grown


def _answer(work: Callable[[Page], Result | Refused], limits: Limits, page: Page) -> Result | Refused:
    """Run the extraction of one page; whatever it raises is an answer about the page."""
    try:
        longest_s = limits.deadline_s * limits.patience
        with (
            _ended_after(longest_s + limits.grace_s, limits.deadline_s + limits.grace_s),
            deadline(longest_s, cpu_s=limits.deadline_s),
        ):
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


def _forget_word_lists() -> None:
    """Those of jusText, of all languages: 28 MB, for one page of a hundred."""
    fallbacks = sys.modules.get("trafilatura.external")
    if fallbacks and getattr(fallbacks, "JT_STOPLIST", None):
        setattr(fallbacks, "JT_STOPLIST", None)  # noqa: B010  a module of which nothing is known here
        sys.modules["justext.core"].define_stoplist.cache_clear()


def _grown_bytes() -> int:
    return _resident_bytes() - _resident_bytes_at_first()


def _resident_bytes() -> int:
    """What this process holds in memory (proc(5)); 0 where that is not told."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() if statm.exists() else 0


@cache
def _resident_bytes_at_first() -> int:
    return _resident_bytes()


@contextlib.contextmanager
def _ended_after(seconds: float, cpu_s: float) -> Iterator[None]:
    """End the process if the block does not hear its deadline."""
    _bound_cpu(cpu_s)
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _bound_cpu(seconds: float) -> None:
    """Have the kernel end this process (SIGXCPU) when it has used so much more CPU time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
