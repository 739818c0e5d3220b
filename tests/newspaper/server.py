"""The newspaper served on loopback: one server an outlet, what was asked of it, and what a right crawl makes of it."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import socketserver
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from . import harbour, lantern, mills
from .content import articles
from .edition import Edition, Reply, not_found
from .expected import Expected, expected_record

OUTLETS: dict[str, ModuleType] = {"harbour": harbour, "lantern": lantern, "mills": mills}
_HOSTS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
_PICTURE = Reply(b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="5"/>', "image/svg+xml")
_TRIES = 50  # a port free on the first host is nearly always free on the others


class Hit(NamedTuple):
    """A request: the host that was asked, and the path with its query as it was asked for."""

    host: str
    path: str


class RefusedPage(NamedTuple):
    """A page that must not become an article, and what it is."""

    url: str
    why: str


class Newspaper:
    """The three outlets while they are served. Articles named in ``hide`` are not out before ``publish``."""

    def __init__(self, bases: dict[str, str], hide: Iterable[str]) -> None:
        self.bases = bases
        self.hits: list[Hit] = []
        self._hidden = set(hide)
        if unknown := self._hidden - {article.slug for article in articles()}:
            raise ValueError(f"no such articles: {sorted(unknown)}")
        self._lock = threading.Lock()
        self._print()

    @property
    def front_pages(self) -> list[str]:
        """The three addresses that a crawl of the newspaper starts from."""
        return [f"{base}/" for base in self.bases.values()]

    def edition(self, outlet: str) -> Edition:
        """What the outlet prints now."""
        return Edition(
            outlet=outlet, name=OUTLETS[outlet].NAME, base=self.bases[outlet], hidden=frozenset(self._hidden)
        )

    def publish(self, *slugs: str) -> None:
        """Bring hidden articles out: from now on pages, feeds and sitemaps have them."""
        with self._lock:
            for slug in slugs:
                self._hidden.remove(slug)
            self._print()

    def expected(self) -> list[Expected]:
        """What a right record says of each article that is out, newest first."""
        out = [a for a in articles() if a.slug not in self._hidden]
        return [expected_record(a, self.edition(a.outlet), OUTLETS[a.outlet].CHROME) for a in out]

    def refused(self) -> list[RefusedPage]:
        """Every page that is no article: index, section, tag and author pages, and one or more of each other kind."""
        found = []
        for name, outlet in OUTLETS.items():
            base = self.bases[name]
            found += [RefusedPage(base + path, why) for path, why in outlet.REFUSED.items()]
            found += [RefusedPage(base + path, "index page") for path in outlet.listings(self.edition(name))]
        return found

    def forbidden(self) -> list[str]:
        """Addresses that robots.txt asks not to fetch."""
        return [self.bases[name] + path for name, outlet in OUTLETS.items() for path in outlet.FORBIDDEN]

    def requested(self) -> list[str]:
        """The addresses asked for so far, in order, with their queries."""
        return [f"http://{hit.host}{hit.path}" for hit in self.hits]

    def reply(self, outlet: str, target: str) -> Reply:
        """What the outlet answers to a request for a path, whatever its query."""
        path = unquote(urlsplit(target).path)
        if path.startswith("/media/"):
            return _PICTURE
        return self._pages[outlet].get(path) or not_found(OUTLETS[outlet].NAME)

    def _print(self) -> None:
        printed = {name: outlet.pages(self.edition(name)) for name, outlet in OUTLETS.items()}
        self._pages = {name: {unquote(path): reply for path, reply in pages.items()} for name, pages in printed.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    outlet: str
    newspaper: Newspaper

    def server_bind(self) -> None:
        """Bound without asking a name server what a loopback address is called, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A crawler that hangs up is no news; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body go out in two parts
    server_version = "newspaper"
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: the terminal belongs to the crawl."""

    def _answer(self, *, with_body: bool) -> None:
        newspaper, outlet = self.server.newspaper, self.server.outlet
        newspaper.hits.append(Hit(urlsplit(newspaper.bases[outlet]).netloc, self.path))
        reply = newspaper.reply(outlet, self.path)
        tag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:20]}"'
        if reply.status == 200 and self.headers.get("If-None-Match") == tag:
            reply = Reply(b"", reply.content_type, 304)
        zipped = "gzip" in self.headers.get("Accept-Encoding", "") and reply.body.strip() != b""
        body = gzip.compress(reply.body, mtime=0) if zipped else reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag)
        self.send_header("Vary", "Accept-Encoding")
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if with_body:
            self.wfile.write(body)


@contextlib.contextmanager
def serve(port: int = 0, hide: Iterable[str] = ()) -> Iterator[Newspaper]:
    """The newspaper on loopback until the block ends; ``port`` 0 takes one that is free on all its hosts.

    Raises OSError when a port that was asked for is taken.
    """
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(server) for server in _bind(port)]
        bases = {s.outlet: f"http://{s.server_name}:{s.server_port}" for s in servers}
        newspaper = Newspaper(bases, hide)
        for server in servers:
            server.newspaper = newspaper
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        yield newspaper


def _bind(port: int) -> list[_Server]:
    """A server an outlet, all on one port; where only 127.0.0.1 is there (macOS), on three ports of it."""
    for _ in range(_TRIES):
        try:
            return _bind_once(_HOSTS, port)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return _bind_once(("127.0.0.1",) * 3, port)
            if port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, "no port is free on all of " + ", ".join(_HOSTS))


def _bind_once(hosts: Sequence[str], port: int) -> list[_Server]:
    with contextlib.ExitStack() as on_failure:
        servers: list[_Server] = []
        for number, (outlet, host) in enumerate(zip(OUTLETS, hosts, strict=True)):
            shared = servers[0].server_port if servers else port
            wanted = port and port + number if host in hosts[:number] else shared
            servers.append(on_failure.enter_context(_Server((host, wanted), _Handler)))
            servers[-1].outlet = outlet
        on_failure.pop_all()
    return servers
