"""What a watched crawl's samples say, and how a tree of processes is looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cost import warmed
from benchmarks.long_crawl import EARLY, WINDOW, watched
from benchmarks.memory.small import page_of
from benchmarks.processes import Lines, Sample, samples, tree_use
from tests.small_sites import small_sites

MB = 1_000_000


def test_windows_are_of_the_same_number_of_pages_and_lie_between_samples() -> None:
    cheap = [Sample(lines=n, cpu_s=0.050 * n, resident_bytes=400 * MB) for n in range(0, 5_000, 70)]
    dear = [Sample(lines=n, cpu_s=250 + 0.060 * (n - 5_000), resident_bytes=420 * MB) for n in range(5_000, 10_001, 50)]
    found = watched([*cheap, *dear], 10_000)
    assert EARLY + WINDOW < 4_900
    assert (found.lines, found.early_mb, found.peak_mb) == (10_000, 400, 420)
    assert (found.early_ms, found.late_ms) == (pytest.approx(50), pytest.approx(60))
    assert not found.is_held  # a fifth more CPU
    assert watched(cheap, cheap[-1].lines).is_held


def test_lines_are_counted_as_they_come(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "out.jsonl")
    assert lines.count() == 0
    with (tmp_path / "out.jsonl").open("w") as file:
        for text, count in (("a\nb", 1), ("\n", 2), ("", 2), ("c\n", 3)):
            file.write(text)
            file.flush()
            assert lines.count() == count


def test_a_tree_holds_what_a_process_has_started() -> None:
    child = "import sys; held = bytearray(30_000_000); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        _, child_bytes = tree_use(process.pid)
        cpu_s, both_bytes = tree_use(os.getpid())
        process.stdin.close()
    assert child_bytes > 30_000_000
    assert both_bytes > child_bytes
    assert cpu_s > 0


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        list(samples([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "out.jsonl"))


def test_warm_pages_know_what_the_others_of_their_site_have_taught() -> None:
    pages = [page_of(page) for page in small_sites()[0].pages()]
    known = warmed(pages)
    assert [page.url for page in known] == [page.url for page in pages]
    assert all(warm.site != cold.site for warm, cold in zip(known, pages, strict=True))
    assert warmed(pages[:1]) == []
