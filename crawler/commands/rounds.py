"""``dateline crawl --every``: a crawl every so often, each in a process of its own, as cron would start it."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from crawler.exits import Exit

_STOPS = (signal.SIGINT, signal.SIGTERM)
_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


def crawl_every(every_s: float, arguments: Sequence[str]) -> Exit:
    """Run the command with these arguments every so many seconds until a signal ends both; the signal's exit code.

    Runs begin at whole multiples of the time from the first: one that takes longer costs the beats it goes over. A
    run that fails, or finds the folder locked, has said so itself, and the next one comes. Only a command that
    cannot be used the first time ends here.
    """
    command = [sys.executable, "-P", "-m", "crawler.cli", *without_every(arguments)]
    started = time.monotonic()
    beat = 0
    with Bell() as bell:
        while True:
            # a group of its own: Ctrl-C reaches it once, by us
            child = subprocess.Popen(command, process_group=0)  # noqa: S603  our own arguments
            stopped = _wait(child, bell)
            if stopped is None and beat == 0 and child.returncode == Exit.USAGE:
                return Exit.USAGE
            beat = next_beat(time.monotonic() - started, every_s)
            stopped = stopped or bell.wait(started + beat * every_s)
            if stopped is not None:
                return _CODES[stopped]


def next_beat(passed_s: float, every_s: float) -> int:
    """Which multiple of the time comes next.

    >>> next_beat(10, 30), next_beat(30, 30), next_beat(70, 30)
    (1, 2, 3)
    """
    return math.floor(passed_s / every_s) + 1


def without_every(arguments: Sequence[str]) -> list[str]:
    """The arguments of one run.

    >>> without_every(["crawl", "--every", "30m", "example.org", "--every=1h", "--", "--every"])
    ['crawl', 'example.org', '--', '--every']
    """
    kept, rest = [], list(arguments)
    while rest and rest[0] != "--":
        argument = rest.pop(0)
        if argument == "--every":
            del rest[:1]
        elif not argument.startswith("--every="):
            kept.append(argument)
    return kept + rest


def _wait(child: subprocess.Popen[bytes], bell: Bell) -> signal.Signals | None:
    """Wait for a run's end, handing it the first signal that asks for one; that signal."""
    stopped = None
    while child.poll() is None:
        asked = bell.wait()
        if asked is not None:
            with suppress(ProcessLookupError):
                child.send_signal(asked)
        stopped = stopped or asked
    return stopped


class Bell:
    """Signals as something to wait for: they are noted when they come, and interrupt nothing."""

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write)
        for number in (*_STOPS, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in (*_STOPS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        os.close(self._read)
        os.close(self._write)

    def wait(self, until: float = math.inf) -> signal.Signals | None:
        """The signal to stop that has come; None when a child has ended, or at this moment (monotonic seconds)."""
        while True:
            left_s = None if math.isinf(until) else max(until - time.monotonic(), 0.0)
            is_rung, _, _ = select.select([self._read], [], [], left_s)
            if not is_rung:
                return None
            rung = os.read(self._read, 4096)
            for number in _STOPS:
                if number in rung:
                    return number
            if math.isinf(until):
                return None
