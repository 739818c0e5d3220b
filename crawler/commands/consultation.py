"""The doctor's findings as a person reads them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain

from rich.text import Text

from crawler.commands.options import file_of
from crawler.doctor.checkup import checkup
from crawler.doctor.findings import Finding, Level, ok, problem
from crawler.doctor.installation import check_installation
from crawler.doctor.network import judge_knocks
from crawler.doctor.repair import repair
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.sources import read_sources, sources_of
from crawler.state import DiskError, kept_polled
from crawler.terminal import one_line, stdout_console

MOST_ASKED = 10  # sources of which one request is made each
_STYLE = {Level.OK: "green", Level.NOTE: "yellow", Level.PROBLEM: "bold red"}


def consult(options: argparse.Namespace) -> Exit:
    """Print what is found, and with ``--repair`` what was done and what is found then."""
    now = dt.datetime.now(dt.UTC)
    can_run = _show(chain(check_installation(), _sources(options), _network(options) if options.network else ()))
    is_well = _show(checkup(options.data, options.files, now, options.state))
    if options.repair and not (is_well and not options.refetch_missing):
        is_forgetful = options.refetch_missing
        for done in repair(options.data, options.files, now.date(), refetch_missing=is_forgetful, url=options.state):
            _print("repaired", "", done)
        is_well = _show(checkup(options.data, options.files, now, options.state))
    return Exit.FINE if is_well and can_run else Exit.SOME_FAILED


def _sources(options: argparse.Namespace) -> Iterator[Finding]:
    """Whether the file of sources can be crawled."""
    if path := file_of(options.sources):
        try:
            yield ok("sources", f"{len(read_sources(path)):,} in {path}")
        except ConfigError as error:
            yield problem("sources", str(error), "mend the file: no run can use it")


def _network(options: argparse.Namespace) -> Iterator[Finding]:
    """Whether sources answer: those of the file, else those that runs were given."""
    from crawler.commands.knocking import knock

    path = file_of(options.sources)
    try:
        known = read_sources(path) if path else sources_of(kept_polled(options.state or options.data))
    except (ConfigError, DiskError):  # another check tells it
        known = ()
    yield from judge_knocks(*knock(known, MOST_ASKED, options.allow))


def _show(findings: Iterable[Finding]) -> bool:
    """Print each finding as it comes; whether there is no problem."""
    is_well = True
    for finding in findings:
        advice = f" → {finding.advice}" if finding.advice else ""
        _print(finding.check, finding.level, f"{finding.said}{advice}", _STYLE[finding.level])
        is_well = is_well and finding.level is not Level.PROBLEM
    return is_well


def _print(check: str, level: str, said: str, style: str = "") -> None:
    line = Text.assemble(f"{check:<10}", (f"{level:<8}", style), one_line(said))
    stdout_console().print(line, soft_wrap=True)
