"""Train the block model on the bench's pages, in folds or on all.

    python -m benchmarks.model.train              the weights that ship: crawler/extraction/model/weights.json
    python -m benchmarks.model.train --folds      five times without a fifth of the sites, for benchmarks.quality

Needs the bench beside the checkout and the ``train`` extra (numpy, scikit-learn). Seeds are fixed; brands, not pages,
are parted, so that no number is of a site that was learned from. Folds are kept in build/model by what they were
trained from, and trained again only when that has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from threadpoolctl import threadpool_limits

from benchmarks.bench import BENCH, Bench, Row, no_bench
from benchmarks.model.odds import odds_table
from benchmarks.model.pages import FOLDS, Labelled, brand_of, fold_of, labelled_pages
from benchmarks.model.stages import fit_first, fit_second
from crawler.extraction.model.context import context_rows
from crawler.extraction.model.features import feature_rows
from crawler.extraction.model.judge import NAMES, read
from crawler.extraction.model.weights import FORMAT, Weights

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "crawler" / "extraction" / "model" / "weights.json"
BUILD = ROOT / "build" / "model"
LEARNERS = 2  # processes


def main() -> int:
    """Train, and write what was learned."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH, help="the bench's folder")
    parser.add_argument("--folds", action="store_true", help="the folds' weights, in place of those that ship")
    options = parser.parse_args()
    bench = Bench(folder=options.bench)
    if not bench.is_there:
        return no_bench("train", bench)
    rows = bench.manifest()
    _use_one_thread()
    if options.folds:
        fold_weights(bench, rows)
    else:
        SHIPPED.write_text(trained(list(labelled_pages(bench, rows))), encoding="utf-8")
        print(f"{SHIPPED}: {SHIPPED.stat().st_size / 1000:.0f} kB")
    return 0


def parts_of_folds(bench: Bench, rows: Sequence[Row]) -> list[tuple[Sequence[Row], Path]]:
    """Each fold's pages, and the weights that were learned without its sites; trained now where they are not there."""
    answers = bench.answers(rows)
    files = fold_weights(bench, bench.manifest())
    folds = {row["id"]: fold_of(brand_of(answers[row["id"]])) for row in rows}
    return [([row for row in rows if folds[row["id"]] == fold], file) for fold, file in enumerate(files)]


def fold_weights(bench: Bench, rows: Sequence[Row]) -> list[Path]:
    """A file of weights for each fold, learned from all other folds' pages."""
    folder = BUILD / _basis(bench, rows)[:16]
    files = [folder / f"fold-{fold}.json" for fold in range(FOLDS)]
    if not all(file.exists() for file in files):
        folder.mkdir(parents=True, exist_ok=True)
        print(f"training the block model in {FOLDS} folds …", file=sys.stderr)
        with ProcessPoolExecutor(LEARNERS) as learners:
            list(learners.map(_train_fold, [bench] * FOLDS, range(FOLDS), files))
    return files


def _use_one_thread() -> None:
    """Sums in one order, so that the same pages give the same weights."""
    threadpool_limits(limits=1)


def _train_fold(bench: Bench, fold: int, file: Path) -> None:
    _use_one_thread()
    pages = [page for page in labelled_pages(bench, bench.manifest()) if fold_of(page.brand) != fold]
    draft = file.with_suffix(".part")
    draft.write_text(trained(pages), encoding="utf-8")
    draft.replace(file)


def trained(pages: Sequence[Labelled]) -> str:
    """What is learned from pages, as JSON."""
    table = odds_table(pages)
    rows = [_rows(page, _only_odds(*table.without(page.brand))) for page in pages]
    labels, weights = [page.labels for page in pages], [page.weights for page in pages]
    folds = [fold_of(page.brand, "inner") for page in pages]
    unseen: dict[int, list[float]] = {}  # what the first stage says of pages that it did not learn from
    for fold in range(FOLDS):
        others = [i for i, f in enumerate(folds) if f != fold]
        first = _first(fit_first(*(np.concatenate([part[i] for i in others]) for part in (rows, labels, weights))))
        for i in (i for i, f in enumerate(folds) if f == fold):
            unseen[i] = [first.first(row) for row in rows[i].tolist()]
    context = [_context(page, unseen[i]) for i, page in enumerate(pages)]
    both = np.vstack([np.hstack(pair) for pair in zip(rows, context, strict=True)])
    names, words = table.without("")
    return _json(
        {
            "format": FORMAT,
            "features": NAMES,
            "names": {name: [round(odds, 3) for odds in zones] for name, zones in sorted(names.items())},
            "words": {word: round(odds, 3) for word, odds in sorted(words.items()) if round(odds, 1)},
            "first": fit_first(*map(np.concatenate, (rows, labels, weights))),
            "second": fit_second(both, np.concatenate(labels), np.concatenate(weights)),
        }
    )


def _rows(page: Labelled, odds: Weights) -> np.ndarray:
    return np.array(list(feature_rows(page.layout, odds).values()))


def _context(page: Labelled, first: Sequence[float]) -> np.ndarray:
    wanted = page.layout.wanted
    likely = [0.0] * len(page.layout.blocks)
    for i, p in zip(wanted, first, strict=True):
        likely[i] = p
    return np.array(list(context_rows(page.layout, likely, wanted)))


def _only_odds(names: Any, words: Any) -> Weights:
    return Weights(names=names, words=words, bias=0.0, slopes=(), start=0.0, trees=())


def _first(stage: dict[str, Any]) -> Weights:
    return Weights(names={}, words={}, bias=stage["bias"], slopes=stage["slopes"], start=0.0, trees=())


def _json(model: dict[str, Any]) -> str:
    """A line for each part, so that a change shows where it is."""
    dump = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    text = "{\n" + ",\n".join(f"{dump(key)}:{dump(value)}" for key, value in model.items()) + "\n}\n"
    read(text.encode())  # what cannot be read again is never written
    return text


def _basis(bench: Bench, rows: Sequence[Row]) -> str:
    """A hash of all that the weights follow from: pages, answers, learners, the code of extraction and training."""
    versions = f"{np.__version__} {sklearn.__version__}"
    basis = hashlib.sha256(f"{bench.corpus_hash(rows)} {versions}".encode())
    for file in sorted([*ROOT.glob("crawler/extraction/**/*"), *ROOT.glob("benchmarks/model/*.py")]):
        if file.suffix in (".py", ".toml"):
            basis.update(file.read_bytes())
    return basis.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
