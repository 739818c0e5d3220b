"""Extraction quality on real pages: ``dateline extract`` over the bench, scored, held against the floor.

    python -m benchmarks.quality [--sets aeb,fundus] [--shipped | --parts FILE] [--worst 40] [--no-cost] [--raise-floor]

The block model is cross-validated: each fold of sites is extracted with weights that were learned without it; the first
run trains them, which takes some minutes and the ``train`` extra. ``--shipped`` takes the weights that ship instead.
Reads ../shared/bench (``--bench``) and writes to build/quality (``--out``): records.jsonl, the scorer's report.json and
pages.csv, the tables as table.md, and the worst pages as worst.html. Trafilatura is measured on the same pages, once.
The floor, benchmarks/floor.json, holds what is reached, and the hash of the pages it was reached on. Exit code 0: no
score is below it, or single sets were asked for; 1: one is, or the pages are others; 2: there is no bench, and nothing
was measured, or an option cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import BENCH, Bench, Row, no_bench
from benchmarks.cost import measure_cost, pages_of
from benchmarks.findings import confidence_table, goals_table, languages_table, missed_dates, sets_table
from benchmarks.floor import FLOOR, below_floor, raise_floor, read_floor
from benchmarks.measure import Run, Scored, Scores, measure, whole
from benchmarks.parts import Part, PartsError, read_parts
from benchmarks.peers import measure_peer, peer_name, read_baselines, read_goals
from benchmarks.table import Table, markdown, show
from benchmarks.worst_pages import worst_pages_html
from crawler.terminal import stdout_console

OUT = Path(__file__).resolve().parents[1] / "build" / "quality"
COST_SET = "fundus_eval"
DATED_SET = "fundus"  # whose dates are told by time and zone


def main() -> int:
    """Measure, print the tables, hold the scores against the floor."""
    options = _options()
    bench = Bench(folder=options.bench)
    if not bench.is_there:
        return no_bench("quality", bench)
    try:
        run = measure(bench, options.out, options.sets, lambda rows: _parts(options, bench, rows))
    except PartsError as error:
        raise SystemExit(f"quality: {error}") from error
    peer = measure_peer(bench, run.answers, run.corpus, options.out)
    cpu = {} if options.no_cost or COST_SET not in run.ours.by_set else cpu_ratio(bench)
    tables = findings(run, peer, cpu)
    (options.out / "table.md").write_text("\n".join(line for t in tables for line in markdown(t)), encoding="utf-8")
    (options.out / "worst.html").write_text(worst_pages_html(run, peer, options.worst), encoding="utf-8")
    show(tables, stdout_console())
    print(f"{run.wall_s:.0f} s of extraction; in {options.out}: table.md, worst.html, report.json, pages.csv")
    if options.sets:
        print("floor: not asked for, it is of all sets")
        return 0
    return _hold(run, is_raised=options.raise_floor)


def findings(run: Run, peer: Scored, cpu: Scores) -> list[Table]:
    """The tables of a run, the goals last, where a terminal ends."""
    name = peer_name()
    ours = {group: values | cpu.get(group, {}) for group, values in run.ours.by_set.items()}
    theirs = {group: values | ({"cpu": 1.0} if group in cpu else {}) for group, values in peer.by_set.items()}
    return [
        sets_table(run.ours.by_set, peer.by_set, name, read_baselines()),
        languages_table(run.ours.by_language, peer.by_language, name),
        confidence_table(run.ours.pages, run.records),
        goals_table(read_goals(), ours, theirs, name, tuple(missed_dates(run.ours.pages, DATED_SET))),
    ]


def cpu_ratio(bench: Bench) -> Scores:
    """How many times trafilatura's CPU ours is, by the medians over the pages."""
    return {COST_SET: {"cpu": measure_cost(pages_of(bench, COST_SET)).ratio}}


def _parts(options: argparse.Namespace, bench: Bench, rows: Sequence[Row]) -> Sequence[Part]:
    """Each fold of sites with weights that were learned without it, unless something else was asked for."""
    if options.parts:
        return read_parts(options.parts, rows)
    if options.shipped:
        return whole(rows)
    try:
        from benchmarks.model.train import parts_of_folds
    except ImportError as error:
        raise PartsError(f"training the folds needs the train extra (pip install -e .[train]): {error}") from error
    return [Part(rows=part, arguments=("--model", str(file))) for part, file in parts_of_folds(bench, rows)]


def _hold(run: Run, *, is_raised: bool) -> int:
    """Hold the scores against the floor, or make them the floor; the exit code."""
    if is_raised:
        raise_floor(run.ours.by_set, run.corpus)
        print(f"floor written: {FLOOR}")
        return 0
    faults = list(below_floor(run.ours.by_set, run.corpus, read_floor()))
    for fault in faults:
        print(f"quality: {fault}", file=sys.stderr)
    print(f"floor: {'below' if faults else 'held'}")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH, help="the bench's folder")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the reports")
    parser.add_argument("--sets", default="", help="these sets only, comma-separated; the floor is of all")
    parser.add_argument(
        "--parts",
        type=Path,
        metavar="FILE",
        help='extract in parts, as cross-validation asks: JSON lines {"ids": […], "arguments": […]}, where arguments '
        "go to dateline extract; a line without ids takes the pages that no line names",
    )
    parser.add_argument(
        "--shipped",
        action="store_true",
        help="extract with the weights that ship, which have seen these pages: no measure of quality",
    )
    parser.add_argument("--worst", type=int, default=40, metavar="N", help="pages in worst.html (default: %(default)s)")
    parser.add_argument("--no-cost", action="store_true", help=f"leave out the CPU a page, measured on {COST_SET}")
    parser.add_argument("--raise-floor", action="store_true", help="write what is measured as the new floor")
    options = parser.parse_args()
    if options.sets and options.raise_floor:
        parser.error("--raise-floor is for all sets: leave out --sets")
    return options


if __name__ == "__main__":
    sys.exit(main())
