"""A file or a folder that stands there whole, or as it was: made beside its place, and put there with a rename."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.delivery import make_folder, sync_folder
from crawler.state import LockedError


@contextmanager
def drafted(place: Path) -> Iterator[Path]:
    """A path to make a file or folder at, which takes the place when the block ends well, and leaves it as it was else.

    A block that makes nothing leaves it, too. All is made in a hidden folder beside the place, ``.NAME.part``; what a
    kill leaves of it is gone with the next draft. The files of a folder are on the disk before the block ends, which is
    the block's to see to. Raises OSError, and LockedError while another process makes a draft.
    """
    workshop = place.parent / f".{place.name}.part"
    make_folder(place.parent)
    with _held(workshop):
        draft, before = workshop / "new", workshop / "before"
        _put_back(before, place)  # after a kill between the two renames below
        _empty(workshop)
        try:
            yield draft
            if draft.exists():
                _replace(place, draft, before)
        finally:
            _put_back(before, place)
            shutil.rmtree(workshop)


@contextmanager
def _held(workshop: Path) -> Iterator[None]:
    """The folder, made where it is missing, and nobody else's."""
    make_folder(workshop)
    fd = os.open(workshop, os.O_RDONLY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_there = os.path.samestat(os.fstat(fd), workshop.stat())  # else the one before us has just left
        except (BlockingIOError, FileNotFoundError):
            is_there = False
        if not is_there:
            raise LockedError(f"{workshop}: another export is writing there")
        yield
    finally:
        os.close(fd)


def _replace(place: Path, draft: Path, before: Path) -> None:
    sync_folder(draft)  # a file, too
    if place.is_dir():
        place.rename(before)
    draft.rename(place)
    sync_folder(place.parent)


def _put_back(before: Path, place: Path) -> None:
    if before.exists() and not os.path.lexists(place):
        before.rename(place)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
