"""The data folder of a run: held by one process at a time, and known by a name of its own to a shared state."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path
from typing import IO

from crawler.delivery import make_folder, write_whole
from crawler.state.errors import LockedError

LOCK_NAME = "lock"
NAME_NAME = "folder-name"


class FolderLock:
    """A data folder, made where it is not there, and held until closed. LockedError where another process holds it."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._file = _lock(folder / LOCK_NAME)

    def close(self) -> None:
        """Let it go."""
        self._file.close()


def folder_name(folder: Path) -> str | None:
    """What a shared state knows a data folder by, wherever it is moved; None where no run has used one from here."""
    path = folder / NAME_NAME
    return path.read_text("ascii").strip() if path.exists() else None


def named_folder(folder: Path) -> str:
    """The same, given to it where it has none; under its lock."""
    name = folder_name(folder)
    if not name:
        name = f"folder:{uuid.uuid4()}"
        write_whole(folder / NAME_NAME, f"{name}\n".encode())
    return name


def _lock(path: Path) -> IO[bytes]:
    """The lock of a data folder, held while the returned file is open; the kernel frees it when the process ends."""
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read(20).decode("ascii", "replace").strip()
        file.close()
        raise LockedError(f"{path.parent}: another run (process {owner or 'unknown'}) is using this folder") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file
