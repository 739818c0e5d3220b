"""Fuzzing: what parses strangers' bytes is fed with odd ones, and held to what it promises of any input.

    python -m benchmarks.fuzz                                    every target by every driver, 200,000 executions each
    python -m benchmarks.fuzz --target feed --executions 5000    one target, a short form
    python -m benchmarks.fuzz --driver repeats                   only the search for slow inputs

Each target runs in a process of its own, with a limit of time for each input and one of memory. What fails is reduced
and written to the folder of findings. Exit code 1 when anything failed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.fuzzing.drive import DRIVERS
from benchmarks.fuzzing.targets import TARGETS
from benchmarks.fuzzing.watch import Tally
from benchmarks.table import Table, show
from crawler.terminal import say, stdout_console

EXECUTIONS = 200_000
TOLD_EVERY_S = 30.0
SILENT_S = 180.0  # without an execution, after which a process is taken to hang
_EDGES = re.compile(r"cov: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one target did under one driver."""

    target: str
    driver: str
    executions: int
    seconds: float
    edges: int | None  # of the code that was reached, where the driver knows it
    findings: Sequence[str]


def main() -> int:
    """Run the targets and tell; the exit code."""
    options = _options()
    wanted = [(target.name, driver) for driver in options.driver for target in TARGETS if target.name in options.target]
    if "atheris" in options.driver and find_spec("atheris") is None:
        say(
            "fuzz: atheris is not installed: pip install -r benchmarks/fuzzing/requirements.txt, or --driver hypothesis"
        )
        return 2
    with ThreadPoolExecutor(options.jobs) as pool:
        runs = list(pool.map(lambda pair: _run(*pair, options), wanted))
    show([_table(runs, options)], stdout_console())
    found = [f"{run.target} ({run.driver}): {finding}" for run in runs for finding in run.findings]
    for line in found:
        say(line)
    if found:
        say(f"the inputs are in {options.findings}")
    return 1 if found else 0


def _run(target: str, driver: str, options: argparse.Namespace) -> Run:
    folder: Path = options.findings / target / driver
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tally, started = Tally(folder / "tally"), time.monotonic()
    arguments = ["--executions", str(options.executions), "--seed", str(options.seed), "--folder", str(folder)]
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "benchmarks.fuzzing.drive", target, driver, *arguments]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        is_silent = _followed(process, tally, f"{target} ({driver})", options.executions)
    findings = list(_findings(folder))
    if is_silent or process.returncode:
        (folder / "last.input").write_bytes(tally.running)
        why = f"no execution for {SILENT_S:g} s" if is_silent else f"ended with {process.returncode}"
        findings.append(f"{why}, see last.input and log")
    run = Run(
        target=target,
        driver=driver,
        executions=tally.executions,
        seconds=time.monotonic() - started,
        edges=_edges(folder / "log") if driver == "atheris" else None,
        findings=findings,
    )
    say(f"{target} ({driver}): {run.executions:,} executions in {run.seconds:,.0f} s, {len(findings)} findings")
    return run


def _followed(process: subprocess.Popen[bytes], tally: Tally, name: str, executions: int) -> bool:
    """Wait for the end and tell how it goes; whether the process had to be ended because nothing happened any more."""
    told = moved = time.monotonic()
    last = 0
    while process.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        if tally.executions != last:
            last, moved = tally.executions, now
        if now - told > TOLD_EVERY_S:
            told = now
            say(f"{name}: {last:,} of {executions:,}, {tally.findings} findings")
        if now - moved > SILENT_S:
            process.kill()
            process.wait()
            return True
    return False


def _findings(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.txt")):
        yield f"{path.read_text('utf-8').partition(chr(10))[0]} [{path.stem}]"


def _edges(log: Path) -> int | None:
    found = _EDGES.findall(log.read_text("utf-8", "replace"))
    return int(found[-1]) if found else None


def _table(runs: Sequence[Run], options: argparse.Namespace) -> Table:
    return Table(
        title="Fuzzing",
        columns=("target", "driver", "executions", "seconds", "edges", "findings"),
        rows=[
            (
                run.target,
                run.driver,
                f"{run.executions:,}",
                f"{run.seconds:,.0f}",
                "" if run.edges is None else f"{run.edges:,}",
                str(len(run.findings)),
            )
            for run in runs
        ],
        words=2,
        notes=(f"seed {options.seed}; the sweep of repeats ends when all pairs of words were tried",),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [target.name for target in TARGETS]
    parser.add_argument(
        "--target", action="append", choices=names, help="only this one (may be repeated; default: all)"
    )
    parser.add_argument(
        "--driver", action="append", choices=DRIVERS, help="only this one (may be repeated; default: all)"
    )
    parser.add_argument("--executions", type=int, default=EXECUTIONS, help=f"of each (default: {EXECUTIONS:,})")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default: 2)")
    parser.add_argument(
        "--findings", type=Path, default=Path("findings"), help="folder for what fails (default: findings)"
    )
    options = parser.parse_args()
    options.target, options.driver = options.target or names, options.driver or list(DRIVERS)
    return options


if __name__ == "__main__":
    sys.exit(main())
