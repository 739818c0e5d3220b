"""Whether the same pages still give the same records: for a change that is to make the extraction faster, not other.

    python -m benchmarks.same --write before.json        what every page gives now
    python -m benchmarks.same --against before.json      which pages give something else, and in what fields

All that a page gives is held against it, with the trail of what was cut and with what it shows of its site. Exit code
1: something differs; 2: there is no bench, and nothing was compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from pathlib import Path

from benchmarks.bench import BENCH, Bench, Row, no_bench
from crawler.extraction.extract import extract
from crawler.items import Extract, Refused
from crawler.terminal import say

TOGETHER = 20  # pages
NAMED = 20  # pages that differ
Digests = Mapping[str, str]  # field → digest of its value


def digests_of(result: Extract | Refused) -> Digests:
    """A digest of each field of what a page gave."""
    return {field.name: _digest(getattr(result, field.name)) for field in fields(result)}


def differences(before: Mapping[str, Digests], now: Mapping[str, Digests]) -> dict[str, list[str]]:
    """The fields that differ, by page; ``page`` where only one side has the page.

    >>> differences({"a": {"title": "1", "text": "2"}}, {"a": {"title": "1", "text": "3"}, "b": {}})
    {'a': ['text'], 'b': ['page']}
    """
    found = {}
    for page in sorted({*before, *now}):
        if page not in before or page not in now:
            found[page] = ["page"]
        elif before[page] != now[page]:
            names = {*before[page], *now[page]}
            found[page] = sorted(name for name in names if before[page].get(name) != now[page].get(name))
    return found


def main() -> int:
    """Write, or compare and tell; the exit code."""
    options = _options()
    bench = Bench(folder=BENCH)
    if not bench.is_there:
        return no_bench("benchmarks.same", bench)
    rows = bench.manifest(options.sets)
    now = dict(_all(bench, rows))
    if options.write:
        options.write.write_text(json.dumps(now), encoding="utf-8")
        say(f"{len(now):,} pages are in {options.write}")
        return 0
    before = json.loads(options.against.read_text(encoding="utf-8"))
    found = differences(before, now)
    for page, names in list(found.items())[:NAMED]:
        say(f"{page}: {', '.join(names)}")
    counts = Counter(name for names in found.values() for name in names)
    told = "".join(f"; {name} {count:,}" for name, count in counts.most_common())
    say(f"{len(found):,} of {len(now):,} pages give something else{told}")
    return int(bool(found))


def _all(bench: Bench, rows: list[Row]) -> Iterator[tuple[str, Digests]]:
    parts = [rows[at : at + TOGETHER] for at in range(0, len(rows), TOGETHER)]
    with ProcessPoolExecutor() as pool:
        for part in pool.map(_part, [bench] * len(parts), parts):
            yield from part


def _part(bench: Bench, rows: list[Row]) -> list[tuple[str, Digests]]:
    pages = zip(rows, bench.pages(rows), strict=True)
    return [(row["id"], digests_of(page if isinstance(page, Refused) else extract(page))) for row, page in pages]


def _digest(value: object) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="", help="sets of the bench, with commas (default: all)")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", type=Path, metavar="FILE", help="keep what every page gives")
    way.add_argument("--against", type=Path, metavar="FILE", help="compare with what was kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
