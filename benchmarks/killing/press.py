"""A press of many small outlets on loopback: articles in made-up words, seeded, that come out while it is crawled."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OF_AN_OUTLET = 20  # articles
FIRST_OUT = 6  # articles of an outlet that come out together when it is founded: all of them wait, until the run's end
LONGEST_ANSWER_S = 0.02

_WHO = (
    "harbour board|parish council|ferry company|school of nursing|bakers' guild|tram depot|water authority"
    "|county library|lighthouse trust|orchard cooperative|weather office|bridge commission"
)
_DID = "approves|delays|repairs|buys|opens|sells|measures|defends|shares|rebuilds|moves|halves"
_WHAT = (
    "night timetable|new quay wall|winter budget|glass roof|second ferry|wooden footbridge|seed archive|storm shelter"
    "|reading room|flood map|apprentice scheme|market hall"
)
_WHERE = "near Aldmouth|in Brennick|on the Corrow estuary|at Dunmere lock|outside Eskerby|along the Farrow road"
_WHEN = "on Monday morning|after a long debate|before the autumn tides|during the spring fair|for the third year"
_WHY = (
    "because the old one had leaked since the flood of 2009|although two engineers had warned of the cost"
    "|so that families no longer wait an hour in the rain|while residents asked for a say in the plans"
    "|after a survey counted eleven hundred visitors a week|which the treasurer called a modest beginning"
)
_NOTICE = (
    "{outlet} is written by six people in a former chandlery; a small gift keeps its lamps on through the winter.",
    "Readers of {outlet} meet on the first Thursday of each month above the post office, and newcomers are welcome.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article, by its outlet's number."""

    outlet: int
    path: str
    title: str
    published: dt.datetime
    paragraphs: tuple[str, ...] = field(repr=False)


def stories(count: int, seed: int) -> tuple[Story, ...]:
    """So many articles with titles and addresses of their own, an outlet's one after another."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    subjects = list(itertools.product(*(words.split("|") for words in (_WHO, _DID, _WHAT))))
    return tuple(
        Story(
            outlet=number // OF_AN_OUTLET,
            path=f"/2025/{'-'.join(' '.join(subject).replace(chr(39), '').split())}-{number}",
            title=f"{subject[0][0].upper()}{subject[0][1:]} {subject[1]} the {subject[2]}",
            published=dt.datetime(2025, 1, 6, 8, tzinfo=dt.UTC) + dt.timedelta(hours=5 * number),
            paragraphs=tuple(_paragraph(chance, subject) for _ in range(chance.randint(4, 6))),
        )
        for number, subject in enumerate(chance.sample(subjects, count))
    )


def _paragraph(chance: random.Random, subject: Sequence[str]) -> str:
    who, did, what = subject
    where, when, why = (chance.choice(words.split("|")) for words in (_WHERE, _WHEN, _WHY))
    other = chance.choice(_WHO.split("|"))
    return (
        f"The {who} {did} the {what} {where} {when}, {why}. Its chair told the {other} that {chance.randint(12, 980)} "
        f"people had written in, and that a second hearing would be held {chance.choice(_WHEN.split('|'))}."
    )


class Press:
    """The outlets while they are served. ``publish`` and ``found`` bring out more; what is out stays as it is."""

    def __init__(self, all_stories: Sequence[Story]) -> None:
        self.stories = all_stories
        self.bases: list[str] = []
        self._out: list[Story] = []

    @property
    def out(self) -> list[Story]:
        """The articles that are out."""
        return list(self._out)

    def publish(self, count: int) -> None:
        """Bring out so many articles more, or all: the next ones of the outlets that are there, else new outlets."""
        end = len(self._out) + count
        while len(self._out) < min(end, len(self.stories)):
            founded = {story.outlet for story in self._out}
            held_back = [s for s in self.stories if s.outlet in founded and s not in self._out]
            self._out = [*self._out, *held_back[: end - len(self._out)]]
            if not held_back:
                self.found()

    def found(self) -> None:
        """Bring out the first articles of one more outlet, where there is one."""
        founded = {story.outlet for story in self._out}
        new = [story for story in self.stories if story.outlet not in founded]
        self._out = [*self._out, *(story for story in new[:FIRST_OUT] if story.outlet == new[0].outlet)]

    def url_of(self, story: Story) -> str:
        return self.bases[story.outlet] + story.path

    def sources(self) -> str:
        """The outlets that have come out as a sources file; every second one is read by its front page."""
        founded = sorted({story.outlet for story in self._out})
        return "\n".join(
            f'[outlet-{number}]\nurl = "{self.bases[number]}{"/" if number % 2 else "/feed.xml"}"\n'
            for number in founded
        )

    def answer(self, outlet: int, path: str) -> tuple[int, str, str]:
        """Status, type and text of what an outlet answers."""
        mine = [story for story in self._out if story.outlet == outlet]
        if path == "/feed.xml":
            return 200, "application/rss+xml", self._feed(outlet, mine)
        if path == "/":
            links = "".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in reversed(mine))
            return 200, "text/html; charset=utf-8", f"<html><title>Outlet {outlet}</title><ul>{links}</ul></html>"
        if path == "/robots.txt":
            return 200, "text/plain", "User-agent: *\nAllow: /\n"
        for story in mine:
            if story.path == path:
                return 200, "text/html; charset=utf-8", self._page(story)
        return 404, "text/plain", "not here"

    def _feed(self, outlet: int, mine: Sequence[Story]) -> str:
        items = "".join(
            f"<item><title>{escape(story.title)}</title><link>{self.url_of(story)}</link>"
            f"<pubDate>{story.published:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
            for story in reversed(mine)
        )
        return f'<rss version="2.0"><channel><title>Outlet {outlet}</title>{items}</channel></rss>'

    def _page(self, story: Story) -> str:
        name = f"The Outlet No. {story.outlet}"
        first, *rest = [f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs]
        notice = f"<p>{_NOTICE[story.outlet % len(_NOTICE)].format(outlet=name)}</p>"
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(story.title)}</title>'
            f'<link rel="canonical" href="{self.url_of(story)}"><meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{story.published.isoformat()}"></head><body>'
            f'<nav><a href="/">{name}</a></nav><main><article><h1>{escape(story.title)}</h1>'
            f"{first}{notice}{''.join(rest)}</article></main><footer>{name}, printed at the quay</footer></body></html>"
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    press: Press
    outlet: int

    def handle_error(self, request: object, client_address: object) -> None:
        """A crawl that is killed hangs up: no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body go out in two parts
    server: _Server
    timeout = 20

    def do_GET(self) -> None:
        status, kind, text = self.server.press.answer(self.server.outlet, self.path)
        body = text.encode()
        digest = hashlib.sha256(body).hexdigest()
        time.sleep(LONGEST_ANSWER_S * int(digest[:2], 16) / 255)
        tag = f'"{digest[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving(all_stories: Sequence[Story]) -> Iterator[Press]:
    """The press on loopback until the block ends, each outlet on an address of its own where the system has them."""
    press = Press(all_stories)
    with ExitStack() as stack:
        for outlet in range(all_stories[-1].outlet + 1):
            server = stack.enter_context(_bound(f"127.0.0.{outlet + 2}"))
            server.press, server.outlet = press, outlet
            press.bases.append(f"http://{server.server_address[0]!s}:{server.server_port}")
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        yield press


def _bound(host: str) -> _Server:
    try:
        return _Server((host, 0), _Handler)
    except OSError:  # only 127.0.0.1 is there (macOS)
        return _Server(("127.0.0.1", 0), _Handler)
