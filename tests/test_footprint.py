"""The memory that a crawl may hold: what is counted, and how a crawl that holds too much ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from crawler.footprint import held_bytes
from tests.conftest import Answer, Result, SmallSite, article_html, command_of, records_in
from tests.newspaper import serve

Dateline = Callable[..., Result]
ARTICLE = "/news/bridge-closed-after-the-storm.html"
MB = 1_000_000
HOLD = f"data = bytearray(b'x') * (64 * {MB}); print('held', flush=True); input()"


def crawl_of(site: SmallSite, *arguments: object) -> list[object]:
    site.answers[ARTICLE] = Answer(article_html())
    return ["crawl", site.url + ARTICLE, "--allow", "127.0.0.0/8", "--delay", "0", "--output", "out.jsonl", *arguments]


def test_what_a_started_process_holds_is_counted_while_it_runs() -> None:
    before = held_bytes()
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        child.stdout.readline()
        during = held_bytes()
        child.stdin.close()
        child.wait()
    assert 60 * MB < during - before < 100 * MB
    assert held_bytes() < before + 10 * MB


def test_a_crawl_that_is_started_by_a_large_program_is_not_taken_for_large(
    tmp_path: Path, small_site: SmallSite
) -> None:
    command = [str(part) for part in command_of(*crawl_of(small_site))]
    program = (
        f"import subprocess; held = bytearray(b'x') * (600 * {MB}); raise SystemExit(subprocess.call({command!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(records_in(tmp_path / "out.jsonl")) == 1


def test_a_crawl_that_holds_too_much_ends_with_code_70_and_the_next_goes_on(dateline: Dateline, tmp_path: Path) -> None:
    with serve() as newspaper:
        urls = newspaper.front_pages
        crawl = ["crawl", *urls, "--allow", "127.0.0.0/8", "--output", "out.jsonl"]
        ended = dateline(*crawl, "--delay", "1", "--max-memory", "20M")
        (error,) = ended.errors
        assert ended.code == 70
        assert error.startswith("dateline: stopped, as it held ")
        assert "more than the 21 MB that a crawl may" in error
        (report,) = (json.loads(path.read_text("utf-8")) for path in tmp_path.glob("data/reports/*.json"))
        assert (report["finish_reason"], f"dateline: {report['error']}") == ("memory", error)
        assert dateline(*crawl, "--delay", "0").code == 0
        assert len(records_in(tmp_path / "out.jsonl")) == len(newspaper.expected())
