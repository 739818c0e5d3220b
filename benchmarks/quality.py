"""Extraction quality on real pages: ``dateline extract`` over the bench, scored, held against the floor.

    python -m benchmarks.quality [--sets aeb,fundus] [--raise-floor]

Reads ../shared/bench (``--bench``), writes predictions, the scorer's report and a table to build/quality (``--out``).
The floor, benchmarks/floor.json, holds what is reached, and the hash of the pages it was reached on. Exit code 0: no
score is below it; 1: one is, or the pages are others; 2: there is no bench, and nothing was measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FLOOR = HERE / "floor.json"
NEWS_SETS = ("aeb", "fundus", "fundus_eval")
TOLERANCE = 0.0005  # rounding, not slack: the same pages and versions give the same scores
COMMAND = [sys.executable, "-m", "crawler.cli"]
NO_BENCH = 2
SCORABLE = (0, 1)  # 1: single pages failed; they count as empty

# (name in the floor, what it is called in the table, path in the scorer's report, whether more is better)
Measure = tuple[str, str, tuple[str, str], bool]
MEASURES: tuple[Measure, ...] = (
    ("f1", "body F1", ("body", "f1"), True),
    ("near_perfect", "near-perfect pages", ("body", "near_perfect"), True),
    ("failed", "failed pages", ("body", "failed"), False),
    ("leak_rate", "pages with a leak", ("body", "leak_rate"), False),
    ("snippets", "snippets right", ("snippets", "snippet_acc"), True),
    ("date_right", "dates right", ("date", "right"), True),
    ("date_wrong", "dates wrong", ("date", "wrong"), False),
    ("title_exact", "titles exact", ("title", "exact"), True),
    ("author_f1", "author F1", ("authors", "f1"), True),
)

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

Scores = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was measured: scores by set and measure (fractions), on which pages, in how many seconds."""

    scores: Scores
    corpus: str
    wall_s: float


def main() -> int:
    """Measure, print the table, hold it against the floor."""
    options = _options()
    if not (options.bench / "score.py").is_file():
        print(f"quality: no bench at {options.bench}: nothing was measured", file=sys.stderr)
        return NO_BENCH
    run = measure(options.bench, options.out, options.sets)
    table = "\n".join(table_lines(run))
    (options.out / "table.md").write_text(table + "\n", encoding="utf-8")
    print(table)
    if options.raise_floor:
        return raise_floor(run)
    faults = list(below_floor(run, json.loads(FLOOR.read_text(encoding="utf-8"))))
    for fault in faults:
        print(f"quality: {fault}", file=sys.stderr)
    print(
        f"\nreport: {options.out / 'report.json'} · table: {options.out / 'table.md'} · "
        f"floor: {'below' if faults else 'held'}"
    )
    return 1 if faults else 0


def measure(bench: Path, out: Path, sets: str = "") -> Run:
    """Extract the bench's pages with the command and score the records; files are written to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    manifest, records, report = out / "manifest.jsonl", out / "records.jsonl", out / "report.json"
    chosen = ["--sets", sets] if sets else []
    lines = _output([sys.executable, str(bench / "manifest.py"), str(bench / "dev"), *chosen])
    manifest.write_text(lines, encoding="utf-8")
    began = time.monotonic()
    extract = ["extract", "--manifest", manifest, "--base", bench / "dev", "--output", records, "--no-memory"]
    code = subprocess.run([*COMMAND, *map(str, extract)], check=False).returncode
    if code not in SCORABLE:
        raise SystemExit(f"quality: the extraction ended with exit code {code}: nothing was scored")
    wall_s = time.monotonic() - began
    score = ["--gold", bench / "dev", "--pred", records, "--out", report, "--per-page", out / "pages.csv", *chosen]
    _output([sys.executable, str(bench / "score.py"), *map(str, score)])
    by_set = json.loads(report.read_text(encoding="utf-8"))["by_set"]
    news = _pooled_news(bench, records, by_set)
    scores = {name: _scores_of(summary) for name, summary in {"news": news, **by_set}.items() if summary}
    return Run(scores=scores, corpus=_corpus_hash(bench / "dev", manifest), wall_s=wall_s)


def table_lines(run: Run) -> Iterator[str]:
    """A Markdown table: each cell is ours, and behind the stroke trafilatura's, in per cent."""
    yield "| set | " + " | ".join(title for _, title, _, _ in MEASURES) + " |"
    yield "|---|" + "--:|" * len(MEASURES)
    for name, scores in run.scores.items():
        peers = TRAFILATURA.get(name, (None,) * len(MEASURES))
        yield (
            f"| {name} | "
            + " | ".join(_cell(scores.get(m[0]), peer) for m, peer in zip(MEASURES, peers, strict=True))
            + " |"
        )
    yield ""
    yield f"ours / trafilatura 2.3.1, in per cent; news: aeb, fundus and fundus_eval pooled; {run.wall_s:.0f} s"


def below_floor(run: Run, floor: Mapping[str, Any]) -> Iterator[str]:
    """What fell below the floor, a sentence each."""
    if run.corpus != floor["corpus"]:
        yield f"the pages are others than those of the floor ({run.corpus[:12]}, not {floor['corpus'][:12]})"
        return
    for name, kept in floor["scores"].items():
        for key, title, _, more_is_better in MEASURES:
            if key not in kept:
                continue
            now, least = run.scores[name][key], kept[key]
            if (now < least - TOLERANCE) if more_is_better else (now > least + TOLERANCE):
                yield f"{name}: {title} {100 * now:.2f} %, the floor is {100 * least:.2f} %"


def raise_floor(run: Run) -> int:
    """Write what was measured as the new floor."""
    rounded = {name: {key: round(value, 5) for key, value in scores.items()} for name, scores in run.scores.items()}
    floor = {"corpus": run.corpus, "scores": rounded}
    FLOOR.write_text(json.dumps(floor, indent=1) + "\n", encoding="utf-8")
    print(f"floor written: {FLOOR}")
    return 0


def _cell(own: float | None, peer: float | None) -> str:
    if own is None:
        return ""
    return f"{100 * own:.1f}" + (f" / {peer:.1f}" if peer is not None else "")


def _scores_of(summary: Mapping[str, Any]) -> dict[str, float]:
    found = ((key, summary.get(group, {}).get(name)) for key, _, (group, name), _ in MEASURES)
    return {key: value for key, value in found if value is not None}


def _pooled_news(bench: Path, records: Path, by_set: Mapping[str, Any]) -> Mapping[str, Any]:
    """The news sets as one, by the scorer; empty when not all of them were asked for."""
    if not set(NEWS_SETS) <= set(by_set):
        return {}
    report = records.with_name("news.json")
    ask = ["--gold", bench / "dev", "--pred", records, "--out", report, "--sets", ",".join(NEWS_SETS)]
    _output([sys.executable, str(bench / "score.py"), *map(str, ask)])
    pooled: Mapping[str, Any] = json.loads(report.read_text(encoding="utf-8"))["pooled"]
    return pooled


def _corpus_hash(dev: Path, manifest: Path) -> str:
    """A hash of every page and every answer that was used."""
    pages = [dev / json.loads(line)["path"] for line in manifest.read_text(encoding="utf-8").splitlines()]
    answers = sorted({page.parent / "gold.jsonl" for page in pages})
    whole = hashlib.sha256()
    for file in (*answers, *pages):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=HERE.parents[1] / "shared" / "bench", help="the bench's folder")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "quality", help="folder for the reports")
    parser.add_argument("--sets", default="", help="these sets only, comma-separated; the floor is of all")
    parser.add_argument("--raise-floor", action="store_true", help="write what is measured as the new floor")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
