"""What later runs over a site ask for: requests by kind, of whole runs of the command against a site on loopback.

    python -m benchmarks.incremental [--articles 1000] [--late 10]

The site has a front page with two sections, a feed, a news sitemap, and an archive of a hundred articles a sitemap. It
is crawled three times as it is and once more when it has published some more; then the same of a site that gives
neither validators nor lastmod. Exit code 1: an article was lost or written twice, or an unchanged one asked for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.table import Table, show
from crawler.robotstxt import ROBOTS_PATH
from crawler.tdmrep import TDMREP_PATH
from crawler.terminal import stdout_console
from tests.loopback import Reply, Served, serving
from tests.paper import paper, stories

RUNS = ("first", "second", "third", "after more")
COLUMNS = ("run", "requests", "pages of links", "feeds", "sitemaps", "of them 304", "articles", "written", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One run: what it asked for by kind, how often it was told that nothing had changed, what it wrote."""

    kinds: Counter[str]
    unchanged: int
    written: int
    seconds: float


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--late", type=int, default=10, help="articles published before the last run")
    options = parser.parse_args()
    is_right = True
    for has_validators, title in ((True, "ETag and lastmod"), (False, "neither ETag nor lastmod")):
        counted = list(measured(options.articles, options.late, has_validators=has_validators))
        show([table(title, options.articles, counted)], stdout_console())
        is_right &= [run.written for run in counted] == [options.articles, 0, 0, options.late]
        is_right &= [run.kinds["articles"] for run in counted[1:]] == [0, 0, options.late]
    return 0 if is_right else 1


def measured(articles: int, late: int, *, has_validators: bool) -> Iterator[Counted]:
    """The four runs over one site."""

    def site(count: int) -> Mapping[str, Reply]:
        replies = paper(stories(count), has_lastmod=has_validators)
        return replies if has_validators else {path: replace(reply, headers={}) for path, reply in replies.items()}

    with tempfile.TemporaryDirectory() as folder, serving(site(articles)) as served:
        data, before = Path(folder), 0
        for name in RUNS:
            if name == RUNS[-1]:
                served.replies.update(site(articles + late))
            counted = run(served, data, before)
            before += counted.written
            yield counted


def run(site: Served, data: Path, before: int) -> Counted:
    """One run of the command, and what it asked for; ``before`` it, so many lines were written."""
    site.asked.clear()
    site.statuses.clear()
    command = [sys.executable, "-m", "crawler.cli", "crawl", f"{site.base}/", "--data", str(data)]
    started = time.monotonic()
    subprocess.run([*command, "--allow", "127.0.0.0/8", "--delay", "0", "--quiet"], check=True)
    seconds = time.monotonic() - started
    lines = [line for file in (data / "articles").glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    if len({json.loads(line)["id"] for line in lines}) < len(lines):
        raise SystemExit("an article was written twice")
    kinds = Counter(map(kind_of, site.asked))
    unchanged = site.statuses.count(304)
    return Counted(kinds=kinds, unchanged=unchanged, written=len(lines) - before, seconds=seconds)


def kind_of(path: str) -> str:
    """What a path of the site leads to."""
    if path.startswith("/news/"):
        return "articles"
    if path.endswith(".xml"):
        return "sitemaps"
    return {"/feed": "feeds", ROBOTS_PATH: "wishes", TDMREP_PATH: "wishes"}.get(path, "pages of links")


def table(title: str, articles: int, counted: Sequence[Counted]) -> Table:
    """The runs, one a row; robots.txt and tdmrep.json are among the requests."""
    rows = [
        (
            name,
            f"{run.kinds.total():,}",
            *(str(run.kinds[kind]) for kind in COLUMNS[2:5]),
            str(run.unchanged),
            f"{run.kinds['articles']:,}",
            f"{run.written:,}",
            f"{run.seconds:.1f}",
        )
        for name, run in zip(RUNS, counted, strict=True)
    ]
    return Table(title=f"{articles:,} articles, {title}", columns=COLUMNS, rows=rows)


if __name__ == "__main__":
    sys.exit(main())
