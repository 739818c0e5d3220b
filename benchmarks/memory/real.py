"""Real pages, each judged with the memory of the other pages of its site, by weights that have not seen the site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, Row
from benchmarks.memory.judging import judged_alone, judged_with, memory_of, others_of
from benchmarks.model.train import parts_of_folds
from benchmarks.table import Table
from crawler.extraction.model.judge import read
from crawler.identity import site_of
from crawler.items import Extract, Page, Refused

SET = "fundus_eval"  # five pages of each of eleven sites
PAGES_SEEN = (0, 1, 2, 4)  # other pages of the site
ASKED = {"f1": 0.965, "near_perfect": 0.85}
PROCESSES = 2

Predictions = dict[str, dict[str, Any]]  # id → the record as the scorer reads it


def real_table(bench: Bench) -> Table:
    """Body scores on the set by the other pages that were seen."""
    rows = bench.manifest(SET)
    scorer, answers = bench.scorer(), bench.answers(rows)
    sites = [(bench, pages, weights) for part, weights in parts_of_folds(bench, rows) for pages in _by_site(part)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(_judge, *zip(*sites, strict=True)))
    scores = []
    for number, seen in enumerate(PAGES_SEEN):
        predicted = {page: record for site in found for page, record in site[number].items()}
        report, _ = scorer.report(answers, predicted)
        body = report["by_set"][SET]["body"]
        scores.append((str(seen), f"{body['f1']:.2%}", f"{body['near_perfect']:.1%}"))
    return Table(
        title=f"{SET}: {len(rows)} pages, by the other pages of the site that were seen",
        columns=("pages seen", "body F1", "near-perfect"),
        rows=scores,
        notes=(f"asked with four: F1 {ASKED['f1']:.1%}, near-perfect {ASKED['near_perfect']:.0%}",),
    )


def _by_site(rows: Sequence[Row]) -> list[list[Row]]:
    sites: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sites[site_of(row["url"])].append(row)
    return list(sites.values())


def _judge(bench: Bench, rows: Sequence[Row], file: Path) -> list[Predictions]:
    """The site's records for each number of other pages seen; a page's own trace is always among what is learned."""
    weights = read(file.read_bytes())
    pages = judged_alone((page for page in bench.pages(rows) if isinstance(page, Page)), weights)
    found: list[Predictions] = []
    for seen in PAGES_SEEN:
        memories = [memory_of([pages[i], *others_of(pages, i, seen)]) for i in range(len(pages))]
        results = [judged_with(memory, p.page, weights) for memory, p in zip(memories, pages, strict=True)]
        found.append({row["id"]: _record(row["id"], result) for row, result in zip(rows, results, strict=True)})
    return found


def _record(page: str, result: Extract | Refused) -> dict[str, Any]:
    text = "\n\n".join(result.paragraphs) if isinstance(result, Extract) else ""
    return {"id": page, "text": text}
