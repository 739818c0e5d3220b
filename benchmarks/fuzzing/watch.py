"""One target watched while it is fed: limits of time and memory for an input, findings told apart and written down."""

from __future__ import annotations

import hashlib
import mmap
import resource
import signal
import struct
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from benchmarks.fuzzing.target import BrokenLawError, Target

SLOW_S = 1.0  # of CPU for an input below SLOW_BYTES
SLOW_BYTES = 10_000
LONGEST_S = 10.0  # of CPU, after which an input is given up
MEMORY_BYTES = 2_000_000_000  # of address space
MOST_FINDINGS = 40  # different ones, of one target
REDUCING_S = 20.0
ROOT = Path(__file__).parents[2]
_HEAD = struct.Struct("<QQQ")  # executions, findings, bytes of the input that is being run
_ROOM = 1 << 20


class OverLimitError(BaseException):
    """An input has used up its time. Not an Exception, so that no broad except swallows it."""


class Tally:
    """How far a run has come, in a file that another process reads at any time, also after a crash."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_ROOM))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _ROOM)

    @property
    def executions(self) -> int:
        return int(_HEAD.unpack_from(self._map)[0])

    @property
    def findings(self) -> int:
        return int(_HEAD.unpack_from(self._map)[1])

    @property
    def running(self) -> bytes:
        """The input that was run last."""
        start, length = _HEAD.size, _HEAD.unpack_from(self._map)[2]
        return bytes(self._map[start : start + length])

    def begin(self, data: bytes) -> None:
        executions, findings, _ = _HEAD.unpack_from(self._map)
        data = data[: _ROOM - _HEAD.size]
        _HEAD.pack_into(self._map, 0, executions + 1, findings, len(data))
        self._map[_HEAD.size : _HEAD.size + len(data)] = data

    def found(self) -> None:
        executions, findings, length = _HEAD.unpack_from(self._map)
        _HEAD.pack_into(self._map, 0, executions, findings + 1, length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How an input failed; those with one key are one finding."""

    key: str
    told: str


class Watch:
    """Runs inputs through a target and goes on after those that fail."""

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.tally = Tally(folder / "tally")
        self._folder = folder
        self._known: set[str] = set()

    def run(self, data: bytes) -> None:
        """One execution."""
        self.tally.begin(data)
        failure = failure_of(self.target.check, data)
        if failure is None or failure.key in self._known or len(self._known) >= MOST_FINDINGS:
            return
        self._known.add(failure.key)
        self.tally.found()
        self._write(data, failure)
        reduced = _reduced(self.target.check, data, failure.key)
        self._write(reduced, failure_of(self.target.check, reduced) or failure)

    def _write(self, data: bytes, failure: Failure) -> None:
        name = hashlib.sha256(failure.key.encode()).hexdigest()[:12]
        (self._folder / f"{name}.input").write_bytes(data)
        (self._folder / f"{name}.txt").write_text(f"{failure.key}\n{data!r}\n\n{failure.told}\n", "utf-8", "replace")


def limit_memory() -> None:
    """Bound this process's address space, so that an input that asks for too much raises MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGPROF, _give_up)


def failure_of(check: Callable[[bytes], None], data: bytes) -> Failure | None:
    """How a check fails for an input: what it raises, or that it is slow."""
    started = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        try:
            check(data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except OverLimitError as error:
        return Failure(key=f"over {LONGEST_S:g} s in {_place(error)}", told="".join(traceback.format_exception(error)))
    except Exception as error:  # noqa: BLE001  whatever comes out of a target is the finding
        what = str(error).partition(":")[0] if isinstance(error, BrokenLawError) else _place(error)
        return Failure(key=f"{type(error).__name__}: {what}", told="".join(traceback.format_exception(error)))
    spent = time.process_time() - started
    if spent > SLOW_S and len(data) < SLOW_BYTES:
        return Failure(key="slow", told=f"{spent:.2f} s of CPU for {len(data):,} bytes")
    return None


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise OverLimitError


def _place(error: BaseException) -> str:
    """The innermost line of our own that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(str(ROOT)) and ".venv" not in f.filename]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} ({frame.name})"


def _reduced(check: Callable[[bytes], None], data: bytes, key: str) -> bytes:
    """A shorter input that fails in the same way: stretches are left out, long ones first, for as long as time is."""
    until, step = time.monotonic() + REDUCING_S, max(len(data) // 2, 1)
    while step and time.monotonic() < until:
        position = 0
        while position < len(data) and time.monotonic() < until:
            shorter = data[:position] + data[position + step :]
            failure = failure_of(check, shorter)
            if failure is not None and failure.key == key:
                data = shorter
            else:
                position += step
        step //= 2
    return data
