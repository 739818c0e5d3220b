"""Runs of the real command, each with its blow; what they should have answered is held against what they did."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.killing.blows import Blow, Fault
from benchmarks.killing.disk import Disk
from crawler.exits import Exit

LONGEST_RUN_S = 240.0
STOPS_WITHIN_S = 15.0  # after a SIGTERM; must-hold.md promises it
_POLL_S = 0.002
CLOCK = Path(__file__).parent / "clock"
ENDED = frozenset({Exit.FINE, Exit.SOME_FAILED})
_SIGNALLED = {
    signal.SIGTERM: {Exit.TERMINATED, -signal.SIGTERM},  # the latter before the command has taken the signal over
    signal.SIGKILL: {-signal.SIGKILL},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """What became of one run."""

    blow: Blow
    code: int
    is_killed: bool  # a signal met it; else it had ended before its moment came
    stop_s: float = 0.0  # from the first signal to the end
    wrong: str = ""  # what it should not have done


class Runs:
    """Crawls of one data folder, one after another."""

    def __init__(self, sources: Path, disk: Disk) -> None:
        self.data = disk.folder / "data"
        self._sources, self.disk = sources, disk

    def command(self) -> list[str]:
        """The crawl, as a cron job would start it; every run is to ask every outlet."""
        crawl = ["crawl", "--sources", str(self._sources), "--data", str(self.data), "--allow", "127.0.0.0/8"]
        return [sys.executable, "-m", "crawler.cli", *crawl, "--delay", "0", "--all"]

    def clean(self) -> Struck:
        """A run that nothing befalls."""
        process = self._start("")
        _, told = process.communicate(timeout=LONGEST_RUN_S)
        wrong = "" if (process.returncode, told) == (Exit.FINE, b"") else f"{process.returncode}: {told[-500:]!r}"
        blow = Blow(fault=Fault.ANY_TIME, moment=None)
        return Struck(blow=blow, code=process.returncode, is_killed=False, wrong=wrong)

    def strike(self, blow: Blow) -> Struck:
        """A run with its blow; the disk is whole again after it."""
        before = self._snapshot() if blow.fault is Fault.READ_ONLY else {}
        if blow.fault in {Fault.FULL, Fault.FULL_KILLED}:
            self.disk.fill(blow.room)
        elif blow.fault is Fault.READ_ONLY:
            self.disk.make_read_only()
        try:
            struck = self._hit(self._start(blow.set_back), blow)
        finally:
            self.disk.recover()
        if blow.fault is Fault.READ_ONLY and (struck.code != Exit.DISK or self._snapshot() != before):
            return Struck(blow=blow, code=struck.code, is_killed=False, wrong=f"read-only: ended with {struck.code}")
        return struck

    def _hit(self, process: subprocess.Popen[bytes], blow: Blow) -> Struck:
        wrong = ""
        try:
            came = self._moment(process, blow)
            if came and blow.fault is Fault.SECOND_COPY:
                wrong = self._second_copy(process)
            hit_at = time.monotonic()
            is_killed = came and self._signal(process, blow)
            _, told = process.communicate(timeout=LONGEST_RUN_S)
        finally:
            process.kill()
        stop_s = time.monotonic() - hit_at if is_killed else 0.0
        wrong = wrong or self._wrong(blow, process.returncode, told, stop_s, is_killed=is_killed)
        return Struck(blow=blow, code=process.returncode, is_killed=is_killed, stop_s=stop_s, wrong=wrong)

    def _signal(self, process: subprocess.Popen[bytes], blow: Blow) -> bool:
        """Send the signals; whether the process was there for the first."""
        if process.poll() is not None:
            return False
        for number, sent in enumerate(blow.signals):
            if number:
                time.sleep(blow.gap_s)
            process.send_signal(sent)
        return bool(blow.signals)

    def _wrong(self, blow: Blow, code: int, told: bytes, stop_s: float, *, is_killed: bool) -> str:
        allowed = set(ENDED)  # a signal may come when the run is as good as over
        if blow.fault in {Fault.FULL, Fault.FULL_KILLED, Fault.READ_ONLY}:
            allowed.add(Exit.DISK)
        if is_killed:
            allowed |= {code for sent in blow.signals for code in _SIGNALLED[sent]}
        if code not in allowed:
            return f"ended with {code}: {told[-500:]!r}"
        if b"Traceback" in told and code >= 0:  # orphaned workers of a killed run may say anything
            return f"a traceback: {told[-1500:]!r}"
        if signal.SIGTERM in blow.signals and stop_s > STOPS_WITHIN_S:
            return f"took {stop_s:.1f} s to stop"
        return ""

    def _moment(self, process: subprocess.Popen[bytes], blow: Blow) -> bool:
        """Wait for the blow's moment; whether it came before the run's end."""
        if blow.moment is None:
            return False
        come = self._watch(process, blow.moment)
        until = time.monotonic() + LONGEST_RUN_S
        while not come():
            if process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(_POLL_S)
        time.sleep(blow.after_s)
        return process.poll() is None

    def _watch(self, process: subprocess.Popen[bytes], moment: Fault) -> Callable[[], bool]:
        if moment is Fault.OPENING:
            own = f"{process.pid}\n"
            return lambda: _text_of(self.data / "lock") == own
        if moment is Fault.LEARNING:
            return lambda: _text_of(self.data / "lock") == f"{process.pid}\n" and waiting(self.data) > 0
        if moment is Fault.WRITING:
            before = self._written()
            return lambda: self._written() > before
        if moment is Fault.CLOSING:
            reports = self.data / "reports"
            known = set(reports.glob("*"))
            return lambda: bool(set(reports.glob("*")) - known)
        return lambda: True

    def _second_copy(self, process: subprocess.Popen[bytes]) -> str:
        """Start a copy while the run stands still; what it should not have done."""
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        try:
            if not is_locked(self.data):  # it has let the folder go, and is on its way out
                return ""
            before = self._snapshot()
            copy = subprocess.run(self.command(), capture_output=True, timeout=LONGEST_RUN_S, check=False)
            after = self._snapshot()
        finally:
            process.send_signal(signal.SIGCONT)
        if copy.returncode != Exit.LOCKED:
            return f"a second copy ended with {copy.returncode}: {copy.stderr[-500:]!r}"
        return "" if before == after else "a second copy touched the folder"

    def _start(self, set_back: str) -> subprocess.Popen[bytes]:
        environment = dict(os.environ)
        if set_back:
            environment |= {"CLOCK_SET_BACK": set_back, "PYTHONPATH": str(CLOCK)}
        return subprocess.Popen(
            self.command(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            preexec_fn=self.disk.bounds(),
        )

    def _written(self) -> int:
        return sum(path.stat().st_size for path in self.data.glob("articles/*.jsonl"))

    def _snapshot(self) -> dict[str, str]:
        """What every file of the data folder holds."""
        files = sorted(path for path in self.data.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def is_locked(data: Path) -> bool:
    """Whether a run holds a data folder."""
    with (data / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def waiting(data: Path) -> int:
    """How many pages wait in the state of a data folder."""
    file = data / "state.sqlite"
    if not file.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=1)) as db:
            return int(db.execute("SELECT count(*) FROM waiting").fetchone()[0])
    except sqlite3.OperationalError:  # the run is still making its tables
        return 0


def _text_of(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
