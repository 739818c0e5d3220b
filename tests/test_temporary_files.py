"""What a crawl leaves in the temporary folder, whatever ends it; all other runs are asked for it by ``dateline``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import command_of
from tests.loopback import serving
from tests.paper import paper, stories

WAIT_S = 60


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGTERM, signal.SIGTERM), (signal.SIGKILL,)],
    ids=lambda signals: " ".join(number.name for number in signals),
)
def test_no_signal_makes_a_crawl_leave_temporary_files(
    tmp_path: Path, temporary: Path, signals: tuple[signal.Signals, ...]
) -> None:
    published = stories(3)
    oldest = published[0]  # it is asked for last; by then the workers have begun to start
    slow = {oldest.path: replace(oldest.reply, wait_s=2)}
    with serving(paper(published) | slow) as site, (tmp_path / "err").open("wb") as err:
        command = command_of("crawl", f"{site.base}/feed", "--allow", "127.0.0.0/8", "--delay", 0)
        process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "TMPDIR": str(temporary)}, stderr=err)
        until(lambda: oldest.path in site.asked)
        assert list(temporary.glob("*/listener-*"))
        for number in signals:
            process.send_signal(number)
            until(lambda: process.poll() is not None or "stopping" in (tmp_path / "err").read_text())
        process.wait(WAIT_S)
    until(lambda: list(temporary.iterdir()) == [])


def test_the_process_that_starts_workers_removes_their_folder_itself_whatever_it_has_imported(temporary: Path) -> None:
    script = (
        "import crawler.swept, crawler.workers\n"
        "worker = crawler.workers._context().Process(target=print)\n"
        "worker.start(); worker.join()"
    )
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    assert done.stderr == b""
    until(lambda: list(temporary.iterdir()) == [])


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
