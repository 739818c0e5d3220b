"""The bench: pages of other people's sites with other people's answers, its manifest and its scorer."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from crawler.items import Page, Refused
from crawler.saved import SavedPage, load_page

BENCH = Path(__file__).resolve().parents[2] / "shared" / "bench"
NO_BENCH = 2  # exit code

Row = Mapping[str, Any]  # a line of the manifest: id, url, path, encoding?, fetched_at?
Answer = Mapping[str, Any]  # a line of a gold.jsonl
Record = Mapping[str, Any]  # a line of predictions, ours or another extractor's
PageScore = dict[str, Any]  # the scorer's numbers of one page


class Scorer(Protocol):
    """What is used of the bench's score.py; its own docstring defines every measure."""

    CSV_COLS: Sequence[str]

    def load_pred(self, file: str) -> dict[str, Record]: ...
    def report(
        self, gold: Mapping[str, Answer], pred: Mapping[str, Record], *, boot: int = 200
    ) -> tuple[dict[str, Any], list[PageScore]]: ...
    def summarise(self, pages: Sequence[PageScore], boot: int = 200, /) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The bench in its folder."""

    folder: Path

    @property
    def is_there(self) -> bool:
        """Whether there is something to measure on."""
        return (self.folder / "score.py").is_file()

    @property
    def dev(self) -> Path:
        """The folder that the manifest's paths start from."""
        return self.folder / "dev"

    def manifest(self, sets: str = "") -> list[Row]:
        """The pages of these sets (comma-separated; all, if none is named), in the order of the bench."""
        command = [sys.executable, str(self.folder / "manifest.py"), str(self.dev), *(["--sets", sets] if sets else [])]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def pages(self, rows: Sequence[Row]) -> Iterator[Page | Refused]:
        """The pages as the command reads them, one at a time; those without a day count as fetched today."""
        today = dt.datetime.now(dt.UTC).date()
        for row in rows:
            fetched_at = dt.date.fromisoformat(row["fetched_at"]) if "fetched_at" in row else today
            path = self.dev / row["path"]
            yield load_page(SavedPage(path=path, url=row["url"], fetched_at=fetched_at, encoding=row.get("encoding")))

    def answers(self, rows: Sequence[Row]) -> dict[str, Answer]:
        """The answers to these pages by id."""
        lines = (line for file in self._answer_files(rows) for line in file.read_text(encoding="utf-8").split("\n"))
        answers = {answer["id"]: answer for answer in map(json.loads, filter(str.strip, lines))}
        return {row["id"]: answers[row["id"]] for row in rows}

    def scorer(self) -> Scorer:
        """The bench's own scorer, as a module."""
        spec = importlib.util.spec_from_file_location("bench_score", self.folder / "score.py")
        assert spec is not None  # noqa: S101  a path that ends in .py has a loader
        assert spec.loader is not None  # noqa: S101
        module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        scorer: Scorer = module
        return scorer

    def corpus_hash(self, rows: Sequence[Row]) -> str:
        """A hash of every page and every answer that is used."""
        whole = hashlib.sha256()
        for file in (*self._answer_files(rows), *(self.dev / row["path"] for row in rows)):
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()

    def _answer_files(self, rows: Sequence[Row]) -> list[Path]:
        return sorted({(self.dev / row["path"]).parent / "gold.jsonl" for row in rows})


def no_bench(program: str, bench: Bench) -> int:
    """Say that nothing was measured; the exit code."""
    print(f"{program}: no bench at {bench.folder}: nothing was measured", file=sys.stderr)
    return NO_BENCH
