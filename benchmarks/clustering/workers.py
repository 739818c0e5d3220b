"""A Dask scheduler and workers as processes of their own, which can be killed and paused with the crawls they run."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.processes import LOOK_EVERY_S, own_use


class Blow(StrEnum):
    """What is done to a worker."""

    KILL_BOTH = "worker and crawl killed"
    KILL_WORKER = "worker killed, its crawl left alone"
    KILL_CRAWL = "crawl killed, its worker left alone"
    PAUSE_BOTH = "worker and crawl paused, then woken"
    PAUSE_CRAWL = "crawl paused, then woken"
    PAUSE_WORKER = "worker paused, then woken"


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A scheduler and its workers."""

    address: str
    cores: tuple[int, ...] = ()  # to which each worker with its crawls is bound, in turn; none: all
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, count: int = 1) -> None:
        """Start so many workers, with one slot each."""
        for _ in range(count):
            command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--host", "127.0.0.1"]
            command += [
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--memory-limit",
                "0",
                "--death-timeout",
                "60",
            ]
            bound = ["taskset", "-c", str(self.cores[len(self.workers) % len(self.cores)])] if self.cores else []
            self.workers.append(subprocess.Popen([*bound, *command], stderr=subprocess.DEVNULL, process_group=0))

    def busy(self) -> list[tuple[subprocess.Popen[bytes], int]]:
        """The workers that have a crawl under way, each with the crawl's process id."""
        found = ((worker, _crawl_of(worker.pid)) for worker in self.workers if worker.poll() is None)
        return [(worker, crawl) for worker, crawl in found if crawl]

    def strike(self, blow: Blow, chance: random.Random, pause_s: float) -> bool:
        """Hit a worker that has a crawl under way; one that is killed is replaced. False where none has one."""
        if not (busy := self.busy()):
            return False
        worker, crawl = chance.choice(busy)
        pids = [crawl] if blow in {Blow.KILL_CRAWL, Blow.PAUSE_CRAWL} else [worker.pid]
        pids += [crawl] if blow in {Blow.KILL_BOTH, Blow.PAUSE_BOTH} else []
        if blow in {Blow.KILL_BOTH, Blow.KILL_WORKER, Blow.KILL_CRAWL}:
            _send(pids, signal.SIGKILL)
            if worker.pid in pids:
                worker.wait()
                self.workers.remove(worker)
                self.add()
            return True
        _send(pids, signal.SIGSTOP)
        time.sleep(pause_s)
        _send(pids, signal.SIGCONT)
        return True


@contextmanager
def clustered(workers: int, cores: tuple[int, ...] = ()) -> Iterator[Cluster]:
    """A cluster on loopback until the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    scheduler = subprocess.Popen([*command, "--no-dashboard", "--no-jupyter"], stderr=subprocess.DEVNULL)
    cluster = Cluster(address=f"tcp://127.0.0.1:{port}", cores=cores)
    try:
        cluster.add(workers)
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            _send([process.pid], signal.SIGCONT)
            process.terminate()
        for process in (*cluster.workers, scheduler):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(slots=True)
class Strikes:
    """Blows that fall on a cluster at random moments, from a thread, until they are over."""

    cluster: Cluster
    blows: list[Blow]
    every_s: float  # on average
    pause_s: float
    seed: int
    fallen: list[Blow] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._strike)

    def __enter__(self) -> Strikes:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _strike(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311  repeatable, not secret
        left = list(self.blows)
        while left and not self._is_over.wait(chance.uniform(0.5, 1.5) * self.every_s):
            if self.cluster.strike(left[0], chance, self.pause_s):
                self.fallen.append(left.pop(0))


class Clock:
    """CPU seconds of a cluster's workers and of all that comes of them, looked at twice a second while they run."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._used: dict[int, float] = {}  # by process
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Clock:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def cpu_s(self) -> float:
        """What was used until now, but for the last moments of processes that have ended."""
        return sum(self._used.values())

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_EVERY_S):
            for worker in list(self._cluster.workers):
                self._used |= own_use(worker.pid)


def _crawl_of(worker: int) -> int | None:
    """The crawling process that a worker has started."""
    for started in Path(f"/proc/{worker}/task").glob("*/children"):
        with suppress(OSError):
            for child in started.read_text().split():
                if b"crawler.cluster.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
    return None


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
