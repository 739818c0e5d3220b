"""Serve the newspaper and crawl it, or serve it for a person to look at: ``python -m tests.newspaper``."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from . import Newspaper, serve

USUAL_PORT = 8642


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
        with _served(options.port) as newspaper:
            return _show(newspaper) if options.serve_only else _crawl(newspaper, crawl_args)
    except OSError as error:
        print(f"newspaper: cannot serve on port {options.port}: {error}", file=sys.stderr)
        return 1


@contextmanager
def _served(port: int | None) -> Iterator[Newspaper]:
    """The newspaper on this port; without one on its usual port, or a free one where that is taken."""
    with ExitStack() as stack:
        if port is None:
            try:
                newspaper = stack.enter_context(serve(port=USUAL_PORT))
            except OSError:
                newspaper = stack.enter_context(serve(port=0))
        else:
            newspaper = stack.enter_context(serve(port=port))
        yield newspaper


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.newspaper", usage="%(prog)s [options] [-- CRAWL ARGUMENTS]")
    parser.add_argument(
        "--port",
        type=int,
        default=None,
        help=f"the port (default: {USUAL_PORT}, so that a second crawl meets the same addresses; else a free one)",
    )
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
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us in the background has it ignored
    try:
        print("The example newspaper, until Ctrl-C:", *newspaper.front_pages, sep="\n  ", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
