"""A paper that changes between two crawls, and the alarms of the command: its clock is set by the tests."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.history import Account, Day
from crawler.spread import Spread
from crawler.state import State, kept_history
from tests.loaded import Loaded, Result
from tests.loopback import Reply, Served, serving
from tests.small_sites import SmallSite, small_sites

NOON = dt.datetime(2025, 4, 22, 12, tzinfo=dt.UTC)  # a Tuesday
DAY = dt.timedelta(days=1)
A_DAY = 16  # articles
TAUGHT_DAYS = 40
CLOCK = Path(__file__).parents[1] / "benchmarks" / "killing" / "clock"
ENGLISH = [site for site in small_sites() if site.language.startswith("en")]
ARTICLES = [article for site in ENGLISH for article in site.articles]
PAPER = replace(ENGLISH[0], layout="semantic", declares=True, dates="iso", zone="UTC")
CONSENT = """<!doctype html><html lang="en"><head><title>Before you continue</title></head><body><main>
<h1>Before you continue</h1><p>We and our partners use cookies to store and access information on your device.</p>
<p>By clicking "Accept all" you consent to the use of cookies and to the processing of your personal data.</p>
<button>Accept all</button> <button>Reject all</button> <button>Manage preferences</button></main></body></html>"""


@dataclass
class World:
    """A paper on loopback, and a folder with what crawls of it have left."""

    served: Served
    folder: Path
    paths: list[str] = field(default_factory=list)  # of its articles, the oldest first

    def publish(self, day: int, site: SmallSite = PAPER, *, page: str | None = None) -> None:
        """The articles of the 24 hours before noon of a day, beside those that stand."""
        for number in range(A_DAY):
            article = ARTICLES[(day * A_DAY + number) % len(ARTICLES)]
            at = NOON + DAY * day - dt.timedelta(hours=1.5 * number + 0.5)
            title = f"{article.title} (part {day})"  # no title stands twice
            article = replace(article, slug=f"{article.slug}-{day}", title=title, published=at)
            rendered = replace(site, articles=(article,)).pages()[0]
            path = f"/{day}/{article.slug}.html"
            body = page or rendered.html.decode().replace("{", "&#123;")
            self.served.replies[path] = Reply(body=body)
            self.paths.append(path)
        links = "".join(f"<item><link>{{base}}{path}</link></item>" for path in self.paths[::-1])
        feed = f'<rss version="2.0"><channel><title>Paper</title>{links}</channel></rss>'
        self.served.replies["/feed.xml"] = Reply(body=feed, kind="application/rss+xml")

    def crawl(self, days: float, *options: str, top: str = "") -> Result:
        """The command at so many days after the first noon."""
        (self.folder / "sites.toml").write_text(f'{top}\n[courier]\nurl = "{self.served.base}/feed.xml"\n')
        crawl = ("crawl", "--sources", "sites.toml", "--all", "--allow", "127.0.0.0/8", "--delay", "0", *options)
        env = set_back(time.time() - (NOON + DAY * days).timestamp())
        return clocked().run("crawler.cli", *crawl, cwd=self.folder, timeout_s=90, env=env)

    @property
    def report(self) -> dict[str, Any]:
        newest = max((self.folder / "data" / "reports").glob("*.json"))
        return dict(json.loads(newest.read_text("utf-8")))

    def alarms(self) -> dict[str, dict[str, Any]]:
        return {alarm["kind"]: alarm for alarm in self.report["alarms"]}


def set_back(back_s: float) -> dict[str, str]:
    """The environment of a process whose clock is set back."""
    path = os.pathsep.join(filter(None, (str(CLOCK), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "CLOCK_SET_BACK": f"{back_s}@0"}


@cache
def clocked() -> Loaded:
    """The program loaded where a clock can be set back."""
    return Loaded(set_back(0))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A paper that was crawled on forty days: the first one crawled here, the others copied from it in the state."""
    with serving({}) as served:
        world = World(served=served, folder=tmp_path_factory.mktemp("taught"))
        world.publish(0)
        first = world.crawl(0)
        assert (first.code, first.err) == (0, "")
        state = State(world.folder / "data")
        (day,) = state.history.days("courier")
        assert day.account.written == A_DAY
        state.history.keep([earlier(day, back) for back in range(1, TAUGHT_DAYS)])
        state.close()
        yield world


def earlier(day: Day, back: int) -> Day:
    account = Account.from_text(day.account.as_text())
    account.hours = Spread({hour - 24 * back: count for hour, count in day.account.hours.items()})
    return replace(
        day, day=day.day - DAY * back, asked_at=day.asked_at - DAY * back, account=account, newest=account.newest
    )


@pytest.fixture
def world(taught: World, tmp_path: Path) -> Iterator[World]:
    """The same paper and folder for each test."""
    replies = dict(taught.served.replies)
    shutil.copytree(taught.folder, tmp_path, dirs_exist_ok=True)
    yield World(served=taught.served, folder=tmp_path, paths=list(taught.paths))
    taught.served.replies = replies


def test_a_paper_that_is_as_ever_raises_nothing(world: World) -> None:
    world.publish(1)
    result = world.crawl(1, "--strict")
    assert (result.code, result.err, world.report["alarms"]) == (0, "", [])
    source = world.report["sources"][f"{world.served.base}/feed.xml"]
    assert (source["name"], source["memory"]) == ("courier", "known")
    assert source["outcomes"] == {"saved": A_DAY, "unchanged": A_DAY}  # those of the day before are looked at again
    assert source["published"] == {"2025-04-22": 8, "2025-04-23": 8}
    assert source["dates"] == {"json-ld": {"high": A_DAY}}
    assert source["freshness_s"]["count"] == source["body_chars"]["count"] == A_DAY
    assert source["statuses"]["200"] >= A_DAY + 1


def test_a_redesign_is_noticed_at_the_next_crawl(world: World) -> None:
    world.publish(1, replace(PAPER, layout="table", dates="dmy-dot", declares=False))
    assert world.crawl(1).code == 0
    assert {"memory mismatch", "date format"} <= set(world.alarms())
    assert world.report["sources"][f"{world.served.base}/feed.xml"]["memory"] == "mismatch"


def test_a_dead_feed_is_noticed_within_a_day_of_crawls(world: World) -> None:
    assert world.crawl(0.5).err == ""
    result = world.crawl(1)
    alarm = world.alarms()["silence"]
    assert (alarm["usual"], alarm["severity"], alarm["is_new"]) == ("16 articles a day", "high", True)
    assert alarm["now"] == "none for 25 hours"
    assert "alarm: courier: silence" in result.err


def test_a_consent_wall_is_noticed_at_the_next_crawl_and_is_the_one_alarm(world: World) -> None:
    world.publish(1, page=CONSENT)
    world.crawl(1)
    world.crawl(2)
    assert list(world.alarms()) == ["blocked"]
    alarm = world.alarms()["blocked"]
    assert alarm["since"].startswith("2025-04-23T12:0")
    assert alarm["command"].startswith("dateline why http://127.0.0.1:")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"dates": "dmy-slash", "declares": False}, "date format"),
        ({"dates": "none", "declares": False}, "undated"),
    ],
)
def test_dates_of_another_form_and_none_are_noticed(world: World, change: dict[str, Any], kind: str) -> None:
    world.publish(1, replace(PAPER, **change))
    world.crawl(1)
    assert kind in world.alarms()


def test_a_site_that_is_down_is_noticed_within_a_day_of_crawls(world: World) -> None:
    feed = world.served.replies["/feed.xml"]
    world.served.replies["/feed.xml"] = Reply(status=500)
    assert world.crawl(0.2).code == 1
    assert world.report["alarms"] == []
    world.crawl(1)
    assert list(world.alarms()) == ["failed"]
    world.served.replies["/feed.xml"] = feed
    world.publish(1)
    world.crawl(1.2)
    assert world.report["alarms"] == []


def test_an_alarm_is_told_once_stands_while_it_lasts_and_ends(world: World) -> None:
    world.publish(1, replace(PAPER, dates="none", declares=False))
    first = world.crawl(1, "--quiet", "--strict")
    assert (first.code, [line.partition(": usual")[0] for line in first.errors]) == (
        3,
        ["dateline: alarm: courier: undated"],
    )
    again = world.crawl(1.1, "--quiet", "--strict")
    assert (again.code, again.err) == (3, "")
    assert world.alarms()["undated"]["is_new"] is False
    assert world.crawl(1.15).out.splitlines()[0].endswith("; 1 older alarm stands")
    world.publish(2)
    last = world.crawl(2, "--quiet", "--strict")
    assert (last.code, last.err, world.report["alarms"]) == (0, "", [])
    assert [day.alarms for day in kept_history(world.folder / "data")["courier"][-1:]] == [()]


def hook(folder: Path, words: Sequence[str]) -> str:
    """A top line of the sources file that runs Python with these words."""
    script = folder / "told.py"
    script.write_text("\n".join(words))
    return f'on_alarm = "{sys.executable} {script}"'


def test_the_hook_is_given_each_alarm_once_as_json(world: World) -> None:
    world.publish(1, page=CONSENT)
    top = hook(world.folder, ["import sys", "open('told.jsonl', 'a').write(sys.stdin.read())"])
    world.crawl(1, top=top)
    world.crawl(1.1, top=top)
    (line,) = (world.folder / "told.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert [(alarm["source"], alarm["kind"]) for alarm in told["alarms"]] == [("courier", "blocked")]
    assert (told["data"], told["run"][:8]) == (str((world.folder / "data").resolve()), "20250423")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["raise SystemExit('no mail today')"], "ended with 1: no mail today"),
        (["import os, signal", "os.kill(os.getpid(), signal.SIGKILL)"], "ended with -9"),
    ],
)
def test_a_hook_that_fails_is_told_and_fails_nothing(world: World, words: list[str], says: str) -> None:
    world.publish(1, page=CONSENT)
    result = world.crawl(1, "--quiet", top=hook(world.folder, words))
    assert (result.code, len(result.errors)) == (0, 2)
    assert says in result.errors[1]


def test_the_option_goes_before_the_file_and_a_command_that_is_not_there_is_told(world: World) -> None:
    world.publish(1, page=CONSENT)
    top = hook(world.folder, ["open('told', 'w')"])
    result = world.crawl(1, "--on-alarm", "/nowhere/mail --now", top=top)
    assert "on_alarm: /nowhere/mail --now: cannot be run" in result.err
    assert not (world.folder / "told").exists()


def test_metrics_are_written_with_escaped_labels(world: World) -> None:
    world.publish(1, page=CONSENT)
    world.crawl(1, top='metrics = "dateline.prom"')
    text = (world.folder / "dateline.prom").read_text("utf-8")
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert samples['dateline_run_addresses{outcome="blocked"}'] == str(A_DAY)
    assert samples['dateline_alarm{source="courier",kind="blocked",severity="high"}'] == "1"
    assert samples['dateline_source_articles{source="courier"}'] == "0"
    assert float(samples['dateline_source_newest_seconds{source="courier"}']) == (NOON - DAY / 24).timestamp()
    assert [path.name for path in world.folder.glob("dateline*")] == ["dateline.prom"]
    result = world.crawl(1.1, "--metrics", "nowhere/dateline.prom")
    assert (result.code, "nowhere/dateline.prom: the metrics cannot be written" in result.err) == (0, True)
