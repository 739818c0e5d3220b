"""The benchmark of exports: its records are records, and a cost is that of a whole run."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.exports import Cost, cost_of, cost_table, lines_in, made_records
from tests.conftest import assert_valid, command_of, records_in


def test_made_records_are_valid_and_the_same_each_time(tmp_path: Path) -> None:
    made = list(made_records(200))
    assert made == list(made_records(200))
    for record in made[::20]:
        assert_valid(record)
    versions = Counter(record["_dateline"]["version"] for record in made)
    assert versions[1] == 190
    size = lines_in(tmp_path / "data", 200)
    files = sorted((tmp_path / "data" / "articles").iterdir())
    assert sum(path.stat().st_size for path in files) == size
    assert sum(len(records_in(path)) for path in files) == 200


def test_the_cost_of_an_export_is_told(tmp_path: Path) -> None:
    lines_in(tmp_path / "data", 200)
    out = tmp_path / "out"
    cost = cost_of(
        "parquet", command_of("export", "--to", "parquet", "--data", tmp_path / "data", "--output", out), out
    )
    assert cost.files == len([*out.rglob("*.parquet")]) > 100
    assert cost.size_mb == pytest.approx(sum(path.stat().st_size for path in out.rglob("*.parquet")) / 1e6)
    assert cost.cpu_s > 0
    assert cost.peak_mb > 20


def test_an_export_that_fails_has_no_cost(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        cost_of("none", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_a_table_of_costs_has_lines_a_second() -> None:
    cost = Cost(name="a", wall_s=2.0, cpu_s=1.5, peak_mb=40.0, size_mb=3.0, files=7)
    assert cost_table([cost], 1000, 10**6).rows == [("a", "500", "2.0", "1.5", "40", "7", "3")]
