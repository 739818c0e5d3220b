"""Small sites on loopback addresses of their own, served by a process that logs each request.

    python -m benchmarks.clustering.sites --first 0 --sites 20 --articles 50 --log FILE

prints their addresses as a line of JSON once they answer, and serves until its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from benchmarks.killing.press import Press, stories

FEED = "/feed.xml"
ENDS_WITHIN_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, by the server's clock, which all processes of a machine share (monotonic seconds)."""

    host: str
    path: str
    began: float
    ended: float  # when its answer was about to be sent: who asked has it later


def log_of(folder: Path) -> list[Asked]:
    """What all servers were asked, in order."""
    lines = [json.loads(line) for path in folder.glob("*.log") for line in path.read_text().splitlines()]
    return sorted((Asked(**line) for line in lines), key=lambda asked: asked.began)


@contextmanager
def serving(sites: int, articles: int, folder: Path, processes: int = 1, answer_s: float = 0.0) -> Iterator[list[str]]:
    """So many sites, by so many processes, until the block ends; the addresses of their feeds."""
    share, servers = -(-sites // processes), list[subprocess.Popen[str]]()
    try:
        for first in range(0, sites, share):
            count, log = min(share, sites - first), folder / f"{first}.log"
            command = [sys.executable, "-m", "benchmarks.clustering.sites", "--log", str(log)]
            command += ["--first", str(first), "--sites", str(count), "--articles", str(articles)]
            command += ["--answer-s", str(answer_s)]
            servers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        yield [base + FEED for server in servers for base in json.loads(_said(server))]
    finally:
        for server in servers:
            server.communicate(timeout=ENDS_WITHIN_S)  # the end of its input is its own


def _said(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None  # noqa: S101  it was asked for
    return server.stdout.readline()


def address(number: int) -> str:
    """The address of a site; no two share one.

    >>> address(0), address(250)
    ('127.1.0.1', '127.1.1.51')
    """
    return f"127.1.{number // 200}.{number % 200 + 1}"


async def serve(options: argparse.Namespace) -> None:
    """Serve until the standard input ends."""
    with options.log.open("a", buffering=1) as log:
        servers, bases = [], []
        for number in range(options.first, options.first + options.sites):
            site = _Site(address(number), log, options.answer_s)
            server = await asyncio.start_server(site.answer, site.host, 0)
            site.fill(f"http://{site.host}:{server.sockets[0].getsockname()[1]}", options.articles, seed=number)
            servers.append(server)
            bases.append(site.base)
        print(json.dumps(bases), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for server in servers:
            server.close()


class _Site:
    """One site: all that it answers is made before it is asked, so that serving costs little."""

    def __init__(self, host: str, log: IO[str], answer_s: float) -> None:
        self.host = host
        self.base = ""
        self._log = log
        self._answer_s = answer_s
        self._answers: Mapping[str, bytes] = {}

    def fill(self, base: str, articles: int, seed: int) -> None:
        self.base = base
        own = [replace(story, outlet=0) for story in stories(articles, seed)]
        press = Press(own)
        press.bases = [base]
        press.publish(articles)
        paths = [FEED, "/robots.txt", *(story.path for story in own)]
        self._answers = {path: _packed(*press.answer(0, path)) for path in paths}
        self._missing = _packed(404, "text/plain", "not here")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection, one after another."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                began, path = time.monotonic(), head.split(b" ", 2)[1].decode("ascii", "replace")
                if self._answer_s:
                    await asyncio.sleep(self._answer_s)
                told = {"host": self.host, "path": path, "began": began, "ended": time.monotonic()}
                self._log.write(json.dumps(told) + "\n")
                writer.write(self._answers.get(path, self._missing))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):  # it has hung up, or was killed
            pass
        finally:
            writer.close()


def _packed(status: int, kind: str, text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="number of the first site")
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--articles", type=int, default=50, help="of each site")
    parser.add_argument("--answer-s", type=float, default=0.0, help="seconds that an answer takes")
    parser.add_argument("--log", type=Path, required=True)
    asyncio.run(serve(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
