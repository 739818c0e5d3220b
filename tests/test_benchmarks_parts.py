"""The bench in parts: each page in one part, each part with its own options, the records as one file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.parts import Part, PartsError, extract_parts, read_parts

ROWS = [{"id": f"page-{n}", "url": f"https://example.org/{n}", "path": f"own/page-{n}.html"} for n in (1, 2, 3)]
PAGE = """<html lang="{lang}"><head><title>Ferry {n} is back</title></head><body><article><h1>Ferry {n} is back</h1>
<p>The small ferry number {n} crosses the bay again after a winter in the dock, and the first morning boat was full.</p>
<p>Its captain said that the new engine is quieter than the gulls, which nobody on the pier had thought possible.</p>
<p>Tickets cost the same as last year, and dogs travel free on weekdays outside of the school holidays.</p>
</article></body></html>"""


def parts_file(tmp_path: Path, *lines: dict[str, object]) -> Path:
    file = tmp_path / "parts.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file


def test_parts_take_their_pages_and_the_rest_goes_to_the_line_without_ids(tmp_path: Path) -> None:
    file = parts_file(tmp_path, {"ids": ["page-2", "of-another-set"], "arguments": ["--language", "de"]}, {})
    assert read_parts(file, ROWS) == [
        Part(rows=[ROWS[1]], arguments=("--language", "de")),
        Part(rows=[ROWS[0], ROWS[2]]),
    ]


def test_a_part_without_a_page_is_left_out(tmp_path: Path) -> None:
    file = parts_file(tmp_path, {"ids": ["of-another-set"]}, {"ids": ["page-1", "page-2", "page-3"]})
    assert read_parts(file, ROWS) == [Part(rows=ROWS)]


def test_a_page_in_no_part_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PartsError, match="2 pages are not in just one part, page-1 among them"):
        read_parts(parts_file(tmp_path, {"ids": ["page-2"]}), ROWS)


def test_a_page_in_two_parts_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PartsError, match="1 pages are not in just one part, page-3 among them"):
        read_parts(parts_file(tmp_path, {"ids": ["page-3"]}, {"ids": ["page-3"]}, {}), ROWS)


def test_each_part_is_extracted_with_its_own_arguments(tmp_path: Path) -> None:
    for row in ROWS:
        page = tmp_path / "dev" / row["path"]
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(n=row["id"][-1], lang=""), encoding="utf-8")
    parts = [
        Part(rows=[ROWS[2]], arguments=("--language", "sv")),
        Part(rows=ROWS[:2], arguments=("--undated", "refuse")),
    ]
    lines = extract_parts(parts, tmp_path / "dev", tmp_path).read_text(encoding="utf-8").splitlines()
    swedish, *refused = map(json.loads, lines)
    assert (swedish["id"], swedish["language"]) == ("page-3", "sv")
    assert [(r["id"], r["_dateline"]["refused"]) for r in refused] == [("page-1", "undated"), ("page-2", "undated")]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["dev", "records.jsonl"]


def test_an_extraction_that_cannot_start_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PartsError, match="exit code 2"):
        extract_parts([Part(rows=ROWS, arguments=("--no-such-option",))], tmp_path, tmp_path)


def test_the_floor_cannot_be_raised_by_single_sets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.quality", "--sets", "own", "--raise-floor"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert ended.returncode == 2
    assert "--raise-floor is for all sets: leave out --sets" in ended.stderr


@pytest.mark.parametrize("program", ["quality", "cost"])
def test_without_a_bench_nothing_is_measured(tmp_path: Path, program: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{program}", "--bench", str(tmp_path / "none")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert ended.returncode == 2
    assert ended.stderr == f"{program}: no bench at {tmp_path / 'none'}: nothing was measured\n"
    assert list(tmp_path.iterdir()) == []
