"""Parts of the bench that are extracted apart, each with options of its own: what cross-validation needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Row

COMMAND = (sys.executable, "-m", "crawler.cli", "extract", "--no-memory")
SCORABLE = (0, 1)  # 1: single pages failed; they count as empty


class PartsError(Exception):
    """Parts that do not cover the pages once each, or an extraction that gave nothing to score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Pages of one extraction run, and what ``dateline extract`` is told for these alone."""

    rows: Sequence[Row]
    arguments: tuple[str, ...] = ()


def read_parts(file: Path, rows: Sequence[Row]) -> list[Part]:
    """The parts that a file names: JSON lines of ``{"ids": […], "arguments": […]}``.

    A line without ``ids`` takes every page that no line names. Ids that are not among ``rows`` are passed over, so
    that one file serves any choice of sets; each of ``rows`` must be in one part.
    """
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    named = {page for line in lines for page in line.get("ids", ())}
    parts = [_part(line, rows, named) for line in lines]
    times = Counter(row["id"] for part in parts for row in part.rows)
    wrong = [row["id"] for row in rows if times[row["id"]] != 1]
    if wrong:
        raise PartsError(f"{file}: {len(wrong)} pages are not in just one part, {wrong[0]} among them")
    return [part for part in parts if part.rows]


def _part(line: dict[str, Any], rows: Sequence[Row], named: set[str]) -> Part:
    ids = set(line["ids"]) if "ids" in line else {row["id"] for row in rows} - named
    return Part(rows=[row for row in rows if row["id"] in ids], arguments=tuple(map(str, line.get("arguments", ()))))


def extract_parts(parts: Sequence[Part], base: Path, out: Path) -> Path:
    """Extract every part with the command, one after the other; the file with the records of all."""
    lines = [_extract(part, base, out / f"part-{number}") for number, part in enumerate(parts, start=1)]
    records = out / "records.jsonl"
    records.write_bytes(b"".join(lines))
    return records


def _extract(part: Part, base: Path, stem: Path) -> bytes:
    """The lines of one part's records."""
    manifest, records = stem.with_suffix(".manifest.jsonl"), stem.with_suffix(".records.jsonl")
    manifest.write_text("".join(json.dumps(row) + "\n" for row in part.rows), encoding="utf-8")
    files = ["--manifest", str(manifest), "--base", str(base), "--output", str(records)]
    code = subprocess.run([*COMMAND, *files, *part.arguments], check=False).returncode
    if code not in SCORABLE:
        raise PartsError(f"the extraction ended with exit code {code}: nothing was scored")
    lines = records.read_bytes()
    manifest.unlink()
    records.unlink()
    return lines
