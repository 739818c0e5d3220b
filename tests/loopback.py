"""A small web server on loopback for tests: answers by path, and a log of what was asked."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.loaded import ROOT, loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; ``{base}`` in a body or header stands for the server's own address."""

    body: bytes | str = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0


@dataclass(slots=True, kw_only=True)
class Served:
    """A running server."""

    base: str
    replies: dict[str, Reply | list[Reply]]
    asked: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # of what was answered
    times: list[float] = field(default_factory=list)

    def reply(self, path: str) -> Reply:
        """The answer for a path; of a list, the next one, and its last for ever."""
        self.asked.append(path)
        self.times.append(time.monotonic())
        found = self.replies.get(path, Reply(status=404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


def tagged(reply: Reply, etag: str = "") -> Reply:
    """The reply with an ETag, by its body where none is given: a request that has it gets a 304."""
    text = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
    etag = etag or f'"{hashlib.sha256(text).hexdigest()[:16]}"'
    return replace(reply, headers={**reply.headers, "ETag": etag})


def is_same(reply: Reply, asked: Mapping[str, str]) -> bool:
    """Whether a request's conditions (RFC 9110 §13.2.2) are met by the reply as it is: If-None-Match goes first."""
    etag, wanted = reply.headers.get("ETag"), asked.get("If-None-Match")
    if etag and wanted is not None:
        return etag.removeprefix("W/") == wanted.removeprefix("W/")
    modified = reply.headers.get("Last-Modified")
    return modified is not None and modified == asked.get("If-Modified-Since")


class _Server(ThreadingHTTPServer):
    """A server that says nothing of a client who has left."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(replies: Mapping[str, Reply | list[Reply]], host: str = "127.0.0.1") -> Iterator[Served]:
    """Serve these answers on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go out in two parts

        def do_GET(self) -> None:
            reply = served.reply(self.path)
            time.sleep(reply.wait_s)
            text = reply.body if isinstance(reply.body, bytes) else reply.body.replace("{base}", served.base).encode()
            status = 304 if is_same(reply, self.headers) else reply.status
            served.statuses.append(status)
            self.send_response(status)
            for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                self.send_header(name, value.replace("{base}", served.base))
            if status == 304:
                self.end_headers()
                return
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server((host, 0), Handler)
    served = Served(base=f"http://{host}:{server.server_address[1]}", replies=dict(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What a crawl said."""

    lines: list[dict[str, Any]]
    log: str

    def of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["what"] == what]

    @property
    def pages(self) -> list[str]:
        return [line["url"] for line in self.of("page")]

    @property
    def outcomes(self) -> dict[str, str]:
        return {line["url"]: line["outcome"] for line in self.of("counted")}


def crawl(folder: Path, *arguments: str, allow: str = "127.0.0.0/8", **settings: object) -> Crawled:
    """Run ``scrapy crawl news`` as a process of its own, with the spider's own account in place of the pipelines."""
    account = folder / "account.jsonl"
    account.unlink(missing_ok=True)
    defaults = {
        "ITEM_PIPELINES": json.dumps({"tests.account.PageLines": 1}),
        "EXTENSIONS": json.dumps({"tests.account.Account": 1}),
        "ACCOUNT_FILE": account,
        "DATELINE_ALLOW": allow,
        "DATELINE_DELAY": 0,
    }
    options = [f"-s{name}={value}" for name, value in {**defaults, **settings}.items()]
    spider = ("crawl", "news", *(f"-a{a}" for a in arguments))
    done = loaded().run("scrapy.cmdline", *spider, *options, cwd=ROOT, timeout_s=60)
    lines = [json.loads(line) for line in account.read_text().splitlines()] if account.exists() else []
    return Crawled(lines=lines, log=done.out + done.err)
