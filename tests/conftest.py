"""What many tests use: the command as a subprocess, small sites on loopback, records held against the schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema
import pytest

from crawler.commands.schema import schema_text
from crawler.parts.manifest import entry, entry_name, part_name
from tests.browser import browser, open_page  # noqa: F401  fixtures, for every module
from tests.loaded import Result, loaded
from tests.postgres import postgres, state_url, url  # noqa: F401

TIMEOUT_S = 90

# What is compiled once need not be by each process that tests start: a fifth of their CPU, where a container forbids
# that it is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@dataclass
class Answer:
    """What a small site answers for a path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


@dataclass
class SmallSite:
    """A site of a few pages; what is not among its answers is a 404."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)  # paths that were asked for by the ETag that they still have
    agents: set[str | None] = field(default_factory=set)


def command_of(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "crawler.cli", *map(str, arguments)]


@pytest.fixture(scope="session")
def temporary() -> Iterator[Path]:
    """The temporary folder of commands; its path is short, as those of sockets in it must be."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def dateline(tmp_path: Path, temporary: Path) -> Callable[..., Result]:
    """Runs the command in an empty folder, as a user does; options are those of ``subprocess.run``.

    Whatever comes of it, nothing stays in the temporary folder.
    """

    def run(*arguments: object, **options: Any) -> Result:
        env = {**options.get("env", os.environ), "TMPDIR": str(temporary)}
        if not options:
            result = loaded().run("crawler.cli", *arguments, cwd=tmp_path, timeout_s=TIMEOUT_S, env=env)
        else:
            options = {
                **options,
                "cwd": tmp_path,
                "env": env,
                "timeout": TIMEOUT_S,
                "capture_output": True,
                "text": True,
            }
            done = subprocess.run(command_of(*arguments), **options)
            result = Result(done.returncode, done.stdout, done.stderr)
        assert list(temporary.iterdir()) == []
        return result

    return run


@pytest.fixture
def killed() -> Iterator[dict[str, str]]:
    """The environment of a command that is killed with all of its processes: what it leaves is removed."""
    with tempfile.TemporaryDirectory() as folder:
        yield {**os.environ, "TMPDIR": folder}


@pytest.fixture
def small_site() -> Iterator[SmallSite]:
    """A site of the test's own on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.agents.add(self.headers["User-Agent"])
            answer = site.answers.get(self.path, Answer(b"not here", 404))
            if (etag := answer.headers.get("ETag")) and self.headers["If-None-Match"] == etag:
                site.unchanged.append(self.path)
                answer = Answer(status=304, headers={"ETag": etag})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = SmallSite(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def records_in(path: Path) -> list[dict[str, Any]]:
    """The records of a file of lines, each whole."""
    content = path.read_bytes()
    assert content.endswith(b"\n") or not content
    return [json.loads(line) for line in content.decode("utf-8").split("\n")[:-1]]


def into_part(file: Path, data: Path) -> Path:
    """Make a file of lines the part that a lease of a cluster has written to the data folder, with its entry."""
    part = part_name("articles/2025-05-01.jsonl", "harbour.example", 1)
    (data / part).parent.mkdir(parents=True)
    (data / entry_name(part)).parent.mkdir()
    file.rename(data / part)
    (data / entry_name(part)).write_bytes(entry({part: (data / part).stat().st_size}))
    return data / part


def assert_valid(record: Mapping[str, Any]) -> None:
    """The record is what the schema says, and it is an article or a refusal, not both."""
    VALIDATOR.validate(record)


VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


def article_html(title: str = "Bridge closed after the storm", *, head: str = "", more: str = "") -> bytes:
    """A plain page with an article of three paragraphs."""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article">{head}</head><body>
<nav><a href="/">Home</a></nav><main><article><h1>{title}</h1>
<p>The old bridge over the river was closed on Saturday after a storm damaged two of its pillars, the council said.</p>
<p>Engineers expect the repair to take until the autumn; a ferry will carry passengers until then, twice an hour.</p>
<p>Shopkeepers on the southern bank fear for their trade and have asked for a temporary footbridge by next month.</p>
{more}</article></main></body></html>""".encode()


PUBLISHED = '<meta property="article:published_time" content="2025-04-26T10:00:00+03:00">'
