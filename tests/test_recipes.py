"""The recipes of docs/reading.md print what the document says; those of tools that are not here are skipped."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.parts.manifest import entry, entry_name, part_name
from crawler.parts.shelf import shelf_at
from tests.collection import edited, record, write_day
from tests.conftest import assert_valid, records_in
from tests.recipes import DOCUMENT, blocks_of, printed_by

SECTIONS = blocks_of(DOCUMENT.read_text("utf-8"))
NEEDS = {
    "In the terminal": ("jq",),
    "In the browser": (),
    "What a cluster has written": ("jq", "duckdb"),
    "jq": ("jq",),
    "DuckDB": ("duckdb",),
    "pandas": ("pandas",),
    "Polars": ("polars",),
    "Hugging Face datasets": ("datasets",),
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl of the example newspaper, one of its articles edited, and an undated one."""
    folder = tmp_path_factory.mktemp("reading")
    crawl = [sys.executable, "-m", "tests.newspaper", "--port", "0", "--", "--data", folder / "data"]
    done = subprocess.run(crawl, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    records = [found for path in folder.glob("data/articles/*.jsonl") for found in records_in(path)]
    first = next(found for found in records if found["title"].startswith("Seaweed farm"))
    later = edited(first, 2, "2099-01-01T07:00:00Z", title="Seaweed farm wins its licence after all")
    undated = record(1, None, title="A notice without a date")
    undated["_dateline"].update(first_seen="2025-06-01T07:00:00Z", date_crawled="2025-06-01T07:00:00Z")
    for day, added in (("2025-06-01", undated), ("2099-01-01", later)):
        assert_valid(added)
        write_day(folder / "data", day, [added])
    for path in folder.glob("data/articles/*.jsonl"):
        write_part(folder / "cluster", path.name, path.read_bytes().splitlines(keepends=True))
    return folder


def write_part(cluster: Path, name: str, lines: list[bytes]) -> None:
    """The lines of a day as a worker writes them that is killed while it writes one again."""
    shelf, part = shelf_at(cluster), part_name(f"articles/{name}", name, 1)
    shelf.add(part, [*lines, lines[-1], lines[0][:100]])
    shelf.replace(entry_name(part), entry({part: sum(map(len, lines))}))


def missing(tools: tuple[str, ...]) -> list[str]:
    """Those of the tools that are not here; ``make recipes`` has all."""
    return [tool for tool in tools if not shutil.which(tool) and importlib.util.find_spec(tool) is None]


def test_each_section_of_recipes_is_known_and_tells_what_it_prints() -> None:
    assert list(SECTIONS) == list(NEEDS)
    for section, blocks in SECTIONS.items():
        assert {block.language for block in blocks} <= {"sh", "python", "sql"}, section
        assert any(block.printed for block in blocks), section


@pytest.mark.parametrize("section", NEEDS)
def test_a_recipe_prints_what_the_document_says(section: str, collection: Path, tmp_path: Path) -> None:
    if absent := missing(NEEDS[section]):
        must_run = os.environ.get("DATELINE_RECIPES") == "all"
        (pytest.fail if must_run else pytest.skip)(
            f"{', '.join(absent)}: not installed here (make recipes installs the libraries; apt install jq)"
        )
    shutil.copytree(collection / "data" / "articles", tmp_path / "data" / "articles")
    shutil.copytree(collection / "cluster", tmp_path / "cluster")
    blocks = SECTIONS[section]
    for block, printed in zip(blocks, printed_by(blocks, tmp_path), strict=True):
        assert printed == block.printed, f"docs/reading.md line {block.line}"


def test_the_recipes_for_a_spreadsheet_leave_no_formula(collection: Path, tmp_path: Path) -> None:
    if missing(("duckdb", "jq")):
        pytest.skip("duckdb or jq: not installed here")
    hostile = record(2, "2025-04-17", title="=HYPERLINK(1)", content_text="+1 is what he said.")
    write_day(tmp_path / "data", "2025-04-18", [hostile])
    blocks = [*SECTIONS["DuckDB"], *SECTIONS["In the terminal"]]
    writing = [block for block in blocks if any(word in block.code for word in ("CREATE VIEW", "COPY", "> day.csv"))]
    assert len([*printed_by(writing, tmp_path)]) == 3
    for name in ("day.csv", "day-by-duckdb.csv"):
        assert (tmp_path / name).read_text().splitlines()[1] == "'=HYPERLINK(1),'+1 is what he said."


def test_a_block_without_its_output_is_seen() -> None:
    text = "## A\n```sh\necho 1\n```\n\n```text\n1\n```\n\n```sql\nSELECT 1;\n```\n"
    first, second = blocks_of(text)["A"]
    assert (first.code, first.printed, first.line) == ("echo 1\n", "1\n", 2)
    assert (second.language, second.printed) == ("sql", "")


def test_the_versions_that_recipes_run_with_are_pinned() -> None:
    lines = Path(__file__).with_name("recipes").joinpath("requirements.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines)
    assert {"datasets", "duckdb", "pandas", "polars"} <= pinned.keys()
    core = (DOCUMENT.parents[1] / "requirements.txt").read_text()
    assert [name for name in pinned if f"\n{name}==" in core] == []
