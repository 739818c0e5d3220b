"""What the site memory is worth, and what it costs.

    python -m benchmarks.site_memory [--only small,real,rebuilt,cost]

``small``: the small sites of the tests, each page judged alone and with its site's memory, by the pages seen, in
shuffled orders. ``real``: fundus_eval of the bench, each page with the memory of the site's other pages, by weights
that have not seen the site. ``rebuilt``: publishers of which the bench has two layouts, replayed. ``cost``: CPU and
size for a site of 100,000 pages. Without the bench ``real`` and ``rebuilt`` are passed over, and said so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import BENCH, Bench, no_bench
from benchmarks.memory.cost import cost_table
from benchmarks.memory.small import measure_small_sites, seen_table, small_sites_table
from benchmarks.table import Table, show
from crawler.terminal import stdout_console

PARTS = ("small", "real", "rebuilt", "cost")
OF_BENCH = frozenset(("real", "rebuilt"))


def main() -> int:
    """Measure and print; the exit code: 2 where a part was passed over."""
    options = _options()
    bench = Bench(folder=options.bench)
    passed_over = not bench.is_there and OF_BENCH & set(options.only)
    for part in options.only:
        if part not in OF_BENCH or bench.is_there:
            show(list(_tables(part, bench)), stdout_console())
    return no_bench("site_memory", bench) if passed_over else 0


def _tables(part: str, bench: Bench) -> Iterator[Table]:
    if part == "small":
        results = measure_small_sites()
        yield from (small_sites_table(results), seen_table(results))
    elif part == "real":
        from benchmarks.memory.real import real_table  # needs the train extra

        yield real_table(bench)
    elif part == "rebuilt":
        from benchmarks.memory.rebuilt import rebuilt_table

        yield rebuilt_table(bench)
    else:
        yield cost_table()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH, help="the bench's folder")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to measure, with commas (default: %(default)s)")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only: no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
