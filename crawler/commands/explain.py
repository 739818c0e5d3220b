"""``dateline extract --explain``: on the terminal, what of a page is kept, what is cut, and why."""

from __future__ import annotations

import argparse

from crawler.exits import Exit


def explain_pages(options: argparse.Namespace) -> int:
    """Show each page that the options name; the exit code."""
    from crawler.commands.extraction import jobs_of

    jobs_of(options)
    return Exit.FINE
