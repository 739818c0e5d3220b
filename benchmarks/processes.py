"""What a command and all processes that come of it use, told by /proc while they run (Linux)."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = resource.getpagesize()
LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What had come of a command at a moment: lines written, CPU seconds used, bytes resident in all its processes.

    What processes share counts for each of them.
    """

    lines: int
    cpu_s: float
    resident_bytes: int


def samples(command: Sequence[str], output: Path, *, nice: int = 0) -> Iterator[Sample]:
    """Run a command to its end and look at it, and at the lines of its output, twice a second.

    Raises CalledProcessError where the command fails.
    """
    written = Lines(output)
    with subprocess.Popen(["nice", "-n", str(nice), *command], stdout=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                cpu_s, resident = tree_use(process.pid)
                if cpu_s:
                    yield Sample(lines=written.count(), cpu_s=cpu_s, resident_bytes=resident)
                time.sleep(LOOK_EVERY_S)
        finally:
            process.terminate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))


def tree_use(root: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of a process and its descendants, with those that ended and were awaited."""
    fields = list(_tree(root).values())
    return sum(sum(of[11:15]) * TICK_S for of in fields), sum(of[21] * PAGE_BYTES for of in fields)


def own_use(root: int) -> dict[int, float]:
    """CPU seconds of a process and of each of its descendants that runs, without those that have ended."""
    return {process: sum(of[11:13]) * TICK_S for process, of in _tree(root).items()}


def _tree(root: int) -> dict[int, list[int]]:
    """The numbers of /proc/PID/stat from the third field on (proc(5)), of a process and its descendants.

    From 11 on they are user and system time, of its own and of the children that it has awaited; 21 are resident pages.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    fields: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                _state, *numbers = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            fields[int(folder.name)] = [0, *map(int, numbers)]
            children[int(numbers[0])].append(int(folder.name))
    todo, tree = [root], dict[int, list[int]]()
    while todo:
        process = todo.pop()
        if process in fields:
            tree[process] = fields[process]
        todo += children[process]
    return tree


class Lines:
    """The lines of a file that grows, counted as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = self._count = 0

    def count(self) -> int:
        """How many there are by now."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._at)
                while block := file.read(1 << 20):
                    self._at += len(block)
                    self._count += block.count(b"\n")
        return self._count
