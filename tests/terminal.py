"""The command in a real terminal: a pseudo-terminal of a size, whose keys are typed and whose screen is read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

WAIT_S = 60
CTRL_C = "\x03"
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\].*?(?:\x07|\x1b\\)")


class Terminal:
    """A terminal that a process runs in; ``shown`` is all that it was sent so far."""

    def __init__(self, process: subprocess.Popen[bytes], ours: int) -> None:
        self.process = process
        self._ours = ours
        self._sent = bytearray()

    @property
    def shown(self) -> str:
        """All that the terminal was sent, escapes among it."""
        return self._sent.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The same as text alone, lines in the order in which they were written."""
        return _ESCAPES.sub("", self.shown).replace("\r\n", "\n").replace("\r", "\n")

    def type(self, keys: str) -> None:
        """Type keys, as a person does; the terminal makes a signal of Ctrl-C."""
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read until this text has been shown."""
        end = time.monotonic() + WAIT_S
        while text not in self.text:
            is_over = self.process.poll() is not None
            assert self._read(0.1) or not is_over, f"it ended without {text!r}: {self.text[-500:]!r}"
            assert time.monotonic() < end, f"{text!r} did not come: {self.text[-500:]!r}"

    def end(self) -> int:
        """Read to the end of the process; its exit code."""
        end = time.monotonic() + WAIT_S
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it did not end: {self.text[-500:]!r}"
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.process.returncode

    def _read(self, wait_s: float) -> bool:
        if not select.select([self._ours], [], [], wait_s)[0]:
            return False
        try:
            sent = os.read(self._ours, 65536)
        except OSError:  # EIO: the other side is closed
            return False
        self._sent += sent
        return bool(sent)


@contextmanager
def terminal(command: Sequence[str], folder: Path, *, columns: int = 80, rows: int = 30) -> Iterator[Terminal]:
    """Run a command with a terminal for its input, output and errors, which is its controlling one."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    names = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env={**environment, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(WAIT_S)
        os.close(ours)
