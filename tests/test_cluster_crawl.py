"""Crawls by a real Dask cluster over a real PostgreSQL: workers are killed and paused, have other programs or none."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from benchmarks.cluster import Setting, run
from benchmarks.clustering.sites import serving
from benchmarks.clustering.workers import Blow, clustered
from crawler.cluster import fleet as fleets
from crawler.cluster.fleet import Fleet
from crawler.cluster.heartbeat import OwnSites
from crawler.cluster.holding import Holding, is_place_in
from crawler.errors import ConfigError
from crawler.state import LeaseLostError, Url
from crawler.state.leases import Leases
from tests.conftest import Result, command_of
from tests.warcs import capture, records_of

BLOWS = (Blow.KILL_BOTH, Blow.PAUSE_BOTH)


def test_every_article_is_written_once_and_hosts_keep_their_pace_when_workers_are_killed_and_paused(
    tmp_path: Path, state_url: Url
) -> None:
    setting = Setting(
        name="short",
        workers=3,
        sites=6,
        articles=9,
        delay_s=0.2,
        at_a_time=2,
        lease_s=5,
        blows=BLOWS,
        every_s=1.5,
        pause_s=12,
    )
    came = run(setting, state_url.secret, tmp_path / "run")
    assert (came.code, came.audit.lost, came.audit.twice, came.audit.torn) == (0, (), (), 0), came.said
    assert (came.audit.together, came.audit.early) == ((), ())
    assert (came.audit.lines, came.fallen) == (54, BLOWS)


def test_a_crawl_on_this_machines_cores_is_told_as_one_and_the_next_finds_nothing_due(
    tmp_path: Path, state_url: Url, dateline: Callable[..., Result]
) -> None:
    with serving(3, 3, tmp_path) as feeds:
        (tmp_path / "sites.toml").write_text("".join(f'[s{n}]\nurl = "{feed}"\n' for n, feed in enumerate(feeds)))
        asked = ("crawl", "--sources", "sites.toml", "--cluster", "local", "--allow", "127.0.0.0/8", "--delay", 0)
        environment = {**os.environ, "DATELINE_STATE": state_url.secret}
        first, second = (dateline(*asked, env=environment) for _ in range(2))
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("9 found, 9 saved, 0 refused")
    assert "3 sources were not due" in second.out
    newest = max((tmp_path / "data" / "reports").glob("*.json"))
    assert len(json.loads(newest.read_text())["resting"]) == 3
    assert (tmp_path / "data" / "reports" / "index.html").exists()


def test_archives_are_read_one_by_a_process(tmp_path: Path, state_url: Url, dateline: Callable[..., Result]) -> None:
    for name in "ab":
        captured = [capture(n, title=f"Ferry {n} of {name}", host=f"{name}.example") for n in range(2)]
        (tmp_path / f"{name}.warc").write_bytes(b"".join(records_of(captured)))
    done = dateline("archive", ".", "--cluster", "local", env={**os.environ, "DATELINE_STATE": state_url.secret})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("4 found, 4 saved, 0 refused")


def test_a_stopped_run_saves_what_is_under_way_and_says_what_is_left(tmp_path: Path, state_url: Url) -> None:
    with serving(1, 50, tmp_path) as feeds:
        command = command_of("crawl", *feeds, "--cluster", "local", "--allow", "127.0.0.0/8", "--delay", 0.2)
        environment = {**os.environ, "DATELINE_STATE": state_url.secret}
        crawl = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not (tmp_path / "0.log").exists() or len((tmp_path / "0.log").read_text().splitlines()) < 15:
            assert crawl.poll() is None
            time.sleep(0.05)
        crawl.terminate()
        out, err = crawl.communicate(timeout=60)
    assert crawl.returncode == 143
    assert "stopping" in err
    assert "1 of 1 sites are left for the next run" in out
    assert " left for the next run" in out.partition(";")[0]


def test_a_cluster_needs_a_shared_state(dateline: Callable[..., Result]) -> None:
    done = dateline("crawl", "https://example.org/", "--cluster", "local")
    assert done.code == 2
    assert "--cluster: needs a state that all workers share: name it with --state postgresql://" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--parquet", "a.parquet"), "--parquet is for a run in one process"),
        (("--output", "memory://news"), "--output memory://news: keeps nothing that others could read"),
        (("--output", "http://127.0.0.1:9/news"), "keeps nothing that others could read"),
        (("--output", "foo://news"), "Protocol not known: foo"),
    ],
    ids=["parquet", "memory", "web", "unknown"],
)
def test_what_many_processes_cannot_have_is_told_before_any_begins(
    dateline: Callable[..., Result], state_url: Url, options: tuple[str, ...], said: str
) -> None:
    asked = ("http://127.0.0.1:9/feed", "--cluster", "local", "--state", state_url.secret, *options)
    result = dateline("crawl", *asked)
    assert result.code == 2
    assert said in result.err


def test_an_address_without_a_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "CONNECT_WITHIN_S", 0.3)
    with pytest.raises(ConfigError, match=r"--cluster tcp://127\.0\.0\.1:9: no Dask scheduler answers there"):
        Fleet("tcp://127.0.0.1:9", 60.0)


def test_workers_without_the_program_or_with_another_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    other = "from crawler.cluster import tasks; tasks.program = lambda: tasks.Program('0.0', 'other'); "
    without = "import sys; sys.modules['crawler'] = None; "
    with clustered(0) as cluster:
        for odd in (other, without):
            code = f"{odd}from distributed.cli.dask_worker import main; main()"
            command = [sys.executable, "-c", code, cluster.address, "--host", "127.0.0.1", "--nthreads", "1"]
            worker = subprocess.Popen([*command, "--no-nanny", "--no-dashboard"], stderr=subprocess.DEVNULL)
            cluster.workers.append(worker)
        with Fleet(cluster.address, 60.0) as fleet:
            while len(caplog.messages) < 2:
                fleet.look()
                time.sleep(0.1)
            assert fleet.slots == 0
    said = "\n".join(sorted(caplog.messages))
    assert "has dateline 0.0 (other), this is dateline" in said
    assert "has no dateline" in said


def test_two_processes_never_hold_one_site_and_who_takes_it_fences_the_silent_one(state_url: Url) -> None:
    first, second = Holding(state_url, 0.6, "news"), Holding(state_url, 30.0, "news")
    try:
        places = [holding.place.site for holding in (first, second)]
        assert [place.rpartition("-")[2] for place in places] == ["1", "2"]
        assert [is_place_in(place, name) for place in places for name in ("news", "other")] == [True, False] * 2
        assert first.take(["a.example", "b.example"])
        assert not second.take(["c.example", "b.example"])
        assert "c.example" not in second  # all or none
        first.renew()
        time.sleep(0.7)
        assert not first.is_valid
        assert second.take(["b.example"])
        with pytest.raises(LeaseLostError):
            first.renew()
    finally:
        first.give_back()
        second.give_back()
    leases = Leases(state_url)
    assert leases.held() == []
    leases.close()


def test_a_crawl_that_wakes_up_asks_nothing_until_it_knows_that_its_sites_are_still_its_own(state_url: Url) -> None:
    crawler = get_crawler(settings_dict={"DATELINE_DELAY": 0})
    holding = Holding(state_url, 0.3, "news")
    setattr(crawler, "holding", holding)  # noqa: B010  as the process does
    gate = OwnSites.from_crawler(crawler)

    async def ask() -> None:
        request = Request("https://a.example/")
        await gate.process_request(request)
        await asyncio.sleep(0.4)  # it was paused for longer than leases last
        asking = asyncio.ensure_future(gate.process_request(request))
        await asyncio.sleep(0.3)
        assert not asking.done()
        holding.renew()
        await asking

    asyncio.run(ask())
    assert "a.example" in holding
    holding.give_back()


def test_a_site_that_was_just_left_is_known_to_be_so(state_url: Url) -> None:
    with Holding(state_url, 30.0, "news") as first:
        assert first.take(["a.example"])
    with Holding(state_url, 30.0, "news") as second:
        assert second.take(["a.example"])
        assert 0 <= second.left_s("a.example") < 20
        assert second.left_s("new.example") == float("inf")
