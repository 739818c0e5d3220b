"""Lines into a file so that each stands there once and whole, whatever was killed when."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO


def append_lines(path: Path, lines: Sequence[bytes]) -> int:
    """Write whole lines at the end of a file and wait until they are on the disk; the file's new size in bytes.

    A file that does not end with a newline (someone else's) gets one first. When the disk refuses, what was written
    of these lines is taken back, so that no torn line stays, and the OSError goes on.
    """
    is_new = not path.exists()
    with closing(_open(path)) as file:
        size = os.fstat(file.fileno()).st_size
        newline = b"" if _ends_with_newline(file, size) else b"\n"
        try:
            _write_all(file.fileno(), newline + b"".join(lines))
            os.fsync(file.fileno())
        except OSError as error:
            error.filename = str(path)
            with suppress(OSError):
                os.ftruncate(file.fileno(), size)
            raise
        new_size = os.fstat(file.fileno()).st_size
    if is_new:
        sync_folder(path.parent)
    return new_size


def repair(path: Path, committed: int, pending: Sequence[bytes]) -> tuple[int, int]:
    """Bring a file to the state in which every pending line stands in it once; its new size in bytes, lines written.

    ``committed`` is the size up to which the lines before the pending ones were known to be written. A file that is
    shorter was rotated or cut by its owner: it is searched from its start. Other people's lines are never touched.
    """
    if not path.exists():
        return append_lines(path, pending), len(pending)
    with closing(_open(path)) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(committed if committed <= size else 0)
        missing, torn = missing_lines(file, pending)
        if torn:
            os.ftruncate(file.fileno(), size - torn)
            os.fsync(file.fileno())
    return append_lines(path, missing) if missing else size, len(missing)


def missing_lines(tail: Iterable[bytes], pending: Sequence[bytes]) -> tuple[list[bytes], int]:
    """The pending lines that are not whole in a file's tail, and the bytes at its very end that are a torn one of them.

    NUL bytes at the end are what some file systems leave of a write that a power cut met.

    >>> missing_lines([b"one\\n", b"tw"], [b"one\\n", b"two\\n"])
    ([b'two\\n'], 2)
    >>> missing_lines([b"theirs"], [b"one\\n"])
    ([b'one\\n'], 0)
    """
    missing = list(pending)
    last = b""
    for last in tail:
        if last in missing:
            missing.remove(last)
    is_torn = bool(missing) and not last.endswith(b"\n") and missing[0].startswith(last.rstrip(b"\0"))
    return missing, len(last) if is_torn else 0


def cut(path: Path, size: int) -> None:
    """Shorten a file to a size, on the disk when this returns."""
    with closing(_open(path)) as file:
        os.ftruncate(file.fileno(), size)
        os.fsync(file.fileno())


def check_writable(path: Path) -> None:
    """Raise OSError when lines cannot be appended to this file; it is made, empty, when it is not there."""
    _open(path).close()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing; NotADirectoryError when a file is in the way."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(folder)) from error


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file that stands there whole or as it was, whatever is killed when, and whoever else writes it.

    ``mode`` are its permissions, where they are not to be those of any new file.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as its content."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _open(path: Path) -> BinaryIO:
    make_folder(path.parent)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return os.fdopen(fd, "rb", buffering=1 << 16)


def _ends_with_newline(file: BinaryIO, size: int) -> bool:
    return size == 0 or os.pread(file.fileno(), 1, size - 1) == b"\n"


def _write_all(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
