"""A real crawl whose extraction processes crash, hang, are killed and eat: each such page costs itself alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from crawler.items import Outcome
from tests.conftest import records_in
from tests.hostile.articles import article
from tests.hostile.case import Case, Reply
from tests.hostile.outlets import NETWORK, serving

BAD = tuple(f"/news/outlet-{what}-9" for what in ("crashes", "hangs", "eats", "is-killed"))
ROOT = Path(__file__).parent.parent


def test_pages_that_cost_a_process_cost_themselves_alone_and_are_not_tried_for_ever(tmp_path: Path) -> None:
    pages = {path: Reply(body=article(path.removeprefix("/news/")).html, is_literal=True) for path in BAD}
    case = Case(name="outlet", good=10, pages=pages, ends=dict.fromkeys(BAD, Outcome.EXTRACTION_FAILED))
    goods = [case.article(n) for n in range(1, case.good + 1)]
    with serving([case]) as web:
        outlet = web.outlets[case.name]
        runs = [crawl(tmp_path, outlet.address(case.start)) for _ in range(3)]
    records = [record for path in tmp_path.glob("data/articles/*.jsonl") for record in records_in(path)]
    assert sorted(record["url"] for record in records) == sorted(map(outlet.address, goods))
    assert [count for count, _ in runs] == [{"saved": 10, "extraction failed": 4}, {"extraction failed": 4}, {}]
    assert all(log.count(f"{path}: extraction failed") == 1 for _, log in runs[:2] for path in BAD)
    assert all(outlet.asked.count(path) == 2 for path in BAD)


def crawl(folder: Path, url: str) -> tuple[dict[str, int], str]:
    """The counts and the log of one crawl."""
    log = folder / "crawl.log"
    log.unlink(missing_ok=True)
    options = ("--data", folder / "data", "--allow", NETWORK, "--delay", "0", "--all", "--log", log)
    command = [sys.executable, "-m", "tests.crashing", "crawl", url, *map(str, options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    report = max(folder.glob("data/reports/*.json"), key=lambda path: path.stat().st_mtime)
    outcomes: dict[str, int] = json.loads(report.read_text("utf-8"))["outcomes"]
    return outcomes, log.read_text("utf-8")
