"""What a Dask worker runs: a task is a crawling process, watched from here, in a thread.

Imported where Dask is alone: by workers, and by a command that hands out to them.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from distributed import get_worker

from crawler import __version__
from crawler.cluster.work import Work
from crawler.told import Told

START_WITHIN_S = 60.0  # on a busy machine
SILENT_S = 20.0  # a process that says nothing for so long, or for as long as leases last, is ended
COME = "dateline"  # Dask's name for the events that tell how far crawls have come
STOP_WITHIN_S = 20.0  # once it was asked to: some more than what a crawl takes at most


_processes: dict[str, subprocess.Popen[bytes]] = {}  # of this worker, by the id of their work


def crawl(work: Work) -> Told | None:
    """Crawl in a process of its own; None where it died, or was silent for so long that it was ended."""
    ours, theirs = Pipe()
    command = [sys.executable, "-P", "-m", "crawler.cluster.child", str(theirs.fileno())]
    # a group of its own: a Ctrl-C in the terminal is for who has started the crawl
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], process_group=0) as process:  # noqa: S603  our own
        theirs.close()
        _processes[work.id] = process
        try:
            return _heard(work, process, ours)
        finally:
            del _processes[work.id]
            with suppress(ProcessLookupError):  # all that it has started, too
                os.killpg(process.pid, signal.SIGKILL)


def _heard(work: Work, process: subprocess.Popen[bytes], line: Connection) -> Told | None:
    wait_s = START_WITHIN_S + work.lease_s
    with suppress(EOFError, OSError):
        line.send(work)
        while line.poll(wait_s):
            said = line.recv()
            if isinstance(said, Told):
                with suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_WITHIN_S)
                return said
            get_worker().log_event(COME, {"id": work.id, "come": asdict(said)})
            wait_s = max(work.lease_s, SILENT_S)
    return None


def stop(ids: list[str]) -> None:
    """Ask the processes of these works to save and end."""
    for process in [process for id_, process in list(_processes.items()) if id_ in ids]:
        process.send_signal(signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Program:
    """What is installed at a place."""

    version: str
    digest: str  # of its files: two checkouts may call themselves by one version

    def __str__(self) -> str:
        return f"dateline {self.version} ({self.digest[:8]})"


@cache
def program() -> Program:
    """The program that runs here."""
    root = Path(__file__).parents[2]
    digest = hashlib.blake2b(digest_size=8)
    for package in ("crawler", "spiders", "pipelines"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return Program(__version__, digest.hexdigest())
