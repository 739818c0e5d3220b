"""``--cluster``: a crawl, or the reading of archives, handed out to a Dask cluster, and its end told as that of one."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler import gauges, metrics
from crawler.cluster.fleet import Fleet
from crawler.cluster.handing import NO_WORKERS_S, Handing, Plan
from crawler.cluster.holding import is_place_in
from crawler.cluster.units import Unit, archive_units, due_of, units_of
from crawler.cluster.work import Work, collection_of
from crawler.commands.cluster_progress import Shown, Stops
from crawler.commands.crawling import chosen_of
from crawler.commands.ending import Ended, Ending, tell_end
from crawler.commands.logs import set_up_logging
from crawler.commands.project import project_settings
from crawler.delivery import make_folder
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.parts.manifest import FOLDER
from crawler.parts.shelf import shelf_at
from crawler.report import new_run, write_report
from crawler.report_page.writing import write_page
from crawler.state import DiskError, Url, kept_polled
from crawler.state.leases import Leases
from spiders.arguments import wanted

logger = logging.getLogger(__name__)

MOST_ON_A_PAGE = 5_000  # sources that the report page draws; with more a run has its report alone
# options that have no meaning for many, and what to do instead
OF_ONE_PROCESS = {
    "profile": ("--profile", ""),
    "max_pages": ("--max-pages", ""),
    "parquet": ("--parquet", "; dateline export --to parquet writes what all have written"),
}
NO_OUTPUTS = frozenset(("memory", "http", "https", "data"))  # protocols of fsspec that keep nothing for others
# what is seen to here, and not in each process
_OURS = frozenset(f"DATELINE_{name}" for name in ("URLS", "SOURCES", "CDX", "ARCHIVES", "STATE", "ON_ALARM", "METRICS"))


def crawl_in_cluster(options: argparse.Namespace, urls: list[str]) -> int:
    """Crawl with these options in the cluster that they name; the exit code is that of an ordinary crawl."""
    state, chosen, now = _shared_state(options), chosen_of(options, urls), dt.datetime.now(dt.UTC)
    settings = project_settings(chosen)
    sources = wanted(settings, {}, now.date()).sources
    due = due_of(sources, kept_polled(state), now, is_full=options.all)
    run = ClusterRun(options=options, state=state, spider="news", chosen=chosen, started=now)
    run.on_alarm, run.metrics = settings.get("DATELINE_ON_ALARM"), settings.get("DATELINE_METRICS")
    run.handing.told.tally.names = {source.urls[0]: source.name for source in sources}
    run.handing.told.tally.resting = dict(due.resting)
    return run.run(units_of(due.sources))


def read_in_cluster(options: argparse.Namespace, chosen: Mapping[str, Any]) -> int:
    """Read archives likewise, one to a task; the workers must see the files by the same names."""
    now = dt.datetime.now(dt.UTC)
    run = ClusterRun(options=options, state=_shared_state(options), spider="archive", chosen=chosen, started=now)
    return run.run(archive_units(chosen["DATELINE_ARCHIVES"]))


def _shared_state(options: argparse.Namespace) -> Url:
    """The state that all share; ConfigError for options that a run of many processes cannot have."""
    for name, (option, instead) in OF_ONE_PROCESS.items():
        if getattr(options, name, None):
            raise ConfigError(f"{option} is for a run in one process: leave it out, or --cluster{instead}")
    if isinstance(options.output, str):
        _check_output(options.output)
    if options.state is None:
        raise ConfigError(
            "--cluster: needs a state that all workers share: name it with --state postgresql://USER@HOST/DATABASE"
        )
    state: Url = options.state
    Leases(state).close()  # makes the tables where there are none yet
    return state


def _check_output(url: str) -> None:
    """ConfigError for a place that cannot be a collection of many writers, before any of them begins."""
    if url.partition(":")[0] in NO_OUTPUTS:
        raise ConfigError(f"--output {url}: keeps nothing that others could read; name a folder, or such as s3://…")
    try:
        shelf_at(url).listed(FOLDER)
    except OSError as error:
        raise ConfigError(f"--output {url}: cannot be reached: {error.strerror or error}") from None


@dataclass(kw_only=True)
class ClusterRun:
    """One run, as the command sees it that began it."""

    options: argparse.Namespace
    state: Url
    spider: str
    chosen: Mapping[str, Any]  # settings
    started: dt.datetime
    on_alarm: str | None = None
    metrics: str | None = None
    id: str = field(init=False)
    handing: Handing = field(init=False)

    def __post_init__(self) -> None:
        self.id = new_run(self.started)
        self.folder = Path(self.options.data).absolute()
        self._until = time.monotonic() + (self.options.max_time or math.inf)
        kept = {name: value for name, value in self.chosen.items() if name not in _OURS}
        of_ours: dict[str, object] = {"DATELINE_DATA": str(self.folder), "DATELINE_WORKERS": 1}
        if isinstance(output := self.options.output, Path):
            of_ours["DATELINE_OUTPUT"] = str(output.absolute())
        of_ours |= {"DATELINE_QUIET": True, "DATELINE_REPORT": False}
        self._settings = kept | of_ours
        largest, lease_s = self.options.at_a_time, self.options.lease
        self.handing = Handing(Plan(work=self._work, lease_s=lease_s, largest=largest, until=self._until))

    def run(self, units: Sequence[Unit]) -> int:
        """Hand all out, wait for its end, and tell it; the exit code."""
        set_up_logging(self.options)
        self._make_folder()
        self.handing.waiting = deque(units)
        with Stops() as stops, Fleet(self.options.cluster, self.options.lease) as fleet:
            with Shown(self.handing, fleet, len(units), quiet=self.options.quiet) as shown:
                is_whole = self.handing.run(fleet, stops.is_asked, shown)
            if is_whole and not stops.is_asked():
                self.handing.finish(fleet, self._unfinished())
        if not is_whole:
            why = f"--cluster {self.options.cluster}: no worker with this program for {NO_WORKERS_S:.0f} s; start some"
            if not self.handing.given:
                raise ConfigError(f"{why} with: dask worker ADDRESS")
            self.handing.told.error, self.handing.told.code = why, Exit.SOME_FAILED
        return self._end(Ending(signal=stops.signal, note="; ".join(self._notes(len(units)))))

    def _work(self, number: str, units: tuple[Unit, ...]) -> Work:
        left_s = self._until - time.monotonic()
        return Work(
            id=number,
            spider=self.spider,
            units=units,
            state=self.state,
            settings=self._settings,
            lease_s=self.options.lease,
            max_time_s=None if math.isinf(left_s) else max(left_s, 1.0),
        )

    def _unfinished(self) -> list[str]:
        """Places of processes that left something for this collection and that nobody has."""
        leases = Leases(self.state)
        try:
            return [name for name in leases.unfinished() if is_place_in(name, collection_of(self._settings))]
        finally:
            leases.close()

    def _notes(self, units: int) -> Iterator[str]:
        handing, what = self.handing, "archives" if self.spider == "archive" else "sites"
        if deaths := handing.died.total():
            yield f"{deaths:,} crawls died or ended early: what those that died saved is written, and not counted here"
        if handing.elsewhere:
            yield f"{len(handing.elsewhere):,} {what} are being crawled by another run"
        if left := units - handing.done:
            yield f"{left:,} of {units:,} {what} are left for the next run"

    def _end(self, ending: Ending) -> int:
        """Tell what came of it: in the report, in the terminal and in the log; the exit code."""
        told = self.handing.told
        for unit, why in self.handing.lost:
            logger.warning("%s: %s", unit.title, why)
            for name in [source.urls[0] for source in unit.sources] or unit.archives:
                told.tally.fail(name, why)
        finished = dt.datetime.now(dt.UTC)
        report = told.report(self.id, self.started, finished, "stopped" if ending.signal else "finished")
        try:
            write_report(self.folder, report)
            if self.metrics:
                alarms = {name: day.alarms for name, day in told.last.items()}
                found = gauges.gauges(told.tally, told.last, alarms, self.started, finished)
                metrics.write(Path(self.metrics).absolute(), found)
        except OSError as error:
            raise DiskError.of(error, self.folder) from error
        if len(told.tally.names) <= MOST_ON_A_PAGE:
            with suppress(OSError, DiskError):  # it is for people to look at
                write_page(self.folder, report, self.state)
        run = Ended(id=self.id, folder=self.folder, told=told, on_alarm=self.on_alarm)
        is_quiet = self.options.quiet or bool(self.options.log)
        return tell_end(run, ending, quiet=is_quiet, is_strict=self.options.strict)

    def _make_folder(self) -> None:
        try:
            make_folder(self.folder / "reports")
        except OSError as error:
            raise DiskError.of(error) from error
