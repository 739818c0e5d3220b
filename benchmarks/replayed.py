"""The bench's pages replayed as news sites on loopback (../shared/bench/site.py), and our command over them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import BENCH

PAGES = 146  # of the set; article i is page i % 146, made distinct
SET = BENCH / "dev" / "fundus"


@contextmanager
def replayed(articles: int, hosts: int) -> Iterator[list[str]]:
    """Serve so many articles; the addresses of the sites' sitemaps."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"pages": SET, "articles": articles, "hosts": hosts, "port": port}
    command = [sys.executable, str(BENCH / "site.py"), *(f"--{name}={value}" for name, value in options.items())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it was asked for
            if not server.stdout.readline():
                raise OSError(f"the replayed site did not start on port {port}")
            yield [f"http://127.0.0.{2 + host}:{port}/sitemap.xml" for host in range(hosts)]
        finally:
            server.terminate()


def crawl_command(sitemaps: Sequence[str], data: Path, output: Path, *more: str) -> list[str]:
    """Our command over these sites, as fast as it can be.

    It writes pages that ask not to be kept, too: 28 of the 146 do, and other crawlers do not ask.
    """
    options = ("--allow", "127.0.0.0/8", "--delay", "0", "--quiet", "--ignore-noindex")
    places = ("--data", str(data), "--output", str(output))
    return [sys.executable, "-m", "crawler.cli", "crawl", *sitemaps, *options, *places, *more]
