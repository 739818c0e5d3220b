"""How fast a crawl is, beside others on the same replayed site, and beside what the extraction alone could do.

    python -m benchmarks.throughput                        300 articles on 7 hosts, three rounds
    python -m benchmarks.throughput --articles 2000 --hosts 17 --rounds 5
    python -m benchmarks.throughput --part quiet,start     what needs no bench

Parts: ``peers`` (pages a second, CPU and memory beside plain Scrapy with trafilatura inline and the trafilatura
command, in interleaved rounds, and beside the extraction of the same pages from memory), ``few`` (16 articles),
``quiet`` (a run over 20 sources that have nothing new) and ``start`` (CPU up to the first request). Ratios are of one
round. Our crawl ignores noindex, which the others do not read: 28 of the 146 pages ask not to be kept, and would not be
written. Choose hosts above articles / 146, so that no page's text returns on a host. Exit code 2: there is no bench.
"""

from __future__ import annotations

import argparse
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.bench import BENCH, Bench, no_bench
from benchmarks.table import Table, show
from crawler.extraction.extract import extract
from crawler.items import Page, Refused
from crawler.terminal import say, stdout_console
from crawler.workers import worker_count
from tests.loopback import Reply, serving
from tests.paper import paper, stories

PARTS = ("peers", "few", "quiet", "start")
NEED_BENCH = frozenset(("peers", "few"))
OURS = "dateline"
FEW, FEW_ROUNDS = 16, 5
QUIET_SOURCES, QUIET_ARTICLES, QUIET_RUNS = 20, 20, 3
START_RUNS = 5
TICKS_S = 0.01  # of /proc/PID/stat (proc(5): _SC_CLK_TCK, 100 on Linux)
_ROUND = re.compile(
    r"round \d+ (\S+) +exit +-?\d+ sent +\d+ records +(\d+) wall +[\d.]+ s"
    r" +([\d.]+) pages/s +([\d.]+|nan) CPU s/1k +(\d+) MB"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One system's crawl: pages a second, CPU milliseconds a page and MB of memory of all its processes."""

    records: int
    rate: float
    cpu_ms: float
    memory_mb: float


Rounds = Mapping[str, Sequence[Ran]]  # by system, in the order of the rounds


def crawled(articles: int, hosts: int, rounds: int, peers: Sequence[str]) -> Rounds:
    """The crawls of a replayed site by the peers and by us, in turn."""
    command = (
        f"cd $(dirname $BENCH_OUT) && rm -rf data && {shlex.quote(sys.executable)} -m crawler.cli crawl"
        " $(cat $BENCH_SITEMAPS) --allow 127.0.0.0/8 --delay 0 --quiet --ignore-noindex --output $BENCH_OUT"
    )
    options = {"pages": BENCH / "dev" / "fundus", "articles": articles, "hosts": hosts, "rounds": rounds}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    systems = (f"--peers={','.join(peers)}", f"--cmd={OURS}={command}")
    script = [sys.executable, BENCH / "crawl_peers.py", *arguments, *systems]
    found: defaultdict[str, list[Ran]] = defaultdict(list)
    with subprocess.Popen(list(map(str, script)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101  it was asked for
        for line in process.stdout:
            if match := _ROUND.match(line):
                say(line.rstrip())
                name, records, rate, cpu, memory = match.groups()
                ran = Ran(records=int(records), rate=float(rate), cpu_ms=float(cpu), memory_mb=float(memory))
                found[name].append(ran)
    return found


def most_pages_per_s(bench: Bench, pages: int) -> float:
    """What the extraction alone reaches: so many pages, from memory, in as many processes as a crawl has workers.

    Each is read once, as one of an unknown site, with its trace; a crawl reads the first seven of a site twice.
    """
    rows = bench.manifest("fundus")
    held = [page for page in bench.pages(rows) if not isinstance(page, Refused)]
    work = list(islice((page for _ in range(pages) for page in held), pages))
    with ProcessPoolExecutor(worker_count()) as pool:
        list(pool.map(_extract, held[: 2 * worker_count()]))  # warm
        began = time.perf_counter()
        list(pool.map(_extract, work, chunksize=4))
        return pages / (time.perf_counter() - began)


def _extract(page: Page) -> None:
    extract(page)


def peers_table(found: Rounds, limits: Sequence[float]) -> Table:
    """What each reached, and our ratio to each."""
    ours = found[OURS]
    rows = [
        (
            name,
            f"{_median([run.rate for run in runs]):.1f}",
            f"{_median([run.cpu_ms for run in runs]):.1f}",
            f"{_median([run.memory_mb for run in runs]):.0f}",
            f"{_median([run.records for run in runs]):.0f}",
            _ratio([own.rate / other.rate for own, other in zip(ours, runs, strict=True)]),
            _ratio([own.cpu_ms / other.cpu_ms for own, other in zip(ours, runs, strict=True)]),
        )
        for name, runs in found.items()
    ]
    limit = statistics.mean(limits)
    of_limit = _median([run.rate for run in ours]) / limit
    rows.append(("extraction alone", f"{limit:.1f}", "", "", "", f"{of_limit:.2f}", ""))
    before, after = limits
    return Table(
        title="Crawls of one replayed site",
        columns=("system", "pages/s", "CPU ms a page", "MB", "records", "our pages/s, times", "our CPU, times"),
        rows=rows,
        notes=(
            "Ratios are of the same round: median (least to most).",
            f"Extraction alone reached {before:.1f} pages a second before the crawls and {after:.1f} after them.",
        ),
    )


def quiet_cpu_s() -> list[float]:
    """CPU seconds of runs over sources that have nothing new, all processes together."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        hosts = [f"127.0.1.{number}" for number in range(1, QUIET_SOURCES + 1)]
        sites = [stack.enter_context(serving(paper(stories(QUIET_ARTICLES)), host)) for host in hosts]
        command = [*_crawl(Path(folder)), *(f"{site.base}/" for site in sites)]
        subprocess.run(command, check=True)
        return [_cpu_s(command) for _ in range(QUIET_RUNS)]


def start_cpu_s() -> Iterator[float]:
    """CPU seconds of the command up to its first request."""
    for _ in range(START_RUNS):
        with tempfile.TemporaryDirectory() as folder, serving({"/robots.txt": Reply(wait_s=1)}) as site:
            process = subprocess.Popen([*_crawl(Path(folder)), f"{site.base}/"])
            while not site.asked:
                time.sleep(0.005)
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            process.terminate()
            process.wait()
            yield (int(fields[11]) + int(fields[12])) * TICKS_S


def _crawl(folder: Path) -> list[str]:
    options = ("--allow", "127.0.0.0/8", "--delay", "0", "--quiet", "--data", str(folder))
    return [sys.executable, "-m", "crawler.cli", "crawl", *options]


def _cpu_s(command: Sequence[str]) -> float:
    """The CPU seconds of a command and of all that it waited for, measured in a process of its own."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.splitlines()[-1])


def main() -> int:
    """Measure and print; the exit code."""
    options = _options()
    bench = Bench(folder=BENCH)
    parts = options.part.split(",")
    if NEED_BENCH & set(parts) and not bench.is_there:
        return no_bench("benchmarks.throughput", bench)
    tables = []
    if "peers" in parts:
        limits = [most_pages_per_s(bench, options.articles)]
        found = crawled(options.articles, options.hosts, options.rounds, options.peers.split(","))
        limits.append(most_pages_per_s(bench, options.articles))
        tables.append(peers_table(found, limits))
    if "few" in parts:
        found = crawled(FEW, 7, FEW_ROUNDS, ["scrapy"])
        ratios = [own.rate / other.rate for own, other in zip(found[OURS], found["scrapy"], strict=True)]
        tables.append(_line(f"{FEW} articles: our pages a second, times plain Scrapy's", ratios))
    if "quiet" in parts:
        tables.append(_line(f"CPU s of a run over {QUIET_SOURCES} sources with nothing new", quiet_cpu_s()))
    if "start" in parts:
        tables.append(_line("CPU s up to the first request", list(start_cpu_s())))
    show(tables, stdout_console())
    return 0


def _line(title: str, values: Sequence[float]) -> Table:
    cells = (f"{_median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}")
    return Table(title=title, columns=("median", "least", "most"), rows=[cells], words=0)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _ratio(values: Sequence[float]) -> str:
    return f"{_median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default=",".join(PARTS), help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="scrapy,trafilatura", help="of scrapy, trafilatura, news-please")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
