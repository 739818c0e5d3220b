"""Errors that end a run, with a message for the person at the terminal."""

from __future__ import annotations


class ConfigError(ValueError):
    """A setting, an option or a file of settings that cannot be used; the text says where and what was expected."""


class MemoryLimitError(Exception):
    """A crawl held more memory than it may."""
