"""The others: trafilatura measured on the same pages, and what the rest reached by the same scorer."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.bench import Answer, Bench
from benchmarks.measure import FEW_RESAMPLES, Scored, scored

HERE = Path(__file__).parent
PEER = "trafilatura"

Baselines = Mapping[str, Mapping[str, Mapping[str, float]]]  # set → extractor → measure → per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A line of goals.toml; ``reach`` is in per cent, or a ratio for ``cpu``."""

    title: str
    group: str
    measure: str
    reach: float


def read_baselines() -> Baselines:
    """What baselines.toml has."""
    baselines: Baselines = tomllib.loads((HERE / "baselines.toml").read_text(encoding="utf-8"))
    return baselines


def read_goals() -> list[Goal]:
    """What goals.toml has, in its order."""
    return [Goal(**goal) for goal in tomllib.loads((HERE / "goals.toml").read_text(encoding="utf-8"))["goal"]]


def peer_name() -> str:
    """Trafilatura with its version."""
    return f"{PEER} {version(PEER)}"


def measure_peer(bench: Bench, answers: Mapping[str, Answer], corpus: str, out: Path) -> Scored:
    """Trafilatura's numbers on these pages, run by the bench's own script; its records are kept for the next time."""
    kept = out / f"{PEER}-{version(PEER)}-{corpus[:16]}"
    sets = sorted({answer["source_set"] for answer in answers.values()})
    options = ["--gold", str(bench.dev), "--out", str(kept), "--only", PEER, "--sets", ",".join(sets)]
    subprocess.run(
        [sys.executable, str(bench.folder / "baselines.py"), *options], check=True, stdout=subprocess.DEVNULL
    )
    scorer = bench.scorer()
    records = scorer.load_pred(str(kept / f"{PEER}.jsonl"))
    return scored(scorer.summarise, answers, scorer.report(answers, records, boot=FEW_RESAMPLES)[1])
