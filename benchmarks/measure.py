"""What is measured of the records: the scorer's numbers, by set and by language."""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Answer, Bench, PageScore, Record, Row, Scorer
from benchmarks.parts import Part, extract_parts

NEWS = "news"  # these sets as one
NEWS_SETS = ("aeb", "fundus", "fundus_eval")
NO_LANGUAGE = "undeclared"
MANY_PAGES = 10  # fewer pages say little of their language
FEW_EACH = f"fewer than {MANY_PAGES} pages each"
FOLDED = {"nb": "no", "nn": "no"}  # written forms of one language
FEW_RESAMPLES = 2  # the scorer's least; its ± is of no use for a group

Summarise = Callable[[Sequence[PageScore], int], Mapping[str, Any]]  # the scorer's, of pages and resamples
Scores = dict[str, dict[str, float]]  # group → measure → value, fractions; "n": pages behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of the scorer's report: its key in the floor, its names in text and tables, its place in the report."""

    key: str
    title: str
    column: str
    path: tuple[str, str]
    more_is_better: bool = True
    learned_pages: float = 0.0  # by how many pages' worth another training on the same pages may differ

    def is_worse(self, value: float, than: float) -> bool:
        """Whether a value is on the wrong side of another."""
        return value < than if self.more_is_better else value > than


MEASURES = (
    Measure(key="f1", title="body F1", column="F1", path=("body", "f1"), learned_pages=0.75),
    Measure(
        key="near_perfect", title="near-perfect pages", column="≥ .95", path=("body", "near_perfect"), learned_pages=2
    ),
    Measure(
        key="failed",
        title="failed pages",
        column="< .5",
        path=("body", "failed"),
        more_is_better=False,
        learned_pages=1,
    ),
    Measure(
        key="leak_rate",
        title="pages with a leak",
        column="leak",
        path=("body", "leak_rate"),
        more_is_better=False,
        learned_pages=2,
    ),
    Measure(key="snippets", title="snippets right", column="snip", path=("snippets", "snippet_acc"), learned_pages=2),
    Measure(key="date_right", title="dates right", column="dates", path=("date", "right")),
    Measure(key="date_wrong", title="dates wrong", column="wrong", path=("date", "wrong"), more_is_better=False),
    Measure(key="title_exact", title="titles exact", column="title", path=("title", "exact")),
    Measure(key="author_f1", title="author F1", column="author", path=("authors", "f1")),
)
BODY_MEASURES = MEASURES[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One extractor's numbers: by set (and the news sets as one), by language of the pages with a body, by page."""

    by_set: Scores
    by_language: Scores
    pages: Sequence[PageScore]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Our records and numbers, on which pages, in how many seconds."""

    answers: Mapping[str, Answer]
    records: Mapping[str, Record]
    ours: Scored
    corpus: str
    wall_s: float


def whole(rows: Sequence[Row]) -> list[Part]:
    """All pages as one part, extracted as any user would."""
    return [Part(rows=rows)]


def measure(bench: Bench, out: Path, sets: str = "", parted: Callable[[Sequence[Row]], Sequence[Part]] = whole) -> Run:
    """Extract the bench's pages with the command and score the records; files are written to ``out``.

    ``parted`` says which pages are extracted together, and with which options: for a part that learns from the bench,
    each fold with the weights that were learned without it.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows, scorer = bench.manifest(sets), bench.scorer()
    answers = bench.answers(rows)
    began = time.monotonic()
    file = extract_parts(parted(rows), bench.dev, out)
    wall_s = time.monotonic() - began
    records = scorer.load_pred(str(file))
    report, pages = scorer.report(answers, records)
    _write_report(out, scorer, report, pages)
    return Run(
        answers=answers,
        records=records,
        ours=scored(scorer.summarise, answers, pages),
        corpus=bench.corpus_hash(rows),
        wall_s=wall_s,
    )


def scored(summarise: Summarise, answers: Mapping[str, Answer], pages: Sequence[PageScore]) -> Scored:
    """The pages' numbers as those of their sets and languages."""
    by_set = grouped(pages, lambda page: page["source_set"])
    news = [page for name in NEWS_SETS for page in by_set.get(name, ())]
    if all(name in by_set for name in NEWS_SETS):
        by_set = {NEWS: news, **by_set}
    bodies = [page for page in pages if "t" in page]
    by_language = _with_few(grouped(bodies, lambda page: language_of(answers[page["id"]])))
    return Scored(by_set=_scores(summarise, by_set), by_language=_scores(summarise, by_language), pages=pages)


def grouped(pages: Sequence[PageScore], key: Callable[[PageScore], str]) -> dict[str, list[PageScore]]:
    """Pages by their group."""
    groups: defaultdict[str, list[PageScore]] = defaultdict(list)
    for page in pages:
        groups[key(page)].append(page)
    return dict(groups)


def _with_few(groups: dict[str, list[PageScore]]) -> dict[str, list[PageScore]]:
    """The groups, and the small ones as one."""
    few = [page for pages in groups.values() if len(pages) < MANY_PAGES for page in pages]
    return groups | ({FEW_EACH: few} if few else {})


def language_of(answer: Answer) -> str:
    """The language that a page declares, without its region or script."""
    primary = (answer.get("html_lang") or NO_LANGUAGE).replace("_", "-").split("-")[0].strip().lower()
    return FOLDED.get(primary, primary)


def scores_of(summary: Mapping[str, Any]) -> dict[str, float]:
    """The measures that a summary of the scorer has, and ``n``, its pages."""
    found = ((m.key, summary.get(m.path[0], {}).get(m.path[1])) for m in MEASURES)
    return {"n": summary["n"]} | {key: value for key, value in found if value is not None}


def _scores(summarise: Summarise, groups: Mapping[str, Sequence[PageScore]]) -> Scores:
    return {name: scores_of(summarise(pages, FEW_RESAMPLES)) for name, pages in groups.items()}


def _write_report(out: Path, scorer: Scorer, report: dict[str, Any], pages: Sequence[PageScore]) -> None:
    """The scorer's own report and its line a page."""
    leaks = [{"id": page["id"], "leak": leak} for page in pages for leak in page.get("leaks", ())]
    (out / "report.json").write_text(json.dumps(report | {"leaks": leaks}, indent=1, ensure_ascii=False), "utf-8")
    with (out / "pages.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, scorer.CSV_COLS, extrasaction="ignore")
        table.writeheader()
        table.writerows({key: _cell(value) for key, value in page.items()} for page in pages)


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple) else value
