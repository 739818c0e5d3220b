"""Extraction quality on real pages: ``dateline extract`` over the bench, scored, held against the floor.

    python -m benchmarks.quality [--sets aeb,fundus] [--parts FILE] [--raise-floor]

Reads ../shared/bench (``--bench``), writes predictions, the scorer's report and a table to build/quality (``--out``).
The floor, benchmarks/floor.json, holds what is reached, and the hash of the pages it was reached on. Exit code 0: no
score is below it; 1: one is, or the pages are others; 2: there is no bench, and nothing was measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench, Row
from benchmarks.floor import FLOOR, below_floor, raise_floor, read_floor
from benchmarks.measure import MEASURES, Run, measure, whole
from benchmarks.parts import Part, PartsError, read_parts

HERE = Path(__file__).resolve().parent
NO_BENCH = 2

# trafilatura 2.3.1 by the same scorer on the same pages (the bench's BASELINES.md), in MEASURES' order, in per cent
TRAFILATURA: Mapping[str, Sequence[float | None]] = {
    "news": (95.0, 71.8, 2.3, 17.2, None, 97.3, 2.1, 64.4, 80.3),
    "aeb": (96.2, 75.9, 0.9, 17.6, None, None, None, None, None),
    "fundus": (94.5, 69.2, 1.4, 17.2, None, 97.3, 2.1, 64.4, 80.3),
    "fundus_eval": (93.9, 70.9, 7.3, 16.4, None, None, None, None, None),
    "newspaper4k": (95.2, 75.0, 0.0, 18.8, None, 100.0, 0.0, 43.8, 66.1),
    "readability": (93.9, 73.9, 4.3, 4.3, None, 83.3, 16.7, 91.3, 57.9),
    "wcxb": (94.9, 75.2, 1.4, 18.4, 90.9, 83.5, 16.5, 52.3, 56.5),
    "trafilatura": (None, None, None, None, 92.5, 84.9, 14.8, 59.0, 56.6),
    "htmldate": (None, None, None, None, None, 89.6, 9.0, None, None),
    "postlight": (None, None, None, None, None, 73.8, 26.2, 85.5, 58.8),
}


def main() -> int:
    """Measure, print the table, hold it against the floor."""
    options = _options()
    bench = Bench(folder=options.bench)
    if not bench.is_there:
        print(f"quality: no bench at {bench.folder}: nothing was measured", file=sys.stderr)
        return NO_BENCH

    def parted(rows: Sequence[Row]) -> Sequence[Part]:
        return read_parts(options.parts, rows) if options.parts else whole(rows)

    try:
        run = measure(bench, options.out, options.sets, parted)
    except PartsError as error:
        raise SystemExit(f"quality: {error}") from error
    table = "\n".join(table_lines(run))
    (options.out / "table.md").write_text(table + "\n", encoding="utf-8")
    print(table)
    if options.raise_floor:
        raise_floor(run.ours.by_set, run.corpus)
        print(f"floor written: {FLOOR}")
        return 0
    faults = list(below_floor(run.ours.by_set, run.corpus, read_floor()))
    for fault in faults:
        print(f"quality: {fault}", file=sys.stderr)
    print(
        f"\nreport: {options.out / 'report.json'} · table: {options.out / 'table.md'} · "
        f"floor: {'below' if faults else 'held'}"
    )
    return 1 if faults else 0


def table_lines(run: Run) -> Iterator[str]:
    """A Markdown table: each cell is ours, and behind the stroke trafilatura's, in per cent."""
    yield "| set | " + " | ".join(measure.title for measure in MEASURES) + " |"
    yield "|---|" + "--:|" * len(MEASURES)
    for name, scores in run.ours.by_set.items():
        peers = TRAFILATURA.get(name, (None,) * len(MEASURES))
        cells = (_cell(scores.get(m.key), peer) for m, peer in zip(MEASURES, peers, strict=True))
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""
    yield f"ours / trafilatura 2.3.1, in per cent; news: aeb, fundus and fundus_eval pooled; {run.wall_s:.0f} s"


def _cell(own: float | None, peer: float | None) -> str:
    if own is None:
        return ""
    return f"{100 * own:.1f}" + (f" / {peer:.1f}" if peer is not None else "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=HERE.parents[1] / "shared" / "bench", help="the bench's folder")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "quality", help="folder for the reports")
    parser.add_argument("--sets", default="", help="these sets only, comma-separated; the floor is of all")
    parser.add_argument(
        "--parts",
        type=Path,
        metavar="FILE",
        help='extract in parts, as cross-validation asks: JSON lines {"ids": […], "arguments": […]}, where arguments '
        "go to dateline extract; a line without ids takes the pages that no line names",
    )
    parser.add_argument("--raise-floor", action="store_true", help="write what is measured as the new floor")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
