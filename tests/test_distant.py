"""Files on web servers: gone on with where a connection broke, by range or from the start; addresses checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crawler import distant
from crawler.addresses import parse_allowed
from crawler.distant import DistantError, DistantFile, LocalFile, Stream

CONTENT = os.urandom(300_000)
LOOPBACK = parse_allowed(["127.0.0.0/8"])


@dataclass
class Server:
    """A server that breaks off after some bytes."""

    url: str = ""
    breaks_after: int = 100_000
    has_ranges: bool = True
    etag: str = '"one"'
    location: str = ""
    asked: list[str | None] = field(default_factory=list)


@contextmanager
def breaking(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers["Range"]
            server.asked.append(wanted)
            if server.location and self.path == "/file":
                self.send_response(302)
                self.send_header("Location", server.location)
                self.end_headers()
                return
            start = int(re.findall(r"\d+", wanted)[0]) if wanted and server.has_ranges else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
            self.send_header("ETag", server.etag)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start : start + server.breaks_after])
            if not server.has_ranges:
                server.breaks_after += 100_000

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_port}/file"
        yield server
        http.shutdown()
        thread.join()


def file_at(server: Server) -> DistantFile:
    return DistantFile(server.url, LOOPBACK, "a test")


def all_of(stream: Stream) -> bytes:
    content = b""
    while piece := stream.read(65_536):
        content += piece
    stream.close()
    return content


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_connection_that_breaks_is_gone_on_with(has_ranges: bool) -> None:
    with breaking(Server(has_ranges=has_ranges)) as server:
        file = file_at(server)
        assert all_of(file.open_at(0)) == CONTENT
        assert file.size == len(CONTENT)
        assert server.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_a_file_is_read_from_a_position() -> None:
    with breaking(Server(breaks_after=10**6)) as server:
        assert all_of(file_at(server).open_at(250_000)) == CONTENT[250_000:]


def test_a_file_that_never_goes_on_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "MOST_BREAKS", 2)
    with breaking(Server(breaks_after=0)) as server, pytest.raises(DistantError, match="broke off, 3 times in a row"):
        all_of(file_at(server).open_at(0))


def test_a_file_that_has_changed_is_given_up() -> None:
    with breaking(Server()) as server:
        stream = file_at(server).open_at(0)
        stream.read(10)
        server.etag = '"two"'
        with pytest.raises(DistantError, match="has changed"):
            all_of(stream)
        stream.close()


def test_each_redirect_is_checked() -> None:
    with breaking(Server(breaks_after=10**6)) as inner, breaking(Server()) as outer:
        outer.location = inner.url.replace("/file", "/other")
        assert all_of(file_at(outer).open_at(0)) == CONTENT
        allowed = parse_allowed([outer.url.split("/")[2]])
        asked = len(inner.asked)
        with pytest.raises(DistantError, match="not a public address"):
            DistantFile(outer.url, allowed, "a test").open_at(0)
        outer.location = outer.url
        with pytest.raises(DistantError, match="too many redirects"):
            file_at(outer).open_at(0)
        assert len(inner.asked) == asked


def test_a_local_file_that_is_missing_is_named(tmp_path: Path) -> None:
    file = LocalFile(tmp_path / "missing")
    assert file.size is None
    with pytest.raises(DistantError, match="No such file"):
        file.open_at(0)
