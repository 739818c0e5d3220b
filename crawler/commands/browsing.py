"""The collection brought into SQLite, and served by datasette on this machine alone."""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from crawler.collection.catalogue import update
from crawler.collection.files import LineFile, collection_files
from crawler.commands.article_list import Complaints
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.state import DiskError
from crawler.terminal import say, stderr_console, stdout_console

HOST = "127.0.0.1"
SETTINGS = {
    "default_page_size": 50,
    "sql_time_limit_ms": 5000,
    "facet_time_limit_ms": 2000,
    "suggest_facets": False,
    "truncate_cells_html": 240,
}
# Nothing but the page's own server is ever asked, and a site that is gone to is not told where from
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none';"
    " script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
METADATA = {
    "title": "The collection",
    "about": "dateline",
    "extra_css_urls": ["/dateline/browse.css"],
}
TABLES = {
    "articles": {
        "description": "Each article in its last version; an undated one has the day that it was first seen",
        "facets": ["site", "language", "section", "date_confidence"],
        "sort_desc": "date",
        "label_column": "title",
        "fts_table": "articles_fts",
    },
    "earlier_versions": {"description": "What edited articles were before", "sort_desc": "date_crawled"},
    "removed": {"description": "What was cut from the articles, with the reason", "facets": ["kind", "site"]},
    "files": {"hidden": True},
}
Message = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


def browse(options: argparse.Namespace) -> Exit:
    """Bring the SQLite file up to date, and serve it until Ctrl-C."""
    if options.db is None and not isinstance(options.data, Path):
        raise ConfigError(f"--data {options.data}: name the SQLite file that is to be made with --db FILE")
    db = options.db or options.data / "collection.sqlite"
    _build(db, collection_files(options.data), is_new=options.rebuild)
    if options.build:
        stdout_console().print(Text(str(db)), soft_wrap=True)
        return Exit.FINE
    try:
        listener = socket.create_server((HOST, options.port))
    except OSError as error:
        raise ConfigError(f"--port {options.port}: {error.strerror}") from None
    with listener:
        return _serve(db, listener, has_window=not options.no_open and _has_browser())


def _build(db: Path, files: list[LineFile], *, is_new: bool) -> None:
    complaints = Complaints()
    try:
        with _progress(sum(file.length() for file in files)) as progress:
            new = update(db, files, complaints, progress, is_new=is_new)
    except (sqlite3.Error, OSError) as error:
        raise DiskError(f"{db}: {getattr(error, 'strerror', None) or error}") from error
    complaints.close()
    if stderr_console().is_terminal:
        say(f"{new:,} new lines in {db}; Ctrl-C ends")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = stderr_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda size: bar.advance(task, size)


def _serve(db: Path, listener: socket.socket, *, has_window: bool) -> Exit:
    """Answer at a socket until Ctrl-C; the address is told, and opened where there is a window for it."""
    import asyncio

    import rich
    import uvicorn
    from datasette.app import Datasette

    rich.reconfigure(quiet=True)  # datasette prints each refused question there, with all that its functions hold
    collection = Datasette(
        [str(db)],
        settings=SETTINGS,
        metadata={**METADATA, "databases": {db.stem: {"tables": TABLES}}},
        static_mounts=[("dateline", str(Path(__file__).with_name("browse_pages")))],
    )
    asyncio.run(collection.invoke_startup())
    port = listener.getsockname()[1]
    address = f"http://{HOST}:{port}{collection.urls.table(db.stem, 'articles')}"
    stdout_console().print(Text(address), soft_wrap=True)
    sys.stdout.flush()
    if has_window:
        webbrowser.open(address)
    app = guarded(collection.app(), {f"{name}:{port}" for name in (HOST, "localhost")})
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return Exit.FINE
    return Exit.FINE


def guarded(app: App, hosts: set[str]) -> App:
    """An application that answers to these names alone, and whose pages ask no other server for anything.

    A site that gives its own name this machine's address could otherwise read the collection from a visitor's browser.
    """

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        if scope["type"] == "http" and dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower() not in hosts:
            await send_with_headers({"type": "http.response.start", "status": 421, "headers": []})
            await send({"type": "http.response.body", "body": b"this server has another name\n"})
            return
        await app(scope, receive, send_with_headers)

    return guard


def _has_browser() -> bool:
    """Whether there is a screen to open a window on; a browser in the terminal would take it over."""
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))
