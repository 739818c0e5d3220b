"""The manifest of a collection that many write: entries that say how many bytes of its files count.

An entry is a file of rows, one a file: ``{"file": "articles/2026-11-26/example.org.17.jsonl", "bytes": 52113}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import PurePosixPath
from urllib.parse import quote

from crawler.errors import ConfigError
from crawler.parts.shelf import Shelf

FOLDER = "manifest"
_LONGEST_NAME = 150  # of a lease, in file names: these have 255 bytes, of which the token and the ends take some


def entry_name(part: str) -> str:
    """The file of the entry that a part stands in: a lease's own, or where a part is many files, one for each.

    >>> entry_name("articles/2026-11-26/example.org.17.jsonl")
    'manifest/example.org.17.jsonl'
    """
    return f"{FOLDER}/{PurePosixPath(part).name}"


def part_name(file: str, lease: str, token: int, number: int | None = None) -> str:
    """What a lease's part of a file is called, or where a part is many files, one of these.

    >>> part_name("articles/2026-11-26.jsonl", "example.org", 17)
    'articles/2026-11-26/example.org.17.jsonl'
    >>> part_name("articles/2026-11-26.jsonl", "example.org", 17, 3)
    'articles/2026-11-26/example.org.17.3.jsonl'
    """
    ends = "" if number is None else f".{number}"
    return f"{file.removesuffix('.jsonl')}/{_stem(lease)}.{token}{ends}.jsonl"


def entry(committed: Mapping[str, int]) -> bytes:
    """The rows of an entry: each file, and how many of its bytes count.

    >>> rows_of(entry({"articles/2026-11-26/a.1.jsonl": 7}))
    {'articles/2026-11-26/a.1.jsonl': 7}
    """
    return b"".join(json.dumps({"file": file, "bytes": size}).encode() + b"\n" for file, size in committed.items())


def rows_of(content: bytes) -> dict[str, int]:
    """The files of an entry, and how many of their bytes count; ValueError for what is none, or not whole."""
    if content and not content.endswith(b"\n"):
        raise ValueError("not whole")
    return dict(map(_row, content.splitlines()))


def committed_files(shelf: Shelf, complain: Callable[[str, str], None] | None = None) -> dict[str, int]:
    """The files of a shelf that hold lines, and how many of their bytes count.

    What no entry names, and what stands behind these bytes, was left by a writer that was killed or has lost its lease,
    or is at work. Raises OSError, and ConfigError for an entry that was not written by us, unless there is somebody to
    ``complain`` to, with its name and what is wrong with it: then the others are read.
    """
    names = sorted(shelf.listed(FOLDER))
    found: dict[str, int] = {}
    for name, content in zip(names, shelf.read(names), strict=True):
        try:
            found |= rows_of(content)
        except ValueError as error:
            if complain is None:
                raise ConfigError(f"{shelf}/{name}: is no entry of a manifest: {error}") from None
            complain(f"{shelf}/{name}", f"is no entry of a manifest: {error}")
    return found


def _row(line: bytes) -> tuple[str, int]:
    row = json.loads(line)
    if not isinstance(row, dict) or not isinstance(row.get("file"), str) or type(row.get("bytes")) is not int:
        raise ValueError("a row without a file and its bytes")
    path = PurePosixPath(row["file"])
    if path.is_absolute() or ".." in path.parts or row["bytes"] < 0:
        raise ValueError(f"{row['file']}: is no file of this collection")
    return row["file"], row["bytes"]


def _stem(lease: str) -> str:
    name = quote(lease, safe="", errors="backslashreplace")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}~{blake2b(name.encode(), digest_size=8).hexdigest()}"
    return name
