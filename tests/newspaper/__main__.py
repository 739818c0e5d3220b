"""Serve the newspaper and crawl it, or serve it for a person to look at: ``python -m tests.newspaper``."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from . import Newspaper, serve


def main(argv: Sequence[str]) -> int:
    """The exit code of the crawl; 0 after ``--serve-only``, 1 when the port cannot be had.

    What follows ``--`` is handed to ``dateline crawl``.
    """
    own, crawl_args = list(argv), []
    if "--" in own:
        cut = own.index("--")
        own, crawl_args = own[:cut], own[cut + 1 :]
    options = _parser().parse_args(own)
    try:
        with serve(port=options.port) as newspaper:
            return _show(newspaper) if options.serve_only else _crawl(newspaper, crawl_args)
    except OSError as error:
        print(f"newspaper: cannot serve on port {options.port}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.newspaper", usage="%(prog)s [options] [-- CRAWL ARGUMENTS]")
    parser.add_argument("--port", type=int, default=0, help="the port (default: one that is free)")
    parser.add_argument("--serve-only", action="store_true", help="no crawl: keep serving until Ctrl-C")
    return parser


def _crawl(newspaper: Newspaper, crawl_args: Sequence[str]) -> int:
    """The exit code of the command, run in a process of its own in our terminal; Ctrl-C and SIGTERM are left to it."""
    command = [sys.executable, "-m", "crawler.cli", "crawl", *newspaper.front_pages]
    process = subprocess.Popen([*command, "--allow", "127.0.0.0/8", "--delay", "0", *crawl_args])
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            code = process.wait()
            return 128 - code if code < 0 else code
        except KeyboardInterrupt:
            continue


def _show(newspaper: Newspaper) -> int:
    try:
        print("The example newspaper, until Ctrl-C:", *newspaper.front_pages, sep="\n  ", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
