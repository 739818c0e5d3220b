"""Memory: when garbage is looked for in it, and what is free given back to the system."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def growing() -> Iterator[None]:
    """Look for no garbage until ``settled``, or the end of the block: what a start imports and builds is none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settled() -> None:
    """Look for garbage again, but not in what is here now, which stays."""
    gc.freeze()
    gc.enable()


def give_back() -> None:
    """Have the C library return what is free, where it can (malloc_trim(3), glibc); elsewhere nothing is done."""
    trim = getattr(_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
