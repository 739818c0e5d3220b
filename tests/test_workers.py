"""Extraction in processes: a page that hangs, eats memory or kills its worker costs itself alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from multiprocessing import forkserver
from multiprocessing.util import get_temp_dir
from pathlib import Path

import pytest

from crawler.extraction.rule import RuleError
from crawler.items import Extract, Page, Reason, Refused
from crawler.workers import LARGE, Limits, Memory, Workers

SHORT = Limits(deadline_s=0.5, grace_s=0.5, memory_bytes=300_000_000)


def work(page: Page) -> Extract | Refused:
    """Does what the page says."""
    match page.body:
        case b"sleep":
            swallowing_sleep()
        case b"deaf":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            time.sleep(60)
        case b"spin":
            sum(range(10**13))
        case b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"eat":
            return Refused(reason=Reason.EMPTY, detail=str(len(bytes(2_000_000_000))))
        case b"broken rules":
            raise RuleError("en.toml: [appeal] any: not a list")
        case b"who":
            return Refused(reason=Reason.EMPTY, detail=str(os.getpid()))
        case body if len(body) * 10 > LARGE:
            return Refused(reason=Reason.EMPTY, detail=f"large {os.getpid()}")
        case b"raise":
            raise ValueError("such a page")
    return Refused(reason=Reason.EMPTY, detail=page.body.decode())


def swallowing_sleep() -> None:
    """A library that catches every Exception must not catch the deadline."""
    try:
        time.sleep(60)
    except Exception:  # noqa: BLE001  as libraries do
        time.sleep(60)


def extract_all(*bodies: bytes) -> list[str]:
    """What the pages give, all asked for at once."""

    async def all_of_them() -> list[str]:
        workers = Workers(work, SHORT, size=2)
        pages = [Page(url="", body=body, fetched_at=dt.date(2025, 1, 1)) for body in bodies]
        try:
            results = await asyncio.gather(*map(workers.extract, pages))
        finally:
            workers.close()
        return [f"{result.reason}: {result.detail}" for result in results if isinstance(result, Refused)]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"sleep", "extraction failed: took more than 0.5 s"),
        (b"deaf", "extraction failed: the extraction process ended twice on this page"),
        (b"die", "extraction failed: the extraction process ended twice on this page"),
        (b"eat", "extraction failed: took too much memory"),
        (b"raise", "extraction failed: ValueError: such a page"),
    ],
)
def test_a_bad_page_costs_itself_alone(body: bytes, said: str) -> None:
    assert extract_all(b"one", b"two", body, b"three", b"four") == [
        "empty page: one",
        "empty page: two",
        said,
        "empty page: three",
        "empty page: four",
    ]


def test_broken_rules_are_no_page_s_fault() -> None:
    with pytest.raises(RuleError, match="not a list"):
        extract_all(b"broken rules")


def test_workers_end_with_their_parent() -> None:
    context = multiprocessing.get_context("spawn")
    ours = get_temp_dir()  # which our child takes for its own
    here, there = context.Pipe()
    parent = context.Process(target=start_and_wait, args=(there,))
    parent.start()
    assert here.poll(30)
    started = here.recv()
    parent.kill()
    parent.join()
    deadline = time.monotonic() + 10
    while any(map(is_alive, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in started if is_alive(pid)] == []
    assert Path(ours).is_dir()


def start_and_wait(pipe) -> None:  # type: ignore[no-untyped-def]
    """A parent that tells the process ids of its worker and of the fork server, and is then killed."""

    async def run() -> None:
        workers = Workers(tell_pid, SHORT, size=1)
        told = await workers.extract(Page(url="", body=b"", fetched_at=dt.date(2025, 1, 1)))
        assert isinstance(told, Refused)
        pipe.send((int(told.detail), forkserver._forkserver._forkserver_pid))  # type: ignore[attr-defined]
        time.sleep(60)

    asyncio.run(run())


def tell_pid(_page: Page) -> Extract | Refused:
    return Refused(reason=Reason.EMPTY, detail=str(os.getpid()))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_large_page_is_read_in_a_process_of_its_own() -> None:
    async def two_pages() -> list[str]:
        workers = Workers(tell_pid, SHORT, size=1)
        pages = [Page(url="", body=b" " * n, fetched_at=dt.date(2025, 1, 1)) for n in (1, 1, LARGE // 10 + 1)]
        try:
            return [found.detail for page in pages if isinstance(found := await workers.extract(page), Refused)]
        finally:
            workers.close()

    first, again, large = asyncio.run(two_pages())
    assert first == again != large


def test_all_workers_and_the_fork_server_may_be_killed_from_outside() -> None:
    async def pages_around_a_kill() -> list[str]:
        workers, page = Workers(tell_pid, SHORT, size=2), Page(url="", body=b"", fetched_at=dt.date(2025, 1, 1))
        try:
            before = await workers.extract(page)
            assert isinstance(before, Refused)
            os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
            os.kill(int(before.detail), signal.SIGKILL)
            found = await asyncio.gather(*(workers.extract(page) for _ in range(4)))
            return [str(one.reason) for one in (before, *found) if isinstance(one, Refused)]
        finally:
            workers.close()

    assert asyncio.run(pages_around_a_kill()) == ["empty page"] * 5


def test_a_page_that_spins_where_no_signal_is_heard_is_ended_by_its_cpu_time() -> None:
    assert extract_all(b"one", b"spin", b"two") == [
        "empty page: one",
        "extraction failed: the extraction process ended twice on this page",
        "empty page: two",
    ]


def test_pages_are_read_together_as_far_as_their_memory_goes_in_the_order_of_asking() -> None:
    begun: list[int] = []

    async def read(memory: Memory, count: int) -> int:
        async with memory.turn(count):
            begun.append(count)
            under_way.append(sum(under_way[-1:]) + count)
            await asyncio.sleep(0.01)
            under_way.append(under_way[-1] - count)
        return count

    async def all_of(counts: list[int]) -> list[int]:
        memory = Memory(10)
        return list(await asyncio.gather(*(read(memory, count) for count in counts)))

    under_way: list[int] = []
    counts = [4, 5, 30, 3, 3, 3, 1]
    assert asyncio.run(all_of(counts)) == counts
    assert begun == counts
    assert sorted(under_way)[-2:] == [10, 30]  # 30 alone, the others up to 10


def test_a_pool_whose_process_has_grown_is_let_go() -> None:
    async def two_pages(limits: Limits) -> list[str]:
        workers = Workers(tell_pid, limits, size=1)
        page = Page(url="", body=b"", fetched_at=dt.date(2025, 1, 1))
        try:
            return [found.detail for _ in range(2) if isinstance(found := await workers.extract(page), Refused)]
        finally:
            workers.close()

    first, second = asyncio.run(two_pages(replace(SHORT, grown_bytes=-1)))
    assert first != second
    first, second = asyncio.run(two_pages(SHORT))
    assert first == second


def test_pages_that_a_pool_was_given_before_it_was_let_go_are_read() -> None:
    async def many_pages() -> list[str]:
        workers = Workers(work, replace(SHORT, grown_bytes=-1), size=2)
        pages = [Page(url="", body=b"%d" % number, fetched_at=dt.date(2025, 1, 1)) for number in range(40)]
        try:
            found = await asyncio.gather(*map(workers.extract, pages))
            return [one.detail for one in found if isinstance(one, Refused)]
        finally:
            workers.close()

    assert asyncio.run(many_pages()) == [str(number) for number in range(40)]
