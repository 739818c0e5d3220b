"""The profile of a crawl: written with --profile alone, and its clock, which counts each moment once."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from crawler.profile import STAGES, STEPS_REST, Profile
from crawler.steps import Clock
from spiders.news import NewsSpider
from tests.conftest import Result, records_in
from tests.loopback import serving
from tests.paper import paper, stories

ARTICLES = 3


def burn(ms: float) -> None:
    """Use so much CPU."""
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass


def test_what_nests_counts_for_the_innermost_alone() -> None:
    clock, began = Clock(), time.thread_time()
    with clock.at("outer"):
        burn(4)
        with clock.at("inner"):
            burn(8)
    assert clock.spent_ms["inner"] >= 8
    assert clock.spent_ms["outer"] >= 4
    assert sum(clock.spent_ms.values()) <= 1000 * (time.thread_time() - began)  # nothing counts twice


def test_functions_of_all_kinds_do_what_they_did() -> None:
    def generator() -> Iterator[int]:
        yield from (1, 2)

    async def coroutine(*, ends: bool) -> int:
        await asyncio.sleep(0)
        if not ends:
            raise ValueError("as it was")
        return 3

    async def asynchronous() -> AsyncIterator[int]:
        await asyncio.sleep(0)
        yield 4

    clock = Clock()

    async def all_of_them() -> list[int]:
        timed = clock.timed(coroutine, "coroutine")
        with pytest.raises(ValueError, match="as it was"):
            await timed(ends=False)
        later = [n async for n in clock.timed(asynchronous, "asynchronous")()]
        return [*clock.timed(generator, "generator")(), await timed(ends=True), *later]

    assert asyncio.run(all_of_them()) == [1, 2, 3, 4]
    assert set(clock.spent_ms) == {"generator", "coroutine", "asynchronous"}


def test_a_coroutine_that_is_cancelled_hears_of_it() -> None:
    heard = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    async def cancel() -> None:
        task = asyncio.ensure_future(Clock().timed(waits, "waits")())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert heard == ["cancelled"]


def test_time_between_the_steps_of_a_coroutine_is_not_counted() -> None:
    clock = Clock()

    async def waits() -> None:
        await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(clock.timed(waits, "waits")(), asyncio.to_thread(time.sleep, 0), elsewhere())

    async def elsewhere() -> None:
        with clock.at("elsewhere"):
            burn(20)
        await asyncio.sleep(0)

    asyncio.run(both())
    assert clock.spent_ms["elsewhere"] >= 20 > clock.spent_ms["waits"]


def test_every_place_of_a_stage_exists_and_is_as_before_when_the_profile_ends(tmp_path: Path) -> None:
    before = NewsSpider.parse_article
    profile = Profile()
    assert NewsSpider.parse_article is not before
    profile.write(tmp_path / "profile.json")
    assert NewsSpider.parse_article is before
    for place in (place for places in STAGES.values() for place in places):
        module, names = place.split(":")
        room, *methods = names.split()
        assert all(callable(getattr(getattr(importlib.import_module(module), room), name)) for name in methods)


def test_a_crawl_writes_its_profile_beside_the_report_only_when_it_is_asked_to(
    tmp_path: Path, dateline: Callable[..., Result]
) -> None:
    options = ("--allow", "127.0.0.0/8", "--delay", "0", "--recheck", "never")
    with serving(paper(stories(ARTICLES))) as site:
        done = dateline("crawl", f"{site.base}/", *options, "--profile")
        assert (done.code, done.err) == (0, "")
        assert dateline("crawl", f"{site.base}/", *options).code == 0
    reports = sorted(path.name.partition(".")[2] for path in (tmp_path / "data" / "reports").iterdir())
    assert reports == ["html", "json", "json", "profile.json"]
    (records,) = (tmp_path / "data" / "articles").iterdir()
    assert len(records_in(records)) == ARTICLES
    (path,) = (tmp_path / "data" / "reports").glob("*.profile.json")
    profile = json.loads(path.read_text("utf-8"))
    assert profile["pages_read"] == 2 * ARTICLES  # of a new site, each once for its memory and once with it
    assert set(STAGES) - {"unpacking"} <= set(profile["crawl_ms"])  # the site packs nothing
    assert {"parse_html", "read_declared", "find_dates", "judge", STEPS_REST} <= set(profile["workers_ms"])
    assert all(ms >= 0 for stage in ("crawl_ms", "workers_ms") for ms in profile[stage].values())
