"""A collection on an object store, or anything else that fsspec reaches: whole files, written once."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from crawler.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from fsspec import AbstractFileSystem

ENDS = (".jsonl", ".jsonl.gz")  # of files of lines
AHEAD_BYTES, AHEAD_FILES = 16_000_000, 100  # of small files that are read at once
BLOCK_BYTES = 4_000_000  # asked for at once: what a line takes, and small beside what a reader may hold


class RemoteShelf:
    """A folder of a file system of fsspec that replaces a file in one step, as object stores do."""

    can_append = False

    def __init__(self, files: AbstractFileSystem, root: str, url: str) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._url = url.rstrip("/")

    @classmethod
    def at(cls, url: str) -> Self:
        """The shelf at a URL; ConfigError where its protocol is unknown, or what it needs is not installed."""
        extra = "s3" if url.startswith("s3") else "fsspec and its package for this protocol"
        try:
            from fsspec.core import url_to_fs

            files, root = url_to_fs(url)
        except ImportError:
            what = f"pip install 'dateline[{extra}]'" if extra == "s3" else f"install {extra}"
            raise ConfigError(f"{url}: cannot be reached yet: {what}") from None
        except ValueError as error:
            raise ConfigError(f"{url}: {error}") from None
        return cls(files, root, url)

    def __str__(self) -> str:
        return self._url

    def add(self, name: str, lines: Sequence[bytes]) -> int:
        content = b"".join(lines)
        self._put(name, content)
        return len(content)

    def replace(self, name: str, content: bytes) -> None:
        self._put(name, content)

    def listed(self, folder: str) -> dict[str, int]:
        with self._as_os_errors(folder):
            self._files.invalidate_cache()  # others write here, too
            try:
                found = self._files.ls(f"{self._root}/{folder}", detail=True)
            except FileNotFoundError:
                return {}
        files = (file for file in found if file["name"].endswith(ENDS))
        return {f"{folder}/{file['name'].rpartition('/')[2]}": int(file["size"]) for file in files}

    def read(self, names: Sequence[str]) -> list[bytes]:
        paths = [f"{self._root}/{name}" for name in names]
        with self._as_os_errors(""):
            content = self._files.cat(paths) if paths else {}  # many at once
        return [content[path] for path in paths]

    def path(self, name: str) -> RemotePath:
        return RemotePath(shelf=self, name=name)

    def bytes_of(self, name: str, start: int, end: int) -> bytes:
        """A stretch of a file."""
        with self._as_os_errors(name):
            return cast(bytes, self._files.cat_file(f"{self._root}/{name}", start=start, end=end))

    def beginnings(self, sizes: Sequence[tuple[str, int]]) -> list[bytes | None]:
        """The first bytes of several files, asked for at once; None for one that cannot be read."""
        paths, ends = [f"{self._root}/{name}" for name, _ in sizes], [size for _, size in sizes]
        with self._as_os_errors(""):
            found = self._files.cat_ranges(paths, [0] * len(paths), ends, on_error="return")
        return [content if isinstance(content, bytes) else None for content in found]

    def size(self, name: str) -> int | None:
        with self._as_os_errors(name):
            self._files.invalidate_cache()
            try:
                return int(self._files.size(f"{self._root}/{name}"))
            except FileNotFoundError:
                return None

    def _put(self, name: str, content: bytes) -> None:
        with self._as_os_errors(name):
            self._files.pipe_file(f"{self._root}/{name}", content)

    @contextmanager
    def _as_os_errors(self, name: str) -> Iterator[None]:
        place = f"{self._url}/{name}".rstrip("/")
        try:
            yield
        except Exception as error:  # each file system of fsspec has errors of its own, and few of them carry a place
            number, why = _reason(error)
            raise OSError(number, why, place) from error


def _reason(error: Exception) -> tuple[int, str]:
    for kind, number in ((FileNotFoundError, errno.ENOENT), (PermissionError, errno.EACCES)):
        if isinstance(error, kind):
            return number, os.strerror(number)
    if isinstance(error, OSError) and error.errno and error.strerror:
        return error.errno, error.strerror
    return errno.EIO, f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePath:
    """A file of a remote shelf, as far as readers need a path; ``held`` are its bytes where they were read ahead."""

    shelf: RemoteShelf
    name: str
    held: bytes | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.shelf}/{self.name}"

    def length(self) -> int:
        """How large the file is."""
        if (size := self.shelf.size(self.name)) is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        return size

    def open(self, size: int | None = None) -> BinaryIO:
        """The file's first bytes, all where no size is said, as a stream."""
        if self.held is not None:
            return io.BytesIO(self.held)
        whole = self.length() if size is None else size
        return beginning(lambda start, end: self.shelf.bytes_of(self.name, start, end), whole, BLOCK_BYTES)


def beginning(
    fetch: Callable[[int, int], bytes], size: int, block: int, close: Callable[[], None] = lambda: None
) -> BinaryIO:
    """The first bytes of what is fetched by place, a block at once, as a stream.

    >>> beginning(lambda start, end: b"one two"[start:end], 5, 2).read()
    b'one t'
    """
    return cast(BinaryIO, io.BufferedReader(_Beginning(fetch, size, close), max(1, min(size, block))))


class _Beginning(io.RawIOBase):
    def __init__(self, fetch: Callable[[int, int], bytes], size: int, close: Callable[[], None]) -> None:
        self._fetch, self._size, self._close = fetch, size, close
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        end = min(self._at + len(view), self._size)
        content = self._fetch(self._at, end) if self._at < end else b""
        view[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._close()
        super().close()
