"""The floor: what has been reached, and the pages it was reached on; no score may fall below it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import MEASURES, Scores

FLOOR = Path(__file__).with_name("floor.json")
TOLERANCE = 0.0005  # rounding, not slack: the same pages, versions and weights give the same scores


def read_floor() -> Mapping[str, Any]:
    """``corpus``, the hash of the pages, and ``scores``: set → measure → fraction."""
    floor: Mapping[str, Any] = json.loads(FLOOR.read_text(encoding="utf-8"))
    return floor


def below_floor(scores: Scores, corpus: str, floor: Mapping[str, Any]) -> Iterator[str]:
    """What fell below the floor, a sentence each."""
    if corpus != floor["corpus"]:
        yield f"the pages are others than those of the floor ({corpus[:12]}, not {floor['corpus'][:12]})"
        return
    for name, kept in floor["scores"].items():
        for measure in MEASURES:
            if measure.key not in kept:
                continue
            now, least = scores[name][measure.key], kept[measure.key]
            slack = TOLERANCE + measure.learned_pages / scores[name]["n"]  # each machine trains the folds for itself
            if measure.is_worse(now, least - slack if measure.more_is_better else least + slack):
                yield f"{name}: {measure.title} {100 * now:.2f} %, the floor is {100 * least:.2f} %"


def raise_floor(scores: Scores, corpus: str, file: Path = FLOOR) -> None:
    """Write what was measured as the new floor."""
    keys = {measure.key for measure in MEASURES}
    rounded = {name: {k: round(v, 5) for k, v in values.items() if k in keys} for name, values in scores.items()}
    file.write_text(json.dumps({"corpus": corpus, "scores": rounded}, indent=1) + "\n", encoding="utf-8")
