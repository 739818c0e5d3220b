"""A small disk of the harness's own: full or read-only when that is asked for."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

SIZE = 96 << 20  # bytes
_INSIDE = "KILLS_HAS_MOUNTS"  # in the environment of a process that has mounts of its own


def with_own_mounts(module: str, arguments: Sequence[str]) -> None:
    """Go on as the same program in a mount namespace of its own, where the system gives one; else return."""
    unshare = shutil.which("unshare")
    if _INSIDE in os.environ or not unshare:
        return
    own = [unshare, "--mount", "--map-root-user"]
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode == 0:
        os.environ[_INSIDE] = "1"
        os.execv(unshare, [*own, sys.executable, "-m", module, *arguments])  # noqa: S606


class Disk:
    """A folder on a file system of a few MB (tmpfs); without mounts of one's own, bounds that come near it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.is_mounted = _INSIDE in os.environ and self._mount("size", str(SIZE), kind=("-t", "tmpfs", "tmpfs"))
        self._limit: int | None = None

    @property
    def kind(self) -> str:
        """How the disk is made full and read-only."""
        return "tmpfs" if self.is_mounted else "RLIMIT_FSIZE, chmod"

    @property
    def can_be_read_only(self) -> bool:
        """Whether a read-only folder can be had: of root only a mount keeps writes off."""
        return self.is_mounted or os.geteuid() != 0

    def fill(self, room: int) -> None:
        """Leave about so many bytes of room."""
        if self.is_mounted:
            used = os.statvfs(self.folder)
            self._mount("remount,size", str((used.f_blocks - used.f_bfree) * used.f_frsize + room))
        else:
            self._limit = max((path.stat().st_size for path in self.folder.rglob("*") if path.is_file()), default=0)
            self._limit += room

    def make_read_only(self) -> None:
        """Let nothing be written any more."""
        if self.is_mounted:
            self._mount("remount,ro")
        else:
            for path in (self.folder, *self.folder.rglob("*")):
                path.chmod(0o555 if path.is_dir() else 0o444)

    def recover(self) -> None:
        """Give all room back."""
        self._limit = None
        if self.is_mounted:
            self._mount("remount,rw,size", str(SIZE))
        else:
            for path in (self.folder, *self.folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)

    def bounds(self) -> Callable[[], None] | None:
        """What a process does before it starts, so that the disk is full for it."""
        limit = self._limit
        return None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    def close(self) -> None:
        """Let the file system go, with all that is on it."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _mount(self, option: str, value: str = "", kind: tuple[str, ...] = ()) -> bool:
        command = ["mount", "-o", f"{option}={value}" if value else option, *kind, str(self.folder)]
        return subprocess.run(command, capture_output=True, check=not kind).returncode == 0
