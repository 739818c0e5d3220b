"""A look at the state as a person reads it."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable

from rich.text import Text

from crawler.doctor.checkup import checkup
from crawler.doctor.findings import Finding, Level
from crawler.doctor.repair import repair
from crawler.exits import Exit
from crawler.terminal import one_line, stdout_console

_STYLE = {Level.OK: "green", Level.NOTE: "yellow", Level.PROBLEM: "bold red"}


def consult(options: argparse.Namespace) -> Exit:
    """Print what is found, and with ``--repair`` what was done and what is found then."""
    now = dt.datetime.now(dt.UTC)
    is_well = _show(checkup(options.data, options.files, now))
    if options.repair and not (is_well and not options.refetch_missing):
        for done in repair(options.data, options.files, now.date(), refetch_missing=options.refetch_missing):
            _print("repaired", "", done)
        is_well = _show(checkup(options.data, options.files, now))
    return Exit.FINE if is_well else Exit.SOME_FAILED


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
