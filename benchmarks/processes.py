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
    children: defaultdict[int, list[int]] = defaultdict(list)
    used: dict[int, tuple[float, int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            children[int(fields[1])].append(int(folder.name))
            # user and system time, of its own and of the children that it has awaited; resident pages: proc(5)
            used[int(folder.name)] = sum(map(int, fields[11:15])) * TICK_S, int(fields[21]) * PAGE_BYTES
    todo, cpu_s, resident = [root], 0.0, 0
    while todo:
        process = todo.pop()
        own = used.get(process, (0.0, 0))
        cpu_s, resident = cpu_s + own[0], resident + own[1]
        todo += children[process]
    return cpu_s, resident


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
