"""The operator's own command that is told of new alarms, for mail or chat."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from crawler.history import Alarm
from crawler.record import safe_json

WITHIN_S = 30.0
WITHIN_S_WHEN_STOPPED = 3.0  # a run that was asked to stop ends within 15 s, of which it may have had ten
TOLD = 300  # bytes of what a failed command said, its last ones


def run_hook(command: str, alarms: Sequence[Alarm], run: str, folder: Path, within_s: float = WITHIN_S) -> str | None:
    """Run the command with JSON on its standard input; what went wrong in one sentence, or None.

    No shell: what alarms hold are words of strangers, and a command that is no shell's cannot come to run them. Whoever
    wants one writes ``sh -c '…'`` and has the JSON on the standard input all the same. The command has a process group
    of its own, which is killed whole when its time is over.
    """
    told = {"run": run, "data": str(folder), "alarms": [alarm.as_json() for alarm in alarms]}
    with tempfile.TemporaryFile() as said:  # a pipe would be waited for as long as a child of the command holds it
        try:
            process = subprocess.Popen(  # noqa: S603  the operator's own words
                shlex.split(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                process_group=0,
            )
        except (OSError, ValueError, IndexError) as error:
            return f"on_alarm: {command}: cannot be run: {error}"
        with process:
            try:
                process.communicate((safe_json(told) + "\n").encode(), timeout=within_s)
            except subprocess.TimeoutExpired:
                _kill(process)
                return f"on_alarm: {command}: took longer than {within_s:.0f} s and was ended"
        if process.returncode == 0:
            return None
        said.seek(max(said.seek(0, os.SEEK_END) - TOLD, 0))
        last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"on_alarm: {command}: ended with {process.returncode}" + (f": {last}" if last else "")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
