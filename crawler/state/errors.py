"""How the state fails."""

from __future__ import annotations


class LockedError(Exception):
    """Another run is using this data folder."""


class DiskError(Exception):
    """The disk, or the state on it, cannot be read or written: the message names the place and what to do."""
