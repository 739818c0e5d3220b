"""How large the report page is, and how long it takes to be written.

    python -m benchmarks.report                            500 sources over 90 days, five times
    python -m benchmarks.report --sources 24 --keep DIR    the data folder stays, with the page in DIR/reports
    python -m benchmarks.report --picture docs/images/report.png    the picture of docs/report-page.md (needs Chromium)

The history is seeded: sources of 1 to 60 articles a day with their weekdays, of which one in twenty has fallen silent,
is refused or has lost its dates. The goals are below 1 MB and below 2 s; the size is held in a test, too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.table import Table, show
from crawler.delivery import make_folder
from crawler.history import Account, Alarm, Day
from crawler.items import Outcome, Reason
from crawler.record import utc_stamp
from crawler.report_page.writing import write_page
from crawler.spread import step_of
from crawler.state import State
from crawler.terminal import stdout_console

SOURCES, DAYS, RUNS = 500, 90, 5
NOW = dt.datetime(2026, 11, 25, 18, 30, tzinfo=dt.UTC)
WEEKDAYS = (1.0, 1.1, 1.1, 1.05, 1.0, 0.55, 0.45)
RATES = (1, 3, 8, 15, 30, 60)  # articles a day
REMOVED = {
    "related links": 2.1,
    "outside the article": 1.6,
    "donation appeal": 0.9,
    "headline": 0.9,
    "share bar": 0.6,
    "byline": 0.5,
    "caption": 0.4,
    "newsletter": 0.3,
    "typo prompt": 0.2,
    "cookie notice": 0.1,
}
OUTLETS = "courier herald gazette post observer chronicle tribune standard".split()
TOWNS = "harbour river mill castle bridge forest valley lake north south market abbey".split()


class Outlet:
    """A made source: how much it publishes, how, and what befalls it."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = f"{TOWNS[number % len(TOWNS)]}-{OUTLETS[number // len(TOWNS) % len(OUTLETS)]}"
        self.name += f"-{number}" if number >= len(TOWNS) * len(OUTLETS) else ""
        self.url = f"https://www.{self.name}.example/"
        self.rate = chance.choice(RATES)
        # steps of spreads, from which days are drawn
        self.times_ms, self.lengths, self.ages_s = (
            [step_of(chance.lognormvariate(mean, sigma)) for _ in range(200)]
            for mean, sigma in ((chance.uniform(4, 6.5), 0.5), (8, 0.6), (8, 1))
        )
        self.source = chance.choices(("json-ld", "meta", "time", "visible"), (70, 15, 10, 5))[0]
        self.trouble = chance.choice(("silent", "refused", "undated")) if number % 20 == 3 else ""
        self.chance = chance

    def day(self, day: dt.date, left: int) -> Day:
        """What came of it on a day, so many days before today."""
        is_ill = self.trouble and left < 4
        new = 0 if is_ill and self.trouble == "silent" else self._some(self.rate * WEEKDAYS[day.weekday()])
        account = Account(runs=24, found=new)
        written = 0 if is_ill and self.trouble == "refused" else new
        account.outcomes.update(self._nonzero({Outcome.SAVED: written, Outcome.BLOCKED: new - written}))
        others = {Outcome.UPDATED: 0.1, Outcome.UNCHANGED: 0.4, Outcome.NOT_AN_ARTICLE: 0.08, Outcome.HTTP_STATUS: 0.02}
        account.outcomes.update(self._nonzero({kind: self._some(new * share) for kind, share in others.items()}))
        if new - written:
            account.reasons[Reason.CONSENT] = new - written
        account.statuses.update(
            self._nonzero({"200": 30 + 2 * new, "304": self._some(60), "404": self._some(new / 50)})
        )
        self._write(account, day, written, is_undated=bool(is_ill) and self.trouble == "undated")
        account.times_ms.update(self.chance.choices(self.times_ms, k=30 + 2 * new))
        asked = min(NOW, dt.datetime.combine(day, dt.time(23, 10), dt.UTC))
        alarms = (self._alarm(),) if is_ill and not left else ()
        memory = "mismatch" if self.rate == RATES[0] and self.source == "visible" else "known"
        return Day(
            source=self.name, day=day, asked_at=asked, newest=asked, account=account, memory=memory, alarms=alarms
        )

    def _write(self, account: Account, day: dt.date, written: int, *, is_undated: bool) -> None:
        if not written:
            return
        account.days[day.isoformat()] = written
        account.undated = written if is_undated else self._some(written / 200)
        low = self._some(written / 30)
        account.dates.update(self._nonzero({f"{self.source} high": written - account.undated - low, "url medium": low}))
        account.removed.update(self._nonzero({kind: self._some(written * share) for kind, share in REMOVED.items()}))
        account.removed_chars, account.kept_chars = written * 900, written * 3800
        account.unsure, account.fitting = self._some(written / 25), written
        account.lengths.update(self.chance.choices(self.lengths, k=written))
        account.freshness.update(self.chance.choices(self.ages_s, k=written))

    def _alarm(self) -> Alarm:
        usual, now = {
            "silent": (f"{self.rate} articles a day", "none for 4 days"),
            "refused": ("no page in place of an article", "all pages ask for consent"),
            "undated": ("1 % of articles without a date", "all of them"),
        }[self.trouble]
        since = NOW - dt.timedelta(days=3)
        kind = {"silent": "silence", "refused": "blocked", "undated": "undated"}[self.trouble]
        command = f"dateline why {self.url}"
        return Alarm(source=self.name, kind=kind, usual=usual, now=now, since=since, severity="high", command=command)

    def _some(self, mean: float) -> int:
        """About so many: a Poisson number's mean and spread."""
        return max(0, round(self.chance.gauss(mean, mean**0.5)))

    @staticmethod
    def _nonzero(numbers: dict[Any, int]) -> dict[str, int]:
        return {str(kind): number for kind, number in numbers.items() if number > 0}


def outlets(number: int, seed: int = 8) -> list[Outlet]:
    """So many made sources."""
    chance = random.Random(seed)  # noqa: S311  numbers of a benchmark
    return [Outlet(n, chance) for n in range(number)]


def keep_history(folder: Path, sources: list[Outlet], days: int) -> None:
    """Write the history of the sources into a state in a folder."""
    state = State(folder)
    today = NOW.date()
    for outlet in sources:
        state.history.keep([outlet.day(today - dt.timedelta(days=left), left) for left in reversed(range(days))])
    state.close()


def made_report(sources: list[Outlet]) -> dict[str, Any]:
    """What the report of a run over the sources says, of a run in which some of them failed or were not due."""
    failing = {
        outlet.url: {
            "since": "2026-11-21T04:10:00Z",
            "times": 9,
            "why": "503 of the front page",
            "again": "2026-11-26T02:10:00Z",
        }
        for outlet in sources[7::60]
    }
    today: Account = Account.sum(outlet.day(NOW.date(), 0).account for outlet in sources)
    return {
        "run": f"{NOW:%Y%m%dT%H%M%SZ}-5eed",
        "started": utc_stamp(NOW - dt.timedelta(minutes=7)),
        "finished": utc_stamp(NOW),
        "finish_reason": "finished",
        "error": None,
        "recovered": {},
        "found": today.outcomes.total(),
        "saved": today.written,
        "deferred": 0,
        "passed_over": {},
        "outcomes": dict(today.outcomes),
        "removed": dict(today.removed),
        "names": {outlet.url: outlet.name for outlet in sources},
        "sources": {outlet.url: {"name": outlet.name, "failed": None} for outlet in sources},
        "resting": {outlet.url: "2026-11-25T19:30:00Z" for outlet in sources[5::9]},
        "failing": failing,
        "paused": {f"www.{outlet.name}.example": "429 Too Many Requests" for outlet in sources[11::200]},
        "not_saved": [],
    }


def made_page(folder: Path, sources: list[Outlet], days: int) -> Path:
    """The page of made sources, in a data folder that holds their history and a report of a run."""
    make_folder(folder / "reports")
    keep_history(folder, sources, days)
    report = made_report(sources)
    (folder / "reports" / f"{report['run']}.json").write_text(json.dumps(report, indent=1), "utf-8")
    return write_page(folder, report)


def measured(folder: Path, report: dict[str, Any], runs: int) -> Iterator[tuple[float, float, int]]:
    """Seconds, CPU seconds and bytes of each writing."""
    for _ in range(runs):
        began, cpu = time.perf_counter(), time.process_time()
        page = write_page(folder, report)
        yield time.perf_counter() - began, time.process_time() - cpu, page.stat().st_size


def take_picture(page: Path, file: Path) -> None:
    """What the page shows of what needs a person, and of a source that was opened."""
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        shown = chromium.new_page(viewport={"width": 1180, "height": 1400}, color_scheme="light")
        shown.goto(page.as_uri())
        shown.wait_for_selector("html[data-ready]")
        shown.locator(".needs a").first.click()
        shown.evaluate("scrollTo(0, 0); document.activeElement.blur(); document.getElementById('all').remove()")
        shown.wait_for_timeout(500)  # until its charts and the lines of the table are drawn
        shown.screenshot(path=file)
        chromium.close()


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=SOURCES)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the data folder here, and leave it")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="of the page of 24 sources, and measure nothing")
    options = parser.parse_args()
    if options.picture:
        with tempfile.TemporaryDirectory() as scratch:
            take_picture(made_page(Path(scratch), outlets(24), DAYS), options.picture)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder, sources = options.keep or Path(scratch), outlets(options.sources)
        made_page(folder, sources, options.days)
        found = list(measured(folder, made_report(sources), options.runs))
    spent, cpu = ([run[n] for run in found] for n in (0, 1))
    numbers = (statistics.median(spent), min(spent), max(spent), statistics.median(cpu))
    rows = [(f"{found[-1][2]:,}", *(f"{number:.2f}" for number in numbers))]
    title = f"The report page of {options.sources} sources over {options.days} days"
    show(
        [Table(title=title, columns=("bytes", "s, median", "least", "most", "CPU s"), rows=rows, words=0)],
        stdout_console(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
