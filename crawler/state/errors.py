"""How the state fails."""

from __future__ import annotations

from typing import Self


class LockedError(Exception):
    """Another run is using this data folder."""


class DiskError(Exception):
    """The disk or the server, or the state on it, cannot be read or written: the message says where and what to do."""

    @classmethod
    def of(cls, error: OSError, place: object = None) -> Self:
        """What the system says of a file, or where it names none, of a place."""
        return cls(f"{error.filename or place}: {error.strerror or error}")


class LeaseLostError(DiskError):
    """Another holder has taken the lease that this state writes under: nothing was written, and nothing will be.

    A DiskError, so that what ends a run whose disk refuses ends this one.
    """


class OvertakenError(Exception):
    """Another process has written this version of an article meanwhile: nothing was written; what is known is new."""
