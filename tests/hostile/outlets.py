"""The hostile web's servers: each case on an address of its own in 127.66.0.0/16, all on one port."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.hostile.articles import article
from tests.hostile.case import FEED, Answer, Case, Reply
from tests.hostile.certificates import context_of

NETWORK = "127.66.0.0/16"  # what the crawl may read
PRIVATE_HOST = "127.77.0.1"  # what it may not
TLS_HANDSHAKE = b"\x16"  # the first byte of a TLS connection (RFC 8446, 5.1)
TRIES = 20  # to find a port that is free on all addresses


@dataclass(slots=True, kw_only=True)
class Outlet:
    """One case's server: where it is, and what it was asked."""

    case: Case
    base: str
    private: str
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)  # of all requests

    def address(self, path: str) -> str:
        """The address of a path; a whole address stays itself."""
        return self.filled(self.base + path if path.startswith("/") else path)

    def filled(self, text: str) -> str:
        """A text with its placeholders replaced."""
        host, port = self.base.removeprefix("http://").split(":")
        tls = self.base.replace("http:", "https:")
        values = {"base": self.base, "tls": tls, "private": self.private, "host": host, "port": port}
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def answer(self, path: str) -> Answer:
        """What a path is answered with."""
        if path in self.case.pages:
            answer = self.case.pages[path]
            return answer[min(self.asked.count(path), len(answer)) - 1] if isinstance(answer, tuple) else answer
        good = {self.case.article(number): number for number in range(1, self.case.good + 1)}
        if path in good:
            return Reply(body=article(path.removeprefix("/news/")).html, is_literal=True)
        if path == FEED:
            return Reply(body=self._feed(list(good)), kind="application/rss+xml")
        return self.case.endless(path) or Reply(status=404, body="not here")

    def _feed(self, good: Sequence[str]) -> str:
        named = self.case.named
        if named is None:
            named = [path for path, end in self.case.outcomes.items() if end is not None]
        paths = [*good[:1], *named, *good[1:]]
        links = (self.address(path).replace("&", "&amp;").replace("<", "&lt;") for path in paths)
        items = "".join(f"<item><link>{link}</link></item>" for link in links)
        return f'<rss version="2.0"><channel><title>Outlet</title>{items}</channel></rss>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """All servers while they run; ``touched`` are connections to what no crawl may connect to."""

    outlets: dict[str, Outlet]
    touched: list[str]


@contextmanager
def serving(cases: Sequence[Case]) -> Iterator[Web]:
    """Serve all cases until the block ends."""
    hosts = [f"127.66.{number // 250}.{number % 250 + 1}" for number in range(len(cases))]
    touched: list[str] = []
    with ExitStack() as stack:
        port, sockets = _bound([*hosts, PRIVATE_HOST])
        private = f"http://{PRIVATE_HOST}:{port}"
        outlets = {}
        for case, host, listening in zip(cases, hosts, sockets, strict=False):
            outlet = outlets[case.name] = Outlet(case=case, base=f"http://{host}:{port}", private=private)
            stack.enter_context(_running(_handler(outlet), listening, context_of(case.certificate)))
        stack.enter_context(_running(_trap(touched), sockets[-1]))
        yield Web(outlets=outlets, touched=touched)


def _bound(hosts: Sequence[str]) -> tuple[int, list[socket.socket]]:
    """A listening socket on each address, all on one port."""
    for _ in range(TRIES):
        sockets: list[socket.socket] = []
        port = 0
        try:
            for host in hosts:
                listening = socket.socket()
                sockets.append(listening)
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind((host, port))
                listening.listen(64)
                port = listening.getsockname()[1]
        except OSError:
            for listening in sockets:
                listening.close()
            continue
        return port, sockets
    raise OSError("no port is free on all addresses")


@contextmanager
def _running(
    handler: type[BaseHTTPRequestHandler], listening: socket.socket, tls: ssl.SSLContext | None = None
) -> Iterator[None]:
    class Server(ThreadingHTTPServer):
        def finish_request(self, request: Any, address: Any) -> None:
            with suppress(OSError):
                if tls and request.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                    request = tls.wrap_socket(request, server_side=True)
                super().finish_request(request, address)

    server = Server(listening.getsockname(), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        listening.close()
        thread.join(5)


def _handler(outlet: Outlet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go out in two parts

        def do_GET(self) -> None:
            outlet.asked.append(self.path)
            outlet.headers.append(str(self.headers))
            answer = outlet.answer(self.path)
            with suppress(OSError):  # the crawl may hang up, and is right to
                if isinstance(answer, Reply):
                    self._send(answer)
                else:
                    answer(self)

        def _send(self, reply: Reply) -> None:
            body = reply.body() if callable(reply.body) else reply.body
            if isinstance(body, str):
                body = (body if reply.is_literal else outlet.filled(body)).encode("utf-8", "surrogatepass")
            self.send_response(reply.status)
            types = {} if reply.kind is None else {"Content-Type": reply.kind}
            for name, value in {**types, **reply.headers}.items():
                self.send_header(name, outlet.filled(value))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _trap(touched: list[str]) -> type[BaseHTTPRequestHandler]:
    class Trap(BaseHTTPRequestHandler):
        def setup(self) -> None:
            touched.append(str(self.client_address))
            super().setup()

        def do_GET(self) -> None:
            touched.append(self.path)
            self.send_error(500)

        def log_message(self, *_: object) -> None:
            pass

    return Trap
