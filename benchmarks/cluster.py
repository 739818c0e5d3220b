"""Clusters: sites on loopback crawled by one, two and three Dask workers, also with workers killed and paused.

    python -m benchmarks.cluster --state postgresql://…          60 sites of 50 articles, by 1, 2 and 3 workers
    python -m benchmarks.cluster --state … --part scaling        bound by the pace of sites, nobody is hit
    python -m benchmarks.cluster --state … --part cpu            bound by CPU: each worker has one core
    python -m benchmarks.cluster --state … --part costs          what its parts cost by themselves
    python -m benchmarks.cluster --state … --part blows          one of the workers is killed or paused now and then

The database is emptied before each run. Exit code 1 when an article was lost or written twice, or a host asked too
soon.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.clustering.audit import Audit, as_counts, audit, counting_lines
from benchmarks.clustering.costs import costs
from benchmarks.clustering.sites import FEED, log_of, serving
from benchmarks.clustering.workers import Blow, Clock, Strikes, clustered
from benchmarks.killing.press import stories
from benchmarks.table import Table, show
from crawler.terminal import say, stdout_console

PARTS = ("scaling", "cpu", "blows", "costs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a run is set up."""

    name: str
    workers: int
    sites: int
    articles: int
    delay_s: float
    at_a_time: int
    lease_s: int
    blows: tuple[Blow, ...] = ()
    every_s: float = 4.0
    pause_s: float = 18.0
    seed: int = 1
    cores: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it."""

    setting: Setting
    code: int
    wall_s: float
    work_s: float  # from the first request to the last
    cpu_s: float  # of workers and crawls
    audit: Audit
    fallen: tuple[Blow, ...]
    said: str

    @property
    def is_clean(self) -> bool:
        return self.audit.is_clean and self.code == 0


def run(setting: Setting, state: str, folder: Path) -> Outcome:
    """Serve, crawl, strike, audit."""
    folder.mkdir()
    data, logs, sources = folder / "data", folder / "logs", folder / "sites.toml"
    logs.mkdir()
    with (
        serving(setting.sites, setting.articles, logs) as feeds,
        clustered(setting.workers, setting.cores) as cluster,
    ):
        sources.write_text("".join(f'[site-{n}]\nurl = "{feed}"\n' for n, feed in enumerate(feeds)))
        command = [sys.executable, "-m", "crawler.cli", "crawl", "--sources", str(sources), "--data", str(data)]
        command += ["--allow", "127.0.0.0/8", "--delay", str(setting.delay_s), "--cluster", cluster.address]
        command += ["--at-a-time", str(setting.at_a_time), "--lease", f"{setting.lease_s}s"]
        began = time.monotonic()
        struck = Strikes(cluster, list(setting.blows), setting.every_s, setting.pause_s, setting.seed)
        with Clock(cluster) as clock, struck if setting.blows else nullcontext():
            done = subprocess.run(
                command, env={**os.environ, "DATELINE_STATE": state}, capture_output=True, text=True, check=False
            )
        wall_s = time.monotonic() - began
    log = log_of(logs)
    served = {feed.removesuffix(FEED) + s.path for n, feed in enumerate(feeds) for s in stories(setting.articles, n)}
    lines = counting_lines(data)
    return Outcome(
        setting=setting,
        code=done.returncode,
        wall_s=wall_s,
        work_s=log[-1].ended - log[0].began if log else 0.0,
        cpu_s=clock.cpu_s,
        audit=audit(lines, log, served, setting.delay_s),
        fallen=tuple(struck.fallen),
        said=done.stdout + done.stderr,
    )


def empty(state: str) -> None:
    """Take all out of a database."""
    with psycopg.connect(state, autocommit=True) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute("CREATE SCHEMA public")


def settings(options: argparse.Namespace) -> Iterator[Setting]:
    """The runs of the parts that are asked for."""
    common = {"sites": options.sites, "articles": options.articles, "seed": options.seed}
    parts = options.part.split(",")
    for workers in options.workers if "scaling" in parts else ():
        yield Setting(name="pace", workers=workers, delay_s=options.delay, at_a_time=10, lease_s=60, **common)
    cores = tuple(os.sched_getaffinity(0))
    for workers in (n for n in options.workers if n <= len(cores)) if "cpu" in parts else ():
        yield Setting(
            name="CPU", workers=workers, delay_s=0.0, at_a_time=options.sites // 4, lease_s=60, cores=cores, **common
        )
    blows = tuple(blow for _ in range(options.rounds) for blow in Blow)
    for workers in options.workers if "blows" in parts else ():
        at_a_time = 30 // workers
        yield Setting(
            name="blows", workers=workers, delay_s=options.delay, at_a_time=at_a_time, lease_s=6, blows=blows, **common
        )


def main() -> int:
    """Run, audit, and tell; the exit code."""
    options = _options()
    outcomes: list[Outcome] = []
    found: list[tuple[str, str]] = []
    if "costs" in options.part.split(","):
        empty(options.state)
        found = list(costs(options.state))
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        for number, setting in enumerate(settings(options)):
            empty(options.state)
            outcomes.append(run(setting, options.state, Path(name) / str(number)))
            say(f"{setting.name}, {setting.workers} workers: {outcomes[-1].wall_s:.0f} s")
            if not outcomes[-1].is_clean:
                say(outcomes[-1].said)
    if options.json:
        print(json.dumps({"runs": [_as_json(outcome) for outcome in outcomes], "costs": dict(found)}))
    else:
        show(list(_tables(outcomes, found)), stdout_console())
    for outcome in outcomes:
        for wrong in (*outcome.audit.lost, *outcome.audit.twice, *outcome.audit.together, *outcome.audit.early):
            say(wrong)
    return 0 if all(outcome.is_clean for outcome in outcomes) else 1


def _tables(outcomes: Sequence[Outcome], found: Sequence[tuple[str, str]]) -> Iterator[Table]:
    if found:
        yield Table(title="Costs", columns=("", "takes"), rows=found)
    if not outcomes:
        return
    yield Table(
        title="Runs",
        columns=("bound by", "workers", "s", "s of requests", "lines a s", "times 1 worker", "CPU ms a line", "blows"),
        rows=[_row(outcome, outcomes) for outcome in outcomes],
    )
    yield Table(
        title="What the audit found",
        columns=(
            "bound by",
            "workers",
            "articles",
            "lines",
            "lost",
            "twice",
            "torn",
            "requests",
            "again",
            "at once",
            "early",
        ),
        rows=[(o.setting.name, str(o.setting.workers), *map(str, _found(o.audit))) for o in outcomes],
    )
    for outcome in outcomes:
        if outcome.fallen:
            rows = [(str(blow), str(number)) for blow, number in Counter(outcome.fallen).items()]
            yield Table(title="Blows", columns=("blow", "times"), rows=rows)


def _found(a: Audit) -> tuple[int, ...]:
    lists = (a.lost, a.twice)
    return (a.articles, a.lines, *map(len, lists), a.torn, a.requests, a.again, len(a.together), len(a.early))


def _row(outcome: Outcome, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    setting = outcome.setting
    first = next((o for o in outcomes if o.setting.name == setting.name and o.setting.workers == 1), None)
    lines = max(outcome.audit.lines, 1)
    return (
        setting.name,
        str(setting.workers),
        f"{outcome.wall_s:.1f}",
        f"{outcome.work_s:.1f}",
        f"{lines / outcome.work_s:.1f}",
        f"{first.work_s / outcome.work_s:.2f}" if first else "",
        f"{1000 * outcome.cpu_s / lines:.0f}" if not outcome.fallen else "",
        str(len(outcome.fallen)),
    )


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "name": outcome.setting.name,
        "workers": outcome.setting.workers,
        "code": outcome.code,
        "wall_s": outcome.wall_s,
        "work_s": outcome.work_s,
        "cpu_s": outcome.cpu_s,
        "blows": [str(blow) for blow in outcome.fallen],
        **as_counts(outcome.audit),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", required=True, help="URL of a PostgreSQL database, which is emptied")
    parser.add_argument("--part", default=",".join(PARTS), help="of the runs (default: %(default)s)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3], help="(default: 1 2 3)")
    parser.add_argument("--sites", type=int, default=60, help="(default: %(default)s)")
    parser.add_argument("--articles", type=int, default=50, help="of each site (default: %(default)s)")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds between requests (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of the six kinds of blows (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the blows (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="the numbers as JSON, in place of the tables")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
